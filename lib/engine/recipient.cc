// SPDX-License-Identifier: Apache-2.0
#include "engine/recipient.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "base/canonical_address.h"
#include "base/client_network.h"
#include "base/siphash.h"
#include "clients/organisation.h"
#include "entries/table.h"
#include "greylist/old_form.h"
#include "greylist/sender.h"
#include "greylist/table.h"
#include "match/accounts.h"
#include "outcomes/events.h"
#include "outcomes/evidence.h"
#include "outcomes/new_findings.h"
#include "policy/entry_check.h"
#include "policy/permissions.h"
#include "policy/policy.h"

namespace mxward {
namespace {

// Folded tuples in one unit of PendingCounts: eight bytes each, in pages filled by two thirds.
constexpr std::uint64_t kFoldedInOneUnit = 5;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

RecipientDecision::RecipientDecision(Engine& engine, const Envelope& envelope,
                                     std::string_view address)
    : engine_(engine),
      envelope_(envelope),
      facts_{envelope.session,
             envelope.message,
             address,
             engine.Observing(*envelope.config),
             engine.name_monitor().Trust(envelope.session.mta_name),
             !engine.environment().ready(),
             envelope.trust},
      inputs_(facts_, *envelope.config, engine.clock().Now()),
      read_(engine.environment()) {}

void RecipientDecision::Decide() {
  envelope_.limits.Recipient(facts_, inputs_.config);
  for (;;) {
    auto said = policy::Decide(inputs_);
    if (auto* outcome = std::get_if<policy::Outcome>(&said)) {
      outcome_ = std::move(*outcome);
      break;
    }
    if (Resolve(std::get<policy::Need>(said))) continue;
    outcome_ = policy::FailureOutcome(inputs_.config);
    // What makes the store unreadable may need a write to be repaired (store::Environment::Write),
    // and who cannot read has nothing to write.
    engine_.writer().Submit([](store::WriteTransaction&) -> Result<void> { return {}; },
                            store::Priority::kLow);
    break;
  }
  read_.End();
  outcome_.decision.account = Account();
  new_evidence_ = inputs_.evidence != nullptr && envelope_.collector.Freeze(inputs_.evidence);
}

bool RecipientDecision::Resolve(policy::Need need) {
  switch (need) {
    case policy::Need::kEntries:
      return FindEntries();
    case policy::Need::kLimits:
      facts_.account = policy::AccountOf(facts_, inputs_.permissions).value_or("");
      envelope_.limits.CountForAccount(facts_, inputs_.config);
      inputs_.limits = envelope_.limits.Look(facts_, inputs_.config);
      return true;
    case policy::Need::kHistory:
      inputs_.history = PastOf().standing;
      return true;
    case policy::Need::kEvidence:
      inputs_.SetEvidence(EvidenceNow());
      return true;
    case policy::Need::kMoreEvidence:
      read_.End();
      envelope_.collector.WaitForMore();
      inputs_.SetEvidence(EvidenceNow());
      return true;
    case policy::Need::kHeloAddress:
      inputs_.helo_requested = true;
      envelope_.collector.AskHeloAddress(facts_.session);
      inputs_.SetEvidence(EvidenceNow());
      return true;
    case policy::Need::kSpf:
      inputs_.spf_requested = true;
      envelope_.collector.AskSpf(facts_.session, facts_.message);
      inputs_.SetEvidence(EvidenceNow());
      return true;
    case policy::Need::kPermissions:
      read_.End();
      inputs_.SetPermissions(
          envelope_.collector.AwaitPermissions(facts_.session, facts_.message, inputs_.wanted));
      return true;
    case policy::Need::kListText:
      read_.End();
      inputs_.list_text =
          envelope_.collector.ListText(inputs_.evidence->lists[*inputs_.score->top_listing]);
      return true;
    case policy::Need::kGreylist:
      return LookUpTuple();
    case policy::Need::kSpfIdentity:
      return FindSpfIdentity();
  }
  return false;
}

Result<const store::Transaction*> RecipientDecision::BeginReading() {
  if (!read_.open() && !envelope_.collector.past() && facts_.session.client) {
    unwritten_ = engine_.history().UnwrittenOf(*facts_.session.client);
  }
  return read_.Begin();
}

const store::Transaction* RecipientDecision::Reading() {
  const auto begun = BeginReading();
  if (begun) return *begun;
  engine_.store_trouble().Failed(begun.error(), inputs_.config.on_failure);
  return nullptr;
}

bool RecipientDecision::FindEntries() {
  if (engine_.entry_index().empty()) {
    inputs_.entries.emplace();
    return true;
  }
  if (engine_.environment().ready() && Reading() == nullptr) return false;
  const entries::Index& index = engine_.entry_index();
  std::string account;
  if (index.Has(entries::Kind::kAccount)) account = policy::PossibleAccount(facts_);
  auto found = entries::Match(read_, index, policy::QuestionOf(facts_, account), inputs_.now);
  if (!found) {
    engine_.store_trouble().Failed(found.error(), inputs_.config.on_failure);
    return false;
  }
  inputs_.entries = std::move(*found);
  return true;
}

bool RecipientDecision::LookUpTuple() {
  inputs_.tuple = TupleOf();
  // A limit asks; nothing is known of anybody.
  if (facts_.store_absent) {
    inputs_.greylist.emplace();
    return true;
  }
  const store::Transaction* transaction = Reading();
  if (transaction == nullptr) return false;
  greylist::Tuple& tuple = *inputs_.tuple;
  auto lookup = greylist::LookUp(*transaction, tuple, inputs_.now, inputs_.terms());
  if (lookup && !lookup->record && !lookup->folded) {
    tuple.old = OldKeyOf(tuple);
    if (tuple.old) lookup = greylist::LookUp(*transaction, tuple, inputs_.now, inputs_.terms());
  }
  if (!lookup) {
    engine_.store_trouble().Failed(lookup.error(), inputs_.config.on_failure);
    return false;
  }
  inputs_.greylist = std::move(*lookup);
  // Asked only about a tuple that would begin; for all the others it would be four cache misses.
  if (!inputs_.greylist->record) {
    inputs_.greylist->pending_of_client =
        engine_.pending_counts().Get(tuple.identities.client_tag());
  }
  return true;
}

// Of whom SPF lets send there may be another record.
bool RecipientDecision::FindSpfIdentity() {
  inputs_.spf_identity_requested = true;
  read_.End();
  const policy::Evidence::Spf spf = envelope_.collector.AwaitSpf(facts_.session, facts_.message);
  if (spf.report == nullptr || spf.report->is_helo || !spf.report->carries_identity) return true;
  spf_organisation_ = OrganisationalDomain(spf.report->domain);
  return spf_organisation_.empty() || LookUpTuple();
}

// If it cannot be read it is ignored: the tuple's record is read next, and reports the failure.
const Past& RecipientDecision::PastOf() {
  std::optional<Past>& known = envelope_.collector.past();
  if (known) return *known;
  const IpAddress& client = *facts_.session.client;
  // Nothing is said of a private address (policy::ComputeScore).
  if (client.IsPrivate() || client.IsLoopback()) return known.emplace();
  const auto transaction = BeginReading();
  known.emplace();
  if (!transaction) return *known;
  auto record = engine_.history().Get(client, unwritten_, **transaction);
  if (record && *record) {
    known->standing =
        StandingOf(**record, facts_.session.name_class == NameClass::kGood, inputs_.now);
    known->record = *std::move(*record);
  }
  return *known;
}

std::shared_ptr<const policy::Evidence> RecipientDecision::EvidenceNow() {
  if (auto frozen = envelope_.collector.frozen()) return frozen;
  policy::Evidence evidence = envelope_.collector.Current();
  evidence.name_trust = facts_.name_trust;
  evidence.tls_offer = engine_.tls_monitor().OfferAt(ListenerOf(facts_.session));
  evidence.new_findings_from = engine_.new_findings().CountFrom();
  evidence.history = PastOf().standing;
  if (evidence.helo.resolves) evidence.helo.crowded = IsHeloCrowded(evidence.helo.name);
  return std::make_shared<const policy::Evidence>(std::move(evidence));
}

// Of what organisations may verify, a client that has been here before takes nothing.
bool RecipientDecision::IsHeloCrowded(std::string_view helo) {
  const auto& record = PastOf().record;
  if (record && record->passed_on.days > 1) return false;
  const IpAddress& client = *facts_.session.client;
  return explaining_ ? !engine_.verified_helos().WouldAdmit(helo, client)
                     : !engine_.verified_helos().Admit(helo, client);
}

greylist::Tuple RecipientDecision::TupleOf() const {
  const HashKey& key = engine_.environment().hash_key();
  greylist::Tuple tuple;
  tuple.client = *facts_.session.client;
  // Cut here, as the record will be: what waits in the writer's queue has to be bounded, too.
  constexpr std::size_t kMost = greylist::TupleRecord::kMaxAddress;
  tuple.sender = facts_.message.sender.substr(0, kMost);
  tuple.recipient = facts_.recipient.substr(0, kMost);
  tuple.cut = facts_.message.sender.size() > kMost || facts_.recipient.size() > kMost;
  tuple.identities =
      greylist::IdentitiesOf(facts_.session, ClientOrganisation(), inputs_.config.greylist, key);
  tuple.identities.spf = spf_organisation_;
  if (!spf_organisation_.empty() && spf_organisation_ == ClientOrganisation()) {
    tuple.identities.organisation_hash = greylist::HashOrganisation(key, spf_organisation_);
  }
  const CanonicalAddress sender(facts_.message.sender);
  const CanonicalAddress recipient(facts_.recipient);
  tuple.addresses =
      greylist::HashAddresses(key, FoldSender(sender.text(), recipient.text()), recipient.text());
  return tuple;
}

std::optional<greylist::OldKey> RecipientDecision::OldKeyOf(const greylist::Tuple& tuple) const {
  const HashKey& key = engine_.environment().hash_key();
  greylist::OldKey old{tuple.addresses, tuple.identities.network_hash};
  if (!CanonicalAddress(facts_.message.sender).as_given() ||
      !CanonicalAddress(facts_.recipient).as_given()) {
    const greylist::OldForm form = greylist::OldFormOf(facts_.message.sender, facts_.recipient);
    old.addresses = greylist::HashAddresses(key, form.sender, form.recipient);
  }
  if (facts_.session.told_client) {
    old.network_hash = greylist::HashPrefix(
        key, greylist::NetworkOf(*facts_.session.told_client, inputs_.config.greylist));
  }
  if (old.addresses == tuple.addresses && old.network_hash == tuple.identities.network_hash) {
    return std::nullopt;
  }
  return old;
}

std::string RecipientDecision::ClientOrganisation() const {
  return engine_.OrganisationOf(facts_.session);
}

std::string RecipientDecision::Account() const {
  // Who has logged in, and whose mail a relay brings, is somebody else.
  if (facts_.trust != policy::Trust::kNone) return {};
  const std::string& sender = facts_.message.sender;
  std::string account = AccountByName(sender, facts_.session.client_name);
  if (account.empty() && envelope_.collector.SenderPasses()) account = policy::AccountBySpf(sender);
  return account;
}

void RecipientDecision::Apply() {
  std::unique_ptr<store::Ticket> promise;
  for (const policy::Effect& effect : outcome_.effects) {
    if (auto ticket = Apply(effect)) promise = std::move(ticket);
  }
  NoteHistory();
  // Nothing is enforced while observing: nothing to wait for.
  if (promise != nullptr && !facts_.observing) {
    const auto committed = promise->Wait(inputs_.config.store.deadline);
    if (!committed && !store::IsLoad(committed.error())) {
      engine_.store_trouble().Failed(committed.error(), inputs_.config.on_failure);
      outcome_ = policy::FailureOutcome(inputs_.config);
      return;
    }
    // Otherwise a flood could make itself pass.
    if (!committed) {
      decision().findings.push_back(
          {Check::kNotRecorded, "", 0, Detail().Say(committed.error().message)});
      engine_.store_trouble().DeferredWithoutRecord(committed.error());
    }
  }
  NoteOutcome();
}

std::unique_ptr<store::Ticket> RecipientDecision::Apply(const policy::Effect& effect) {
  std::unique_ptr<store::Ticket> promise;
  store::Writer& writer = engine_.writer();
  const auto submit = [&writer](store::Operation operation) {
    writer.Submit(std::move(operation), store::Priority::kLow);
  };
  std::visit(
      Overloaded{
          [&](const policy::TryTuple& change) { promise = Try(change); },
          [&](const policy::CreditAutoAllow& credit) {
            submit(greylist::CreditAutoAllow(credit.identity_hash, credit.identity, now(),
                                             envelope_.config));
          },
          [&](const policy::CreditOrganisation& credit) {
            submit(greylist::CreditOrganisation(
                greylist::HashOrganisation(engine_.environment().hash_key(), credit.organisation),
                "organisation:" + credit.organisation, credit.client, now(), envelope_.config));
          },
          [&](const policy::TouchAutoAllow& touch) {
            submit(greylist::TouchAutoAllow(touch.identity_hash, now()));
          },
          [&](const policy::RevokeAutoAllow&) {
            submit(greylist::RevokeAutoAllow(TupleOf().identities.client_hash, now()));
          },
          [&](const policy::CountUnremembered&) { engine_.counters().unremembered.Add(); },
          [&](const policy::CountRecipient&) {
            envelope_.limits.CountRecipient(facts_, inputs_.config);
          },
          [&](const policy::CountDenials& count) {
            envelope_.limits.CountDenials(count.states, inputs_.config);
          },
          [&](const policy::ReturnConnection&) {
            envelope_.limits.ReturnConnection(facts_.session, inputs_.config);
          },
          [&](const policy::NoteHarvest&) {
            engine_.history().NoteHarvest(*facts_.session.client);
          },
          [&](const policy::CountRules& count) { engine_.rule_counts().Add(count.hits, now()); }},
      effect);
  return promise;
}

std::unique_ptr<store::Ticket> RecipientDecision::Try(const policy::TryTuple& change) {
  const HashKey& key = engine_.environment().hash_key();
  greylist::Tuple& tuple = *inputs_.tuple;
  if (change.fold) engine_.counters().folded.Add();
  if (change.ends && !change.fold) {
    engine_.pending_counts().Remove(greylist::PendingCounts::ShareOf(*change.before, key));
  }
  if (change.must_commit_before_reply) {
    tuple.good_evidence = outcomes::SpeaksFor(decision(), ClientOrganisation(),
                                              outcomes::SenderOrganisation(facts_.message.sender));
  }
  if (change.must_commit_before_reply || change.fold)
    tuple.holder = greylist::HolderOf(key, tuple.client);
  if ((change.starts || (change.fold && change.must_commit_before_reply)) &&
      !TakeRoom(change.fold)) {
    decision().findings.push_back(
        {Check::kNotRecorded, "", 0, Detail().Say("its network has too many pending tuples")});
    return nullptr;
  }
  greylist::Try one;
  one.tuple = tuple;
  one.fold = change.fold;
  one.now = now();
  one.flags = {facts_.observing, change.must_commit_before_reply, change.ends};
  one.delay = change.delay;
  auto record = greylist::RecordTry(std::move(one), envelope_.config);
  store::Writer& writer = engine_.writer();
  if (change.must_commit_before_reply) return writer.SubmitFor(tuple.client, std::move(record));
  writer.Submit(std::move(record), change.ends ? store::Priority::kHigh : store::Priority::kLow);
  return nullptr;
}

// Counts a tuple that begins to wait; false when there is no room for it.
bool RecipientDecision::TakeRoom(bool fold) {
  const greylist::Tuple& tuple = *inputs_.tuple;
  if (!engine_.pending_room().Admits(tuple.holder)) return false;
  if (fold) {
    const std::uint32_t room = tuple.addresses % kFoldedInOneUnit == 0 ? 1 : 0;
    engine_.pending_counts().Add({tuple.holder, room, /*folded=*/1});
  } else {
    engine_.pending_counts().Add(
        {tuple.holder, greylist::RoomOfNew(tuple, inputs_.config.greylist.privacy)});
  }
  return true;
}

void RecipientDecision::NoteEvidence() {
  if (!new_evidence_ || !facts_.session.client) return;
  if (const auto witness = WitnessOf("")) {
    engine_.name_monitor().NoteWitness(facts_.session.mta_name, *witness,
                                       facts_.session.name_class);
    if (!facts_.session.tls) {
      engine_.tls_monitor().NoteClear(ListenerOf(facts_.session), *witness,
                                      envelope_.collector.past()->record->tls);
    }
  }
  NoteLists();
}

std::optional<Voter> RecipientDecision::WitnessOf(std::string_view list_in_question) const {
  const auto& past = envelope_.collector.past();
  if (!past || !past->record) return std::nullopt;
  return mxward::WitnessOf(*past->record, list_in_question, *facts_.session.client,
                           engine_.environment().hash_key(), now());
}

void RecipientDecision::NoteLists() {
  const IpAddress& client = *facts_.session.client;
  for (const policy::ListEvidence& said : inputs_.evidence->lists) {
    const bool listed = said.scored && said.meaning.state == dnsbl::State::kListed;
    if (listed && said.of == DnsblOf::kClient && said.meaning.score > 0) {
      engine_.history().NoteListed(client, said.list);
    }
  }
  const auto listings = envelope_.collector.ClientListings();
  if (listings.empty()) return;
  std::uint64_t said = 0;
  for (const auto& [list, listed] : listings) {
    said = said * 31 + reinterpret_cast<std::uintptr_t>(list) + (listed ? 1 : 0);
  }
  const HashKey& key = engine_.environment().hash_key();
  // One that has a whole /64 is one client.
  const std::uint64_t hash = SipHash(key, ClientNetwork(client).address().view());
  if (engine_.noted_clients().CheckAndInsert(hash, said, engine_.clock().Monotonic())) return;
  const Voter voter{OrganisationHash(key, ClientOrganisation()), NetworkHash(key, client)};
  for (const auto& [list, listed] : listings) {
    // A client that another list has now is not a witness: two lists agree.
    const bool elsewhere = std::any_of(
        listings.begin(), listings.end(),
        [list = list](const auto& other) { return other.list != list && other.listed; });
    const auto witness = elsewhere ? std::nullopt : WitnessOf(list->Name());
    list->NoteClient(witness.value_or(voter), witness.has_value(), listed);
  }
}

void RecipientDecision::NoteHistory() {
  if (facts_.trust != policy::Trust::kNone || decision().reason == Reason::kFailure) return;
  History::Recipient what = History::Recipient::kPassed;
  switch (decision().verdict) {
    case Verdict::kAccept:
      break;
    case Verdict::kDefer:
      what = History::Recipient::kDeferred;
      break;
    case Verdict::kReject:
      what =
          decision().against_client ? History::Recipient::kRejected : History::Recipient::kRefused;
      break;
  }
  const Passing passing{OrganisationHash(engine_.environment().hash_key(), ClientOrganisation()),
                        facts_.session.tls};
  engine_.history().NoteRecipient(*facts_.session.client, what, passing);
  engine_.recent_clients().NoteRecipient(*facts_.session.client, what);
}

void RecipientDecision::NoteRefusal(std::string_view code) {
  // No such mailbox, or not any more. A relay denial, a full mailbox or a broken backend says
  // nothing about who asks; and 5.1.0 is what Postfix says at RCPT of an unknown sender.
  if (code != "5.1.1" && code != "5.1.6") return;
  if (facts_.trust != policy::Trust::kNone) return;
  engine_.history().NoteRecipient(*facts_.session.client, History::Recipient::kBad);
  engine_.recent_clients().NoteRecipient(*facts_.session.client, History::Recipient::kBad);
  envelope_.limits.NoteBadRecipient(facts_, inputs_.config);
}

namespace {

outcomes::NewClient NewClientOf(const SessionFacts& session) {
  outcomes::NewClient client;
  if (session.name_class == NameClass::kGood) client.verified_name = session.client_name;
  if (session.client) client.address = *session.client;
  return client;
}

}  // namespace

// For `report`: what became of deferred mail, and what each check did. A known tuple of an
// unsuspicious client, most of all mail, has nothing to note.
void RecipientDecision::NoteOutcome() {
  outcomes::Outcomes& outcomes = engine_.outcomes();
  for (const policy::Effect& effect : outcome_.effects) {
    const auto* change = std::get_if<policy::TryTuple>(&effect);
    if (change == nullptr || decision().reason == Reason::kGreylistKnown) continue;
    outcomes::Try one;
    one.reason = decision().reason;
    one.folded = change->fold;
    one.observing = facts_.observing;
    one.before = change->before;
    one.now = now();
    one.client = *facts_.session.client;
    one.sender = facts_.message.sender;
    one.client_organisation = ClientOrganisation();
    one.names = outcomes::KeepsNames(inputs_.config);
    outcomes.Add(outcomes::RowsOf(one));
    outcomes.Add(outcomes::RowsOfDelayed(decision(), inputs_.config, NewClientOf(facts_.session),
                                         one.names, now()));
  }
  // Once a message: its recipients share the evidence.
  if (new_evidence_) {
    outcomes.Add(outcomes::RowsOfFindings(decision(), inputs_.config, now()));
    outcomes.Add(outcomes::RowsOfWaiting(decision(), inputs_.config, NewClientOf(facts_.session),
                                         outcomes::KeepsNames(inputs_.config), now()));
  }
}

Explanation RecipientDecision::Explain() {
  Explanation explanation;
  explaining_ = true;
  // As if it were enforced: while observing, decisions differ slightly.
  explanation.observing = std::exchange(facts_.observing, false);
  Decide();
  explanation.decision = decision();
  if (const auto evidence = envelope_.collector.frozen()) explanation.evidence = *evidence;
  explanation.spf = envelope_.collector.Spf();
  explanation.permissions = inputs_.permissions;
  explanation.score = inputs_.config.score;
  // A limit says itself when there is room again, if anybody knows.
  if (decision().verdict == Verdict::kDefer && decision().reason != Reason::kFailure &&
      decision().delay.count() > 0) {
    explanation.retry_passes = now() + decision().delay;
  }
  return explanation;
}

Explanation Explain(Engine& engine, SessionFacts session, const MessageFacts& message,
                    std::string_view recipient) {
  const std::shared_ptr<const Config> config = engine.config();
  engine.KnowClient(session, *config);
  EvidenceCollector collector = engine.NewCollector(EvidenceCollector::Purpose::kExplain);
  SessionLimits limits(engine.limits(), SessionLimits::Purpose::kExplain);
  const policy::Trust trust = policy::TrustOf(session, message, config->trust);
  const policy::Trust client_trust = policy::TrustOf(session, MessageFacts(), config->trust);
  limits.Connect(session, client_trust, *config);
  limits.Mail(session, message, trust, *config);
  if (client_trust == policy::Trust::kNone) {
    collector.Connect(session, config);
    collector.Helo(session.helo);
    if (message.authenticated_user.empty()) {
      collector.Mail(session, message.sender, config);
      if (policy::LacksTls(session, engine.tls_monitor().OfferAt(ListenerOf(session)), *config)) {
        collector.AskSpf(session, message);
      }
    }
  }
  // Everything is to be shown, also what a session would not wait for.
  while (collector.Current().Pending()) collector.WaitForMore();
  const Envelope envelope{session, message, config, trust, collector, limits};
  RecipientDecision one(engine, envelope, recipient);
  Explanation explanation = one.Explain();
  explanation.session = std::move(session);
  return explanation;
}

}  // namespace mxward
