// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "facts/session_facts.h"

namespace mxward::interference {

// Numbers from a seed, the same on every machine (the distributions of <random> are not).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  // 0 to below - 1. REQUIRES: below > 0
  std::size_t Below(std::size_t below) { return static_cast<std::size_t>(engine_() % below); }
  bool Chance(unsigned percent) { return Below(100) < percent; }

 private:
  std::mt19937_64 engine_;
};

enum class Who : std::uint8_t {
  kStanding,   // a server that the site has known for weeks
  kNewcomer,   // an honest server that nobody knows, and that retries
  kBot,        // listed, nameless, dynamic or forged; most of them never retry
  kAdversary,  // all that one hostile person can do
};

struct Mail {
  std::string sender;
  std::vector<std::string> recipients;  // none: MAIL without RCPT
  bool refused = false;                 // the MTA itself refuses the recipients as unknown (5.1.1)
};

// One SMTP session from CONNECT to QUIT. Or the disk becomes as slow as it says.
struct Event {
  Who who = Who::kBot;
  std::string actor;  // for people: "good3", "listed bot", "adversary: names"
  SessionFacts session;
  std::vector<Mail> mails;
  bool sets_store_delay = false;
  Millis store_delay{};
  Millis at{};  // since the trace began; set when the trace is whole

  std::size_t recipients() const;
  // What it may take at most, with the waits for the DNS and for the store.
  Millis longest(bool slow_store) const;
  std::string ToString() const;
};

// What a site is like: its configuration, as options and lists, and which mechanisms it has.
struct Site {
  bool greylists_all = false;  // greylist.apply = "all"
  bool list_rejects = false;   // the DNS list weighs 12, or else 6
  bool allows = true;          // greylist.auto_allow_after is not 0
  std::size_t index = 0;
  std::vector<std::pair<std::string, std::string>> options() const;
  std::string list() const;  // the [[dnsbl]] as an inline table
  static constexpr std::size_t kKinds = 6;
  static Site Kind(std::size_t index) {
    return {(index % 2) != 0 || index >= 4, (index & 2U) != 0 || index == 5, index < 4, index};
  }
};

// How many addresses, and which, the actors have.
inline constexpr std::size_t kGoodServers = 8;  // each of an organisation of its own
inline constexpr std::size_t kPoolServers = 6;  // of one organisation, each in a /16 of its own
inline constexpr std::size_t kAllowances = 3;   // that the adversary has earned

SessionFacts GoodServer(std::size_t index);
SessionFacts PoolServer(std::size_t index);
// The hosts from which the adversary has earned what it may earn honestly.
SessionFacts EarningHost(std::size_t index);
// Whether the list lists this address.
bool IsListed(const IpAddress& client);
// Zones of the adversary's, each behaving as its name says.
inline constexpr const char* kServfailZone = "servfail.evil.example";
inline constexpr const char* kSilentZone = "silent.evil.example";
inline constexpr const char* kSlowZone = "slow.evil.example";
inline constexpr const char* kLyingZone = "lying.evil.example";
inline constexpr const char* kMissingZone = "missing.evil.example";
inline constexpr const char* kSpfLoopZone = "loop.evil.example";  // an SPF record without end

// What the adversary does, each biased towards a mechanism that strangers might move.
enum class Attack : std::uint8_t {
  kNamelessSweep,
  kBadDomains,
  kFlood,
  kListedHosts,
  kAnothersEnvelope,
  kNames,
  kSlowStore,
  kHarvest,
  kTls,
  kHelo,
  kNoise,
};
inline constexpr std::size_t kAttacks = 11;

// Whether the HELO name resolves to the client: its own domain's name server says so.
bool IsVerified(const Event& event);

// A trace of so many events, about half of them the adversary's, and behind them what is needed
// to see what is left of it: retries that are due and a few bots of each kind. only: the adversary
// does nothing else.
std::vector<Event> Generate(std::uint64_t seed, std::size_t events, const Site& site,
                            std::optional<Attack> only = std::nullopt);

}  // namespace mxward::interference
