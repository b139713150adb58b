// SPDX-License-Identifier: Apache-2.0
//
// What the engine notes for `report`: what became of deferred mail, and what each check did.
#include <string>
#include <utility>
#include <variant>

#include "engine/engine.h"
#include "outcomes/events.h"
#include "outcomes/evidence.h"
#include "outcomes/table.h"

namespace mxward {

std::string Engine::ClientOrganisation(const SessionFacts& session) const {
  if (session.name_class != NameClass::kGood) return {};
  return organisations_.Of(session.client_name);
}

bool Engine::HasGoodEvidence(const policy::Facts& facts, const Decision& decision) const {
  return outcomes::SpeaksFor(decision, ClientOrganisation(facts.session),
                             outcomes::SenderOrganisation(facts.message.sender));
}

// A known tuple of an unsuspicious client, most of all mail, has nothing to note.
void Engine::NoteOutcome(const policy::Facts& facts, const Judged& judged, const Config& config) {
  const Decision& decision = judged.outcome.decision;
  for (const policy::Effect& effect : judged.outcome.effects) {
    const auto* change = std::get_if<policy::TryTuple>(&effect);
    if (change == nullptr || decision.reason == Reason::kGreylistKnown) continue;
    outcomes::Try one;
    one.reason = decision.reason;
    one.folded = change->fold;
    one.observing = facts.observing;
    one.before = change->before;
    one.now = judged.now;
    one.client = *facts.session.client;
    one.sender = facts.message.sender;
    one.client_organisation = ClientOrganisation(facts.session);
    one.names = outcomes::KeepsNames(config);
    outcomes_.Add(outcomes::RowsOf(one));
  }
  // Once a message: its recipients share the evidence.
  if (judged.new_evidence) outcomes_.Add(outcomes::RowsOfFindings(decision, config, judged.now));
}

greylist::LostSink Engine::NewLostSink() {
  return [this, key = services_.environment.hash_key()](
             store::WriteTransaction& transaction, const std::vector<greylist::TupleRecord>& lost) {
    return outcomes::AddRows(transaction,
                             outcomes::RowsOfLost(lost, key, outcomes::KeepsNames(*config())));
  };
}

}  // namespace mxward
