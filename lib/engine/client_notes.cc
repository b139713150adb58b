// SPDX-License-Identifier: Apache-2.0
//
// What the engine notes of clients, and what that says of them: history, the share of names and
// listings, refusals of the MTA.
#include <optional>
#include <string_view>
#include <utility>

#include "base/client_network.h"
#include "base/siphash.h"
#include "engine/engine.h"
#include "policy/trust.h"

namespace mxward {

// One that has a whole /64 is one client.
std::uint64_t Engine::HashClient(const IpAddress& client) const {
  const Prefix one = ClientNetwork(client);
  return SipHash(services_.environment.hash_key(), one.address().view());
}

void Engine::NoteClient(const SessionFacts& session) {
  nat_watch_.Note(*session.client);
  history_.NoteConnection(*session.client, session.name_class);
  recent_clients_.NoteConnection(*session.client);
  if (session.client->IsPrivate() || session.client->IsLoopback()) return;
  name_monitor_->NoteClient(session.mta_name, *session.client, session.name_class);
}

// One that cannot be read says nothing: the tuple's record is read next, and tells of the trouble.
const Past& Engine::PastOf(const policy::Facts& facts, Gathering& gathering) const {
  std::optional<Past>& known = gathering.past();
  if (known) return *known;
  known.emplace();
  // Nothing is said of a private address (policy::AddUp).
  if (facts.session.client->IsPrivate() || facts.session.client->IsLoopback()) return *known;
  auto record = history_.Get(*facts.session.client);
  if (record && *record) {
    known->standing =
        StandingOf(**record, facts.session.name_class == NameClass::kGood, services_.clock.Now());
    known->record = *std::move(*record);
  }
  return *known;
}

std::optional<Voter> Engine::WitnessOf(const policy::Facts& facts,
                                       std::string_view list_in_question,
                                       const Gathering& gathering) const {
  const auto& past = gathering.past();
  if (!past || !past->record) return std::nullopt;
  return mxward::WitnessOf(*past->record, list_in_question, *facts.session.client,
                           services_.environment.hash_key(), services_.clock.Now());
}

void Engine::NoteWitness(const policy::Facts& facts, const Judged& judged,
                         const Gathering& gathering) {
  if (!judged.new_evidence || !facts.session.client) return;
  if (const auto witness = WitnessOf(facts, "", gathering)) {
    name_monitor_->NoteWitness(facts.session.mta_name, *witness, facts.session.name_class);
  }
}

void Engine::NoteLists(const policy::Facts& facts, const Judged& judged,
                       const Gathering& gathering) {
  if (!judged.new_evidence || !facts.session.client) return;
  for (const policy::ListEvidence& said : gathering.evidence().lists) {
    const bool listed = said.counts && said.meaning.state == dnsbl::State::kListed;
    if (listed && said.of == DnsblOf::kClient && said.meaning.score > 0) {
      history_.NoteListed(*facts.session.client, said.list);
    }
  }
  const auto listings = gathering.ClientListings();
  if (listings.empty()) return;
  const std::uint64_t client = HashClient(*facts.session.client);
  std::uint64_t said = 0;
  for (const auto& [list, listed] : listings) {
    said = said * 31 + reinterpret_cast<std::uintptr_t>(list) + (listed ? 1 : 0);
  }
  if (noted_clients_.Lately(client, said, services_.clock.Monotonic())) return;
  const HashKey& key = services_.environment.hash_key();
  const Voter voter{OrganisationHash(key, ClientOrganisation(facts.session)),
                    NetworkHash(key, *facts.session.client)};
  for (const auto& [list, listed] : listings) {
    // A client that another list has now is no witness: two lists agree.
    const bool elsewhere = std::any_of(
        listings.begin(), listings.end(),
        [list = list](const auto& other) { return other.list != list && other.listed; });
    const auto witness = elsewhere ? std::nullopt : WitnessOf(facts, list->Name(), gathering);
    list->NoteClient(witness.value_or(voter), witness.has_value(), listed);
  }
}

void Engine::NoteHistory(const policy::Facts& facts, const Decision& decision,
                         const Config& config) {
  if (policy::TrustOf(facts.session, facts.message, config.trust) != policy::Trust::kNone) return;
  if (decision.reason == Reason::kFailure) return;
  History::Recipient what = History::Recipient::kPassed;
  switch (decision.verdict) {
    case Verdict::kAccept:
      break;
    case Verdict::kDefer:
      what = History::Recipient::kDeferred;
      break;
    case Verdict::kReject:
      what = decision.against_client ? History::Recipient::kRejected : History::Recipient::kRefused;
      break;
  }
  const std::uint32_t organisation =
      OrganisationHash(services_.environment.hash_key(), ClientOrganisation(facts.session));
  history_.NoteRecipient(*facts.session.client, what, organisation);
  recent_clients_.NoteRecipient(*facts.session.client, what);
}

void Engine::NoteRefusal(const policy::Facts& facts, std::string_view code, const Config& config,
                         Limiting& limiting) {
  // No such mailbox, or not any more. A relay denial, a full mailbox or a broken backend tells
  // nothing about who asks; and 5.1.0 is what Postfix says at RCPT of an unknown sender.
  if (code != "5.1.1" && code != "5.1.6") return;
  if (policy::TrustOf(facts.session, facts.message, config.trust) != policy::Trust::kNone) return;
  history_.NoteRecipient(*facts.session.client, History::Recipient::kBad);
  recent_clients_.NoteRecipient(*facts.session.client, History::Recipient::kBad);
  limiting.NoteBadRecipient(facts, config);
}

}  // namespace mxward
