// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "config/config.h"
#include "dns/resolver.h"
#include "dnsbl/health.h"
#include "engine/shares.h"
#include "engine/trouble.h"
#include "facts/session_facts.h"
#include "policy/evidence.h"

namespace mxward {

// How many senders' domains are looked up at once. Each may take eleven questions, and who sends
// chooses them: they must not use up what the resolver has for the lists (dns.max_outstanding).
inline constexpr Shares::Limits kSenderSlots{
    .most = 40, .most_of_one = 4, .least_hold = Millis(1000)};

// The questions to the DNS about one thing (a client, its HELO, a message's sender), and what has
// come of them. Held by shared_ptr: answers may come when the session has long ended. Thread-safe.
class EvidenceLookups : public std::enable_shared_from_this<EvidenceLookups> {
 public:
  // Shared by all lookups there are; they outlive them.
  struct Services {
    dns::Resolver& resolver;
    dnsbl::Health& health;
    const Clock& clock;
    Shares& sender_slots;
    Trouble& trouble;
    bool notes = true;  // health and trouble hear what is answered
  };
  // Each answer moves progress.
  EvidenceLookups(Services services, std::shared_ptr<const Config> config,
                  std::shared_ptr<dns::Progress> progress);

  // Each starts its questions; to be called once, one of them alone.
  void AskAboutClient(const IpAddress& client, const std::string& verified_name);
  void AskAboutHelo(std::string_view helo);
  // client: who chose the sender.
  void AskAboutSender(std::string_view sender, const IpAddress& client);

  // Adds what has come so far to evidence; what is under way is pending.
  void Collect(policy::Evidence& evidence) const;
  // When the last of what is under way was asked; nothing when nothing is.
  std::optional<MonoTime> LastAskedPending() const;

  // The name that was queried for a list's evidence, for its text (TXT).
  std::optional<std::string> AskedName(std::string_view list, std::string_view about) const;

  // What the lists of clients have said so far, as the anomaly stop wants to hear it.
  struct ClientListing {
    dnsbl::ListWatch* list;
    bool listed;
  };
  std::vector<ClientListing> ClientListings() const;

 private:
  struct ListLookup {
    // What is asked. Does not change any more once asking has begun.
    const DnsblConfig* list;  // in config_
    dnsbl::ListWatch* watch;  // in watches_; null: the list is gone
    DnsblOf of;
    std::string about;
    dns::Question question;  // holds the list's key
    bool asks;               // false: not asked, the list's breaker is open
    MonoTime asked;
  };
  // What has come of one.
  struct ListAnswer {
    bool afresh = false;  // asked again, past the cache
    bool known = false;
    dnsbl::Meaning meaning{};
    bool from_cache = false;
    MonoTime said{};  // by the list
    MonoTime came{};
  };

  void StartTest(std::size_t place);
  bool AwaitsTest(const ListLookup& lookup) const;
  void AddList(std::size_t place, DnsblOf of, const std::string& about,
               std::optional<std::string> name);
  void AddNameLists(DnsblOf of, std::string_view said);
  void CheckSender(const std::string& domain, const IpAddress& client);
  void SenderKnown(SenderDomainResult result);
  void AskLists();
  void Ask(std::size_t index, dns::Freshness freshness);
  bool IsStale(const ListLookup& lookup, const dns::Answer& answer,
               const dnsbl::Meaning& meaning) const;
  void ListAnswered(std::size_t index, const dns::AnswerPtr& answer, bool from_cache);
  policy::ListEvidence EvidenceOf(const ListLookup& lookup, const ListAnswer& answer) const;
  Seconds AgeOf(MonoTime answered) const;

  const Services services_;
  const std::shared_ptr<const Config> config_;
  const dnsbl::Health::Watches watches_;  // of config_'s lists
  const std::shared_ptr<dns::Progress> progress_;
  std::vector<ListLookup> lists_;  // neither grows nor shrinks once asking has begun
  mutable Mutex mutex_;
  std::vector<ListAnswer> answers_ MXWARD_GUARDED_BY(mutex_);  // of lists_
  bool asked_sender_ MXWARD_GUARDED_BY(mutex_) = false;
  bool sender_pending_ MXWARD_GUARDED_BY(mutex_) = false;
  MonoTime sender_asked_ MXWARD_GUARDED_BY(mutex_){};
  SenderDomainResult sender_ MXWARD_GUARDED_BY(mutex_);
};

}  // namespace mxward
