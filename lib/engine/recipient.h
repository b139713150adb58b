// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "clients/client_record.h"
#include "config/config.h"
#include "engine/engine.h"
#include "engine/evidence_collector.h"
#include "engine/explanation.h"
#include "engine/session_limits.h"
#include "facts/decision.h"
#include "facts/session_facts.h"
#include "policy/inputs.h"
#include "store/shared_read.h"
#include "store/writer.h"

namespace mxward {

// What all recipients of one message have in common. Refers to what its session has.
struct Envelope {
  const SessionFacts& session;
  const MessageFacts& message;
  const std::shared_ptr<const Config>& config;
  const policy::Trust& trust;
  EvidenceCollector& collector;
  SessionLimits& limits;
};

// One recipient, from RCPT to its answer (RFC 5321 section 4.1.1.3): what is known of it, its
// decision, and what follows from that. Used by one thread, once; shorter-lived than its envelope,
// the engine and the address it was made with.
class RecipientDecision {
 public:
  RecipientDecision(Engine& engine, const Envelope& envelope, std::string_view address);
  RecipientDecision(const RecipientDecision&) = delete;
  RecipientDecision& operator=(const RecipientDecision&) = delete;

  // Asks the policy until it decides. Reads the store and waits for evidence, dns.deadline at most;
  // changes nothing, but that the message is judged by one evidence from then on.
  void Decide();
  // Applies what follows from the decision. Waits for the commit that a deferral promises, for
  // store.deadline at most. When that fails, the decision becomes that of a failure; when the store
  // is only busy, it stands, and is counted. REQUIRES: Decide()
  void Apply();
  // The decision by all evidence that can be had, and with what it rests on; nothing is applied.
  // Instead of Decide().
  Explanation Explain();
  // The MTA itself refused it, with this enhanced status code (RFC 3463). Instead of Decide().
  void NoteRefusal(std::string_view code);
  // What the message's evidence says about the world, if nobody has noted that yet: the mail
  // server's resolver, if the client is a witness (NameMonitor), and the lists themselves
  // (dnsbl::ListWatch::NoteClient). REQUIRES: Decide()
  void NoteEvidence();

  const policy::Facts& facts() const { return facts_; }
  Decision& decision() { return outcome_.decision; }
  const Decision& decision() const { return outcome_.decision; }
  // Of the decision; its effects happen at the same moment.
  WallTime now() const { return inputs_.now; }

 private:
  // Each fulfils a need of the policy; false: the store could not be read.
  bool Resolve(policy::Need need);
  bool FindEntries();
  bool LookUpTuple();
  bool FindSpfIdentity();
  const Past& PastOf();
  std::shared_ptr<const policy::Evidence> EvidenceNow();
  Result<const store::Transaction*> BeginReading();
  // Null: the trouble is noted.
  const store::Transaction* Reading();

  bool IsHeloCrowded(std::string_view helo);
  greylist::Tuple TupleOf() const;
  std::optional<greylist::OldKey> OldKeyOf(const greylist::Tuple& tuple) const;
  std::string ClientOrganisation() const;
  // As far as it is known without asking anybody.
  std::string Account() const;

  // The commit to wait for, if the decision promises one.
  std::unique_ptr<store::Ticket> Apply(const policy::Effect& effect);
  std::unique_ptr<store::Ticket> Try(const policy::TryTuple& change);
  bool TakeRoom(bool fold);

  void NoteLists();
  std::optional<Voter> WitnessOf(std::string_view list_in_question) const;
  void NoteHistory();
  void NoteOutcome();

  Engine& engine_;
  const Envelope& envelope_;
  policy::Facts facts_;
  policy::Inputs inputs_;
  policy::Outcome outcome_;
  std::string spf_organisation_;  // Identities::spf, once it is known
  bool explaining_ = false;       // nothing is to change
  bool new_evidence_ = false;     // it was needed, and not used for another recipient before
  store::SharedRead read_;
  std::optional<ClientRecord> unwritten_;  // of the client's history, from before read_ began
};

// The decision about such a recipient by the configuration in force, without any effect: nothing is
// written, counted or logged. Waits for the DNS, dns.deadline at most.
Explanation Explain(Engine& engine, SessionFacts session, const MessageFacts& message,
                    std::string_view recipient);

}  // namespace mxward
