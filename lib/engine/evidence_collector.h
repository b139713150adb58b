// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/counter.h"
#include "engine/evidence_lookups.h"
#include "engine/helo_lookup.h"
#include "engine/permission_lookups.h"
#include "engine/shares.h"
#include "engine/spf_lookup.h"
#include "facts/session_facts.h"
#include "policy/evidence.h"

namespace mxward {

// How many callbacks wait for the DNS at once. More would hold up libmilter's pool (invariant 7).
inline constexpr Shares::Limits kWaitSlots{.most = 256, .most_of_one = 16};

// What is remembered of a client, and what that says for or against it.
struct Past {
  std::optional<ClientRecord> record;
  StandingResult standing;
};

// One session's evidence: what it has asked, how long it has waited, and what a message is judged
// by. Used as its Session is: by one thread at a time.
class EvidenceCollector {
 public:
  enum class Purpose : std::uint8_t {
    kJudge,
    kExplain,  // what the lists answer changes nothing that is remembered of them
  };
  // All outlive it. Without a resolver nobody is asked.
  struct Services {
    dns::Resolver* resolver = nullptr;
    dnsbl::Health& health;
    const Clock& clock;
    Shares& slots;
    Shares& sender_slots;
    Trouble& trouble;
    spf::Evaluations& spf;
    PermissionBudgets& permissions;
    SpfFailures& spf_failures;
    Counter& waits;
    Counter& waits_given_up;
    Purpose purpose = Purpose::kJudge;
  };
  explicit EvidenceCollector(Services services)
      : services_(services),
        permissions_({services.resolver, services.permissions, services.clock,
                      services.purpose == Purpose::kJudge}) {}

  // Each starts what can be asked from then on. Not called for a client that is not checked.
  // The last HELO counts. A session is asked about kMostHelos names and kMostSenders domains at
  // most; of further ones nothing is found out.
  void Connect(const SessionFacts& session, std::shared_ptr<const Config> config);
  void Helo(std::string_view name);
  void Mail(const SessionFacts& session, std::string_view sender,
            std::shared_ptr<const Config> config);
  // Looks up the address of the last HELO name, if that has not been done for this message.
  void AskHeloAddress(const SessionFacts& session);
  // Has SPF evaluated for the message, if that has not been begun. MAIL has come.
  void AskSpf(const SessionFacts& session, const MessageFacts& message);
  // SPF has been evaluated, and passes for the domain of the message's sender.
  bool SenderPasses() const;
  // What SPF says of the message, for the question of who sends for one domain: evaluated now if
  // nobody has asked, and waited for within the session's wait. Changes nothing that the message
  // is judged by. MAIL has come.
  policy::Evidence::Spf AwaitSpf(const SessionFacts& session, const MessageFacts& message);
  // The same as far as it is known, whoever has asked.
  policy::Evidence::Spf Spf() const;
  // What rules, entries or limits have to know: evaluated now, if nobody has asked before, and
  // waited for within the session's wait. Changes nothing that the message is scored by.
  policy::Permissions AwaitPermissions(const SessionFacts& session, const MessageFacts& message,
                                       const policy::PermissionRequest& request);
  // What was found about the message is dropped.
  void EndMessage();
  // The client's past, for all recipients of a message alike; set by the first that needs it.
  std::optional<Past>& past() { return past_; }
  const std::optional<Past>& past() const { return past_; }
  // Nothing is asked, and nothing found, about the session and its messages from now on.
  void Reset();

  static constexpr std::size_t kMostHelos = 5;
  static constexpr std::size_t kMostSenders = 100;

  // What the message is judged by; null until Freeze() was called for one of its recipients.
  const std::shared_ptr<const policy::Evidence>& frozen() const { return frozen_; }
  // What is known now.
  policy::Evidence Current();
  // Waits until more is known or no more will be: then what was pending is unknown. The session
  // waits dns.deadline in all, and for each question no longer than that since it was asked; and
  // less when too many wait, and its network has more of them than others (Shares).
  void WaitForMore();
  // The message's other recipients are judged by this as well. True the first time.
  bool Freeze(std::shared_ptr<const policy::Evidence> evidence);

  // What the lists of clients say about this one. Valid until the session's next event.
  std::vector<EvidenceLookups::ClientListing> ClientListings() const;

  // The text (TXT) of a listing, within what is left of the session's wait; "" when there is
  // none, or none in time.
  std::string ListText(const policy::ListEvidence& said);

 private:
  std::shared_ptr<EvidenceLookups> New() const;
  void StartSpf(const SessionFacts& session, const MessageFacts& message);
  void AskAboutClient(const SessionFacts& session);
  void AskAboutHelo();
  // All lookups there are.
  std::array<std::shared_ptr<EvidenceLookups>, 3> All() const {
    return {client_lookups_, helo_lookups_, sender_lookups_};
  }
  // For answers to what was asked last at that time. False when no more is to be waited for.
  bool WaitForAnswers(MonoTime asked);
  // False when nothing came by then, or others take the place of who waits.
  bool Wait(MonoTime until);

  Services services_;
  std::shared_ptr<const Config> config_;
  std::shared_ptr<dns::Progress> progress_;
  IpAddress client_;           // whose share of all waits this one's are
  bool about_client_ = false;  // it has a public address
  std::string helo_;
  std::set<std::string> helos_;                      // asked about in this session
  std::set<std::string> senders_;                    // likewise
  std::shared_ptr<EvidenceLookups> client_lookups_;  // about the client and its name
  std::shared_ptr<EvidenceLookups> helo_lookups_;    // about its HELO
  std::shared_ptr<EvidenceLookups> sender_lookups_;  // about the sender
  std::shared_ptr<SpfLookup> spf_lookup_;            // likewise
  std::shared_ptr<HeloLookup> helo_address_;
  bool judges_by_spf_ = false;  // it is evidence, whoever else asked for it
  PermissionLookups permissions_;
  std::shared_ptr<const policy::Evidence> frozen_;
  std::optional<Past> past_;
  std::uint64_t seen_ = 0;  // of progress_, when Current() last looked
  bool gave_up_ = false;    // on this message's pending answers
  Millis waited_{};
};

}  // namespace mxward
