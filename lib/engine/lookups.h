// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "dns/resolver.h"
#include "dnsbl/health.h"
#include "facts/session_facts.h"
#include "policy/evidence.h"

namespace mxward {

// So many may do something at once. Thread-safe.
template <int kMostAtOnce>
class Slots {
 public:
  static constexpr int kMost = kMostAtOnce;
  bool Enter() {
    if (taken_.fetch_add(1) < kMost) return true;
    taken_.fetch_sub(1);
    return false;
  }
  void Leave() { taken_.fetch_sub(1); }

 private:
  std::atomic<int> taken_{0};
};

// How many senders' domains are looked up at once. Each may take eleven questions, and who sends
// chooses them: they must not use up what the resolver has for the lists (dns.max_outstanding).
using SenderSlots = Slots<40>;

// The questions to the DNS about one thing (a client, its HELO, a message's sender), and what has
// come of them. Held by shared_ptr: answers may come when the session has long ended. Thread-safe.
class Lookups : public std::enable_shared_from_this<Lookups> {
 public:
  // Shared by all lookups there are; they outlive them.
  struct Services {
    dns::Resolver& resolver;
    dnsbl::Health& health;
    const Clock& clock;
    SenderSlots& sender_slots;
    bool notes = true;  // health hears what the lists answer
  };
  // Each answer moves progress.
  Lookups(Services services, std::shared_ptr<const Config> config,
          std::shared_ptr<dns::Progress> progress);

  // Starts the questions; each at most once.
  void AskAboutClient(const IpAddress& client, const std::string& verified_name);
  void AskAboutHelo(std::string_view helo);
  void AskAboutSender(std::string_view sender);

  // Adds what has come so far to evidence; what is under way is pending. Lists that `config` does
  // not have, or has differently, are left out.
  void Collect(const Config& config, policy::Evidence& evidence) const;
  // When the last of what is under way was asked; nothing when nothing is.
  std::optional<MonoTime> LastAskedPending() const;

  // The question behind a piece of evidence of a list, for its text (TXT).
  std::optional<std::string> AskedName(std::string_view list, std::string_view about) const;

 private:
  struct ListLookup {
    const DnsblConfig* list;  // in config_
    DnsblOf of;
    std::string about;
    std::string name;  // as asked; holds the list's key
    MonoTime asked{};
    MonoTime answered{};
    bool afresh = false;  // asked again, past the cache
    bool asks = true;     // false: not asked, the list's breaker is open
    dns::AnswerPtr answer;
    bool from_cache = false;
  };

  void AskList(const DnsblConfig& list, DnsblOf of, std::string about,
               std::optional<std::string> name);
  void AskNameLists(DnsblOf of, std::string_view name);
  void Ask(std::size_t index, const std::string& name, dns::Freshness freshness);
  bool IsStale(const DnsblConfig& list, const dns::Answer& answer) const;
  void ListAnswered(std::size_t index, const dns::AnswerPtr& answer, bool from_cache);
  policy::ListEvidence EvidenceOf(const ListLookup& lookup, const DnsblConfig& list) const;

  const Services services_;
  const std::shared_ptr<const Config> config_;
  const std::shared_ptr<dns::Progress> progress_;
  mutable std::mutex mutex_;
  // Below: guarded by mutex_.
  std::vector<ListLookup> lists_;
  bool asked_sender_ = false;
  bool sender_pending_ = false;
  MonoTime sender_asked_{};
  SenderDomainResult sender_;
};

}  // namespace mxward
