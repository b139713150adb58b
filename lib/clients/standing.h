// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/enum_words.h"
#include "base/ip_address.h"
#include "base/siphash.h"
#include "clients/client_record.h"

namespace mxward {

// What a client's history says about it. Pure.
enum class Standing : std::uint8_t { kNone, kGood, kBad };
constexpr auto EnumWordsOf(Standing) {
  return EnumWords<Standing>(
      {{Standing::kNone, "none"}, {Standing::kGood, "good"}, {Standing::kBad, "bad"}});
}
struct StandingResult {
  Standing standing = Standing::kNone;
  std::string detail;  // for people: "passed on 12 days since 2026-01-05"
};
// good: a good name now, recipients passed on at least 5 days over at least 14, under 10 % of its
// recipients bad, no listing for 30 days. Deferred recipients come back and would count again, and
// rejected ones may exist or not: the share is of those that passed or were bad.
// bad: at least three recipients rejected because of the client itself, or harvesting, the last of
// it within 30 days, and nothing ever passed within lifetime. Never from greylisting. Times from
// the future count as now.
StandingResult StandingOf(const ClientRecord& record, bool good_name, WallTime now);

// Who may bear witness to the state of the world outside: that the mail server's resolver is
// broken, that a DNS list lists the innocent. Whatever is switched off for everybody is switched
// off by these witnesses, or by probes of our own, and by nobody else (invariant 11). One
// definition for all such mechanisms.
//
// Standing: recipients of the client passed on at least five days, over at least fourteen, and on
// each of these days it had a good name; under 10 % of its recipients were unknown; and no DNS list
// has listed it for thirty days, but for the list in question. It is the client's own, by its
// address or its /64: what its organisation or its network has earned (allowances) counts for
// nothing. Times from the future count as now.
//
// So nobody has standing at a site of less than fourteen days; then mechanisms that need witnesses
// rest. What it costs a stranger: a domain, a network and two weeks of good behaviour for each
// vote.
inline constexpr Seconds kStandingSpan{14 * 86400};
bool HasStanding(const ClientRecord& record, std::string_view list_in_question, WallTime now);

// Whom a client speaks for. Keyed hashes, so that nobody can choose one.
struct Voter {
  std::uint32_t organisation = 0;  // OrganisationHash() of the good name; 0: it has none
  std::uint64_t network = 0;       // its /24 or /48
  bool operator==(const Voter&) const = default;
};
std::uint64_t NetworkHash(const HashKey& key, const IpAddress& client);

// The witness that a client of standing is; nothing for one without.
std::optional<Voter> WitnessOf(const ClientRecord& record, std::string_view list_in_question,
                               const IpAddress& client, const HashKey& key, WallTime now);

// What witnesses have said lately about one thing: yes, something is wrong, or no.
//
// Witnesses that share an organisation, a /24 or a /48 are one vote: each organisation counts once,
// by what the last of its witnesses said, and of the organisations that say the same in one network
// only one. Nobody can make another organisation's vote count for less. The window is the last ten
// minutes where there were at least kEnough votes in them, so that a busy site notices soon, else
// the last hour, so that a small one has votes at all.
//
// Bounded: kMost organisations; the one heard of longest ago gives way. Time that goes backwards
// stands still. Not thread-safe.
class VoteWindow {
 public:
  static constexpr Seconds kShort{600};
  static constexpr Seconds kLong{3600};
  static constexpr std::size_t kEnough = 20;
  static constexpr std::size_t kQuorum = 5;
  static constexpr std::size_t kMost = 2048;

  struct Votes {
    std::size_t yes = 0;
    std::size_t no = 0;
    std::size_t all() const { return yes + no; }
    // At least five votes, and over half of all. Both are needed to conclude that something is
    // wrong.
    bool Carried() const { return yes >= kQuorum && yes > no; }
  };

  VoteWindow() = default;
  // It holds places in its own memory.
  VoteWindow(const VoteWindow&) = delete;
  VoteWindow& operator=(const VoteWindow&) = delete;

  // REQUIRES: it has an organisation (WitnessOf)
  void Add(const Voter& witness, bool yes, MonoTime now);
  // Costs time in proportion to the window.
  Votes Get(MonoTime now);
  // Cheap: false when Get() cannot be Carried().
  bool MayCarry() const { return yes_ >= kQuorum; }
  void Clear();

 private:
  struct Said {
    Voter witness;
    bool yes;
    MonoTime at;
  };
  Votes Count(Millis span, MonoTime now) const;
  void Drop(std::list<Said>::iterator said);

  std::list<Said> by_age_;  // what was said longest ago first
  std::unordered_map<std::uint32_t, std::list<Said>::iterator> places_;  // by organisation
  std::size_t yes_ = 0;
};

}  // namespace mxward
