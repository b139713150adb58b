// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "base/canonical_address.h"
#include "base/client_network.h"
#include "base/text.h"
#include "clients/dynamic_name.h"
#include "clients/organisation.h"
#include "dnsbl/query_name.h"
#include "dnsbl/self_test.h"
#include "greylist/old_form.h"
#include "greylist/sender.h"
#include "policy/limit_check.h"
#include "policy/trust.h"
#include "store/bytes.h"

namespace mxward {
namespace {

constexpr Millis kLongestRenewal{30000};
constexpr std::string_view kPauseKey = "paused-until";
constexpr std::string_view kBeganKey = "names-remembered-since";
// Folded tuples in one unit of PendingCounts: eight bytes each, in pages filled by two thirds.
constexpr std::uint64_t kFoldedInOneUnit = 5;
// 8 bytes of a keyed hash of what each test was about, and 4 of the time when it was last passed.
constexpr std::string_view kListTestsKey = "list-tests-passed";

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

// Rules that wanted it are to be looked at again.
void SetEvidence(policy::Evidence evidence, policy::Known& known) {
  known.evidence = std::move(evidence);
  if (known.rules && known.rules->wants_evidence) known.rules.reset();
}

dnsbl::Health::Lists ListsOf(const std::shared_ptr<const Config>& config) {
  return {config, &config->dnsbl};
}

// What was found of some clients whose PTR is looked up.
struct PtrCount {
  std::size_t found = 0;
  std::size_t known = 0;
  std::size_t missing = 0;
};

PtrCount AddTo(Guarded<PtrCount>& count, dns::Outcome outcome) {
  auto now = count.Lock();
  now->found += outcome == dns::Outcome::kFound ? 1 : 0;
  now->known += outcome != dns::Outcome::kFailed ? 1 : 0;
  --now->missing;
  return *now;
}

}  // namespace

Engine::Engine(Services services, std::shared_ptr<const Config> config)
    : services_(services),
      config_(std::move(config)),
      current_config_(this->config().get()),
      list_health_(services.clock, services.log),
      name_monitor_(std::make_shared<NameMonitor>(services.clock, services.log)),
      nat_watch_(services.clock, services.log),
      history_(services.clock, services.environment, services.writer),
      recent_clients_(services.clock),
      outcomes_(services.clock, services.environment, services.writer),
      limits_(services.clock, services.environment.hash_key(), this->config()->limits.memory),
      saved_limits_(services.clock, services.writer, limits_),
      decision_feed_(services.clock) {
  list_health_.SetLists(ListsOf(this->config()));
}

Result<void> Engine::Load() {
  if (auto loaded = entry_index_.Load(services_.environment); !loaded) return loaded;
  if (const auto saved = services_.environment.saved(); !services_.environment.ready()) {
    if (saved != nullptr) SetPause(saved->Get(store::Table::kMeta, kPauseKey).value_or(""));
    return {};
  }
  if (auto renewed = RenewEntries(); !renewed) return renewed;
  auto read = services_.environment.Read();
  if (!read) return Fail(read.error());
  const auto text = read->Get(store::Table::kMeta, kPauseKey);
  if (!text) return Fail(text.error());
  SetPause(text->value_or(""));
  saved_limits_.Load(*read);
  RememberBeginning(*read);
  LoadListTests(*read);
  return {};
}

Result<void> Engine::RenewEntries() {
  const std::vector<Prefix> nat64 = config()->clients.nat64;
  auto old = entries::EntriesOfOldForm(services_.environment, nat64);
  if (!old) return Fail(old.error());
  if (old->empty()) return {};
  for (const entries::Entry& entry : *old) {
    if (const auto key = entries::CanonicalKey(entry.kind, entry.key, nat64)) {
      entry_index_.Add(entry.kind, *key);
    }
  }
  return services_.writer
      .Submit(entries::RenewKeys(*std::move(old), nat64, services_.environment.hash_key()),
              store::Urgency::kPrompt)
      ->Wait(kLongestRenewal);
}

void Engine::RememberBeginning(const store::Transaction& transaction) {
  const auto text = transaction.Get(store::Table::kMeta, kBeganKey);
  if (!text) return;
  std::int64_t began = services_.clock.Now().time_since_epoch().count();
  if (*text) {
    std::from_chars((*text)->data(), (*text)->data() + (*text)->size(), began);
  } else {
    services_.writer.Submit(
        [began](store::WriteTransaction& write) {
          return write.Put(store::Table::kMeta, kBeganKey, std::to_string(began));
        },
        store::Urgency::kBackground);
  }
  began_.store(began);
}

void Engine::SetPause(std::string_view text) {
  std::int64_t until = 0;
  std::from_chars(text.data(), text.data() + text.size(), until);
  if (!text.empty()) paused_until_.store(until);
}

void Engine::LoadListTests(const store::Transaction& transaction) {
  const auto bytes = transaction.Get(store::Table::kMeta, kListTestsKey);
  if (!bytes || !*bytes) return;
  std::map<std::uint64_t, WallTime> passed;
  for (store::ByteReader in(**bytes); in.ok() && !in.at_end();) {
    const std::uint64_t hash = in.U64();
    passed[hash] = in.Time();
  }
  const std::shared_ptr<const Config> config = this->config();
  const auto watches = list_health_.WatchesOf(config->dnsbl);
  for (std::size_t i = 0; i < watches->size(); ++i) {
    const auto at =
        passed.find(SipHash(services_.environment.hash_key(), dnsbl::TestedText(config->dnsbl[i])));
    if (at != passed.end() && (*watches)[i] != nullptr) (*watches)[i]->Restore(at->second);
  }
}

void Engine::SaveListTests() {
  if (!services_.environment.ready()) return;
  store::ByteWriter out;
  for (const auto& [text, passed] : list_health_.PassedTests()) {
    out.U64(SipHash(services_.environment.hash_key(), text));
    out.Time(passed);
  }
  std::string bytes = out.Take();
  auto saved = saved_list_tests_.Lock();
  if (bytes == *saved) return;
  *saved = bytes;
  services_.writer.Submit(
      [bytes = std::move(bytes)](store::WriteTransaction& write) {
        return write.Put(store::Table::kMeta, kListTestsKey, bytes);
      },
      store::Urgency::kBackground);
}

std::optional<WallTime> Engine::no_witnesses_until() const {
  const std::int64_t began = began_.load(std::memory_order_relaxed);
  const WallTime until = WallTime(Seconds(began)) + kStandingSpan;
  if (began == 0 || until <= services_.clock.Now()) return std::nullopt;
  return until;
}

void Engine::Pin(std::shared_ptr<const Config>& config) {
  if (config.get() != current_config_.load(std::memory_order_acquire)) config = this->config();
}

void Engine::Save(bool all) {
  history_.Flush(config()->greylist.privacy, all);
  saved_limits_.Save(all);
  outcomes_.Flush(all);
  SaveListTests();
}

void Engine::SetConfig(std::shared_ptr<const Config> config) {
  list_health_.SetLists(ListsOf(config));
  limits_.SetMemory(config->limits.memory);
  rule_counts_.Keep(config->rule);
  auto pinned = config_.Lock();
  *pinned = std::move(config);
  current_config_.store(pinned->get(), std::memory_order_release);
}

std::optional<WallTime> Engine::paused_until() const {
  const WallTime until{Seconds(paused_until_.load(std::memory_order_relaxed))};
  if (until <= services_.clock.Now()) return std::nullopt;
  return until;
}

bool Engine::Observing(const Config& config) const {
  return config.mode == Mode::kObserve || paused_until().has_value();
}

Result<void> Engine::WritePause(std::optional<WallTime> until) {
  const std::int64_t seconds = until ? until->time_since_epoch().count() : 0;
  auto ticket = services_.writer.Submit(
      [seconds](store::WriteTransaction& transaction) {
        return transaction.Put(store::Table::kMeta, kPauseKey, std::to_string(seconds));
      },
      store::Urgency::kPrompt);
  // In force even if it could not be written: who pauses has trouble enough.
  paused_until_.store(seconds);
  return ticket->Wait(config()->store.deadline);
}

Result<void> Engine::Pause(WallTime until) { return WritePause(until); }
Result<void> Engine::Resume() { return WritePause(std::nullopt); }

Result<void> Engine::PutEntry(const entries::Entry& entry) {
  // Before the commit: an entry that the index does not know would not be found.
  entry_index_.Add(entry.kind, entry.key);
  auto ticket = services_.writer.Submit(entries::PutEntry(entry, services_.environment.hash_key()),
                                        store::Urgency::kPrompt);
  return ticket->Wait(config()->store.deadline);
}

Result<void> Engine::ForgetEntry(entries::Kind kind, const std::string& canonical_key) {
  auto ticket =
      services_.writer.Submit(entries::ForgetEntry(kind, canonical_key, services_.clock.Now(),
                                                   services_.environment.hash_key()),
                              store::Urgency::kPrompt);
  return ticket->Wait(config()->store.deadline);
}

void Engine::KnowClient(SessionFacts& facts, const Config& config) const {
  if (facts.client) {
    const IpAddress known = ClientAddress(*facts.client, config.clients.nat64);
    if (known != *facts.client) facts.told_client = std::exchange(*facts.client, known);
  }
  if (facts.name_class != NameClass::kGood || !facts.client) return;
  if (facts.client_name.empty()) {
    facts.name_class = NameClass::kNone;
  } else if (IsDynamicName(facts.client_name, *facts.client, config.names)) {
    facts.name_class = NameClass::kDynamic;
  }
}

greylist::Tuple Engine::TupleOf(const policy::Facts& facts, const Config& config) const {
  const HashKey& key = services_.environment.hash_key();
  greylist::Tuple tuple;
  tuple.client = *facts.session.client;
  // Cut here, as the record will be: what waits in the writer's queue has to be bounded, too.
  constexpr std::size_t kMost = greylist::TupleRecord::kMaxAddress;
  tuple.sender = facts.message.sender.substr(0, kMost);
  tuple.recipient = facts.recipient.substr(0, kMost);
  tuple.cut = facts.message.sender.size() > kMost || facts.recipient.size() > kMost;
  tuple.identities = greylist::IdentitiesOf(facts.session, ClientOrganisation(facts.session),
                                            config.greylist, key);
  const CanonicalAddress sender(facts.message.sender);
  const CanonicalAddress recipient(facts.recipient);
  tuple.addresses =
      greylist::HashAddresses(key, FoldSender(sender.text(), recipient.text()), recipient.text());
  return tuple;
}

std::optional<greylist::OldKey> Engine::OldKeyOf(const policy::Facts& facts, const Config& config,
                                                 const greylist::Tuple& tuple) const {
  const HashKey& key = services_.environment.hash_key();
  greylist::OldKey old{tuple.addresses, tuple.identities.network_hash};
  if (!CanonicalAddress(facts.message.sender).as_given() ||
      !CanonicalAddress(facts.recipient).as_given()) {
    const greylist::OldForm form = greylist::OldFormOf(facts.message.sender, facts.recipient);
    old.addresses = greylist::HashAddresses(key, form.sender, form.recipient);
  }
  if (facts.session.told_client) {
    old.network_hash =
        greylist::HashPrefix(key, greylist::NetworkOf(*facts.session.told_client, config.greylist));
  }
  if (old.addresses == tuple.addresses && old.network_hash == tuple.identities.network_hash) {
    return std::nullopt;
  }
  return old;
}

Gathering Engine::NewGathering(Gathering::Purpose purpose) {
  return Gathering({services_.resolver, list_health_, services_.clock, wait_slots_, sender_slots_,
                    trouble_, counters_.dns_waits, counters_.dns_waits_given_up, purpose});
}

bool Engine::WantsEvidence(const SessionFacts& session, const Config& config) const {
  return policy::TrustOf(session, MessageFacts(), config.trust) == policy::Trust::kNone;
}

policy::Evidence Engine::EvidenceNow(const policy::Facts& facts, Gathering& gathering) const {
  policy::Evidence evidence = gathering.Current();
  if (gathering.frozen()) return evidence;
  evidence.name_trust = name_monitor_->Trust(facts.session.mta_name);
  evidence.history = PastOf(facts, gathering).standing;
  return evidence;
}

bool Engine::FindEntries(const policy::Facts& facts, WallTime now, policy::Known& known) {
  entries::Question question;
  question.client = facts.session.client;
  question.client_name = facts.session.client_name;
  question.claimed_name = facts.session.claimed_name;
  question.sender = facts.message.sender;
  question.null_sender = facts.message.sender.empty();
  question.recipient = facts.recipient;
  auto found = entries::Match(services_.environment, entry_index_, services_.environment.hash_key(),
                              question, now);
  if (!found) {
    StoreFailed(found.error());
    return false;
  }
  known.entries = std::move(*found);
  return true;
}

bool Engine::LookUpTuple(const policy::Facts& facts, const Config& config, WallTime now,
                         policy::Known& known) {
  known.tuple = TupleOf(facts, config);
  // A limit asks; nothing is known of anybody.
  if (facts.store_absent) {
    known.greylist.emplace();
    return true;
  }
  auto read = services_.environment.Read();
  if (!read) {
    StoreFailed(read.error());
    return false;
  }
  GreylistConfig tuned;
  const bool own_delay = known.rules && known.rules->delay;
  if (own_delay) {
    tuned = config.greylist;
    tuned.delay = *known.rules->delay;
  }
  const GreylistConfig& tuning = own_delay ? tuned : config.greylist;
  auto view = greylist::Look(*read, *known.tuple, now, tuning);
  if (view && !view->record && !view->folded) {
    known.tuple->old = OldKeyOf(facts, config, *known.tuple);
    if (known.tuple->old) view = greylist::Look(*read, *known.tuple, now, tuning);
  }
  if (!view) {
    StoreFailed(view.error());
    return false;
  }
  known.greylist = std::move(*view);
  // Asked only about a tuple that would begin; for all the others it would be four cache misses.
  if (!known.greylist->record) {
    known.greylist->pending_of_client = pending_counts_.Get(known.tuple->identities.client_tag());
  }
  return true;
}

bool Engine::Fulfil(policy::Need need, const policy::Facts& facts, const Config& config,
                    WallTime now, Gathering& gathering, const Limiting& limiting,
                    policy::Known& known) {
  switch (need) {
    case policy::Need::kRules:
      known.rules =
          policy::ApplyRules(facts, policy::TrustOf(facts.session, facts.message, config.trust),
                             known.evidence ? &*known.evidence : nullptr, config, now);
      return true;
    case policy::Need::kEntries:
      return FindEntries(facts, now, known);
    case policy::Need::kLimits:
      known.limits = limiting.Look(facts, config);
      return true;
    case policy::Need::kHistory:
      known.history = PastOf(facts, gathering).standing;
      return true;
    case policy::Need::kEvidence:
      SetEvidence(EvidenceNow(facts, gathering), known);
      return true;
    case policy::Need::kMoreEvidence:
      gathering.WaitForMore();
      SetEvidence(EvidenceNow(facts, gathering), known);
      return true;
    case policy::Need::kListText:
      if (const auto listing = policy::HeaviestListing(facts, known, config)) {
        known.list_text = gathering.ListText(known.evidence->lists[*listing]);
      }
      return true;
    case policy::Need::kGreylist:
      return LookUpTuple(facts, config, now, known);
  }
  return false;
}

std::optional<Decision> Engine::DecideConnection(const SessionFacts& session, Limiting& limiting,
                                                 const Config& config) {
  const auto denied = policy::CheckConnection(session, limiting.of_connection(), config);
  if (!denied) return std::nullopt;
  const MessageFacts nothing;
  policy::Known known;
  // Rarely looked up: only for a client that is over a limit.
  if (!FindEntries({session, nothing, "", false}, services_.clock.Now(), known))
    return std::nullopt;
  const auto allows = [](const entries::Entry& entry) {
    return entry.action == entries::Action::kAllow &&
           (entry.kind == entries::Kind::kClient || entry.kind == entries::Kind::kClientName);
  };
  if (std::any_of(known.entries->begin(), known.entries->end(), allows)) return std::nullopt;
  // While nobody hears it, its recipients are counted.
  if (!Observing(config)) limiting.CountDenials(denied->denials, config);
  return denied->decision;
}

Engine::Judged Engine::Decide(const policy::Facts& facts,
                              const std::shared_ptr<const Config>& config, Gathering& gathering,
                              const Limiting& limiting) {
  policy::Known known;
  const WallTime now = services_.clock.Now();
  for (;;) {
    auto step = policy::Step(facts, known, *config, now);
    if (auto* outcome = std::get_if<policy::Outcome>(&step)) {
      const bool is_new = known.evidence && gathering.Freeze(*std::move(known.evidence));
      return {std::move(*outcome), is_new, std::move(known.tuple), now};
    }
    if (Fulfil(std::get<policy::Need>(step), facts, *config, now, gathering, limiting, known)) {
      continue;
    }
    known.failed = true;
    // What makes the store unreadable may need a write to be repaired (store::Environment::Write),
    // and who cannot read has nothing to write.
    services_.writer.Submit([](store::WriteTransaction&) -> Result<void> { return {}; },
                            store::Urgency::kBackground);
  }
}

void Engine::StartListTests() {
  if (services_.resolver == nullptr) return;
  const std::shared_ptr<const Config> config = this->config();
  const auto watches = list_health_.WatchesOf(config->dnsbl);
  for (std::size_t i = 0; i < watches->size(); ++i) {
    const dnsbl::ListWatchPtr& watch = (*watches)[i];
    if (watch == nullptr || !watch->TestDue()) continue;
    dnsbl::Test(config->dnsbl[i], *services_.resolver, services_.clock,
                [watch](const std::vector<dnsbl::TestPoint>& points) {
                  watch->NoteTest(dnsbl::Summarise(points));
                });
  }
}

void Engine::CheckNames() {
  const auto check = name_monitor_->TakeCheck();
  if (!check || services_.resolver == nullptr) return;
  auto count = std::make_shared<Guarded<PtrCount>>();
  count->Lock()->missing = check->clients.size();
  for (const IpAddress& client : check->clients) {
    services_.resolver->Ask(
        {dnsbl::ReverseName(client), dns::RecordType::kPtr}, dns::Freshness::kCached,
        [count, mta = check->mta, monitor = name_monitor_](const dns::AnswerPtr& answer, bool) {
          const PtrCount now = AddTo(*count, answer->outcome);
          if (now.missing == 0) monitor->NoteCheck(mta, now.found, now.known);
        });
  }
}

Explanation Engine::Explain(SessionFacts session, const MessageFacts& message,
                            std::string_view recipient) {
  const std::shared_ptr<const Config> config = this->config();
  KnowClient(session, *config);
  Gathering gathering = NewGathering(Gathering::Purpose::kExplain);
  Limiting limiting = NewLimiting(Limiting::Purpose::kExplain);
  limiting.Connect(session, *config);
  limiting.Mail(session, message, *config);
  if (WantsEvidence(session, *config)) {
    gathering.Connect(session, config);
    gathering.Helo(session.helo);
    if (message.authenticated_user.empty()) gathering.Mail(session, message.sender, config);
  }
  // Everything is to be shown, also what a session would not wait for.
  while (gathering.Current().Pending()) gathering.WaitForMore();
  // As if it were in force: what nobody is told is judged a little differently.
  policy::Facts facts = FactsOf(session, message, recipient, *config);
  facts.observing = false;
  limiting.Recipient(facts, *config);
  Judged judged = Decide(facts, config, gathering, limiting);
  Explanation explanation;
  explanation.decision = std::move(judged.outcome.decision);
  if (gathering.frozen()) explanation.evidence = gathering.Current();
  explanation.score = config->score;
  explanation.observing = Observing(*config);
  // A limit says itself when there is room again, if anybody knows.
  if (explanation.decision.verdict == Verdict::kDefer &&
      explanation.decision.reason != Reason::kFailure && explanation.decision.delay.count() > 0) {
    explanation.retry_passes = judged.now + explanation.decision.delay;
  }
  explanation.session = std::move(session);
  return explanation;
}

void Engine::Apply(Judged& judged, const policy::Facts& facts,
                   const std::shared_ptr<const Config>& config, Limiting& limiting) {
  store::Writer& writer = services_.writer;
  const HashKey& key = services_.environment.hash_key();
  const WallTime now = judged.now;
  std::unique_ptr<store::Ticket> promise;
  for (const policy::Effect& effect : judged.outcome.effects) {
    std::visit(
        Overloaded{
            [&](const policy::TryTuple& change) {
              if (change.fold) counters_.folded.Add();
              if (change.ends && !change.fold) {
                pending_counts_.Remove(greylist::PendingCounts::ShareOf(*change.before, key));
              }
              if (change.promised) {
                judged.tuple->good_evidence = HasGoodEvidence(facts, judged.outcome.decision);
              }
              if (change.promised || change.fold) {
                judged.tuple->holder = greylist::HolderOf(key, judged.tuple->client);
              }
              if ((change.starts || (change.fold && change.promised)) &&
                  !TakeRoom(*judged.tuple, change.fold, config->greylist.privacy)) {
                judged.outcome.decision.findings.push_back(
                    {Check::kNotRecorded, "", 0,
                     Detail().Say("its network has too many pending tuples")});
                return;
              }
              auto record =
                  greylist::RecordTry(*judged.tuple, change.fold, now, config, facts.observing,
                                      change.promised, change.delay, change.ends);
              if (change.promised) {
                promise = writer.SubmitFor(judged.tuple->client, std::move(record));
              } else {
                writer.Submit(std::move(record),
                              change.ends ? store::Urgency::kPrompt : store::Urgency::kBackground);
              }
            },
            [&](const policy::Earn& earn) {
              writer.Submit(greylist::RecordEarned(earn.identity_hash, earn.identity, now, config),
                            store::Urgency::kBackground);
            },
            [&](const policy::TouchEarned& touch) {
              writer.Submit(greylist::TouchEarned(touch.identity_hash, now),
                            store::Urgency::kBackground);
            },
            [&](const policy::LoseEarned&) {
              writer.Submit(
                  greylist::LoseEarned(TupleOf(facts, *config).identities.client_hash, now),
                  store::Urgency::kBackground);
            },
            [&](const policy::CountUnremembered&) { counters_.unremembered.Add(); },
            [&](const policy::CountRecipient&) { limiting.CountRecipient(facts, *config); },
            [&](const policy::CountDenials& count) {
              limiting.CountDenials(count.states, *config);
            },
            [&](const policy::ReturnConnection&) {
              limiting.ReturnConnection(facts.session, *config);
            },
            [&](const policy::NoteHarvest&) { history_.NoteHarvest(*facts.session.client); },
            [&](const policy::CountRules& count) { rule_counts_.Add(count.hits, now); }},
        effect);
  }
  NoteHistory(facts, judged.outcome.decision, *config);
  // Nobody is told anything while observing: nothing to wait for.
  if (promise != nullptr && !facts.observing) {
    const auto committed = promise->Wait(config->store.deadline);
    if (!committed && !store::IsLoad(committed.error())) {
      StoreFailed(committed.error());
      judged.outcome = policy::FailureOutcome(*config);
      return;
    }
    // Whoever could make everybody pass by being many would be let in by it.
    if (!committed) DeferredWithoutRecord(committed.error(), judged.outcome.decision);
  }
  NoteOutcome(facts, judged, *config);
}

bool Engine::TakeRoom(const greylist::Tuple& tuple, bool fold, bool privacy) {
  if (!pending_room_.Admits(tuple.holder)) return false;
  if (fold) {
    const std::uint32_t room = tuple.addresses % kFoldedInOneUnit == 0 ? 1 : 0;
    pending_counts_.Add({tuple.holder, room, /*folded=*/1});
  } else {
    pending_counts_.Add({tuple.holder, greylist::RoomOfNew(tuple, privacy)});
  }
  return true;
}

void Engine::DeferredWithoutRecord(const Error& error, Decision& decision) {
  decision.findings.push_back({Check::kNotRecorded, "", 0, Detail().Say(error.message)});
  counters_.deferrals_without_record.Add();
  deferred_without_record_at_.store(services_.clock.Monotonic(), std::memory_order_relaxed);
  std::uint64_t skipped = 0;
  if (!log_without_record_.Allow(services_.clock.Monotonic(), &skipped)) return;
  services_.log.Warning("deferrals are told before they are recorded: " + error.message +
                        (skipped > 0 ? " (" + std::to_string(skipped) + " more times)" : ""));
}

bool Engine::DeferredWithoutRecordWithin(Millis time) const {
  const MonoTime at = deferred_without_record_at_.load(std::memory_order_relaxed);
  return at != MonoTime::min() && services_.clock.Monotonic() - at < time;
}

bool Engine::StoreFailedWithin(Millis time) const {
  const MonoTime failed_at = store_failed_at_.load(std::memory_order_relaxed);
  return failed_at != MonoTime::min() && services_.clock.Monotonic() - failed_at < time;
}

void Engine::StoreFailed(const Error& error) {
  counters_.store_failures.Add();
  store_failed_at_.store(services_.clock.Monotonic(), std::memory_order_relaxed);
  std::uint64_t skipped = 0;
  if (!log_store_failure_.Allow(services_.clock.Monotonic(), &skipped)) return;
  const bool accepts = config()->on_failure == OnFailure::kAccept;
  services_.log.Error((accepts ? "mail passes unjudged: " : "mail is deferred unjudged: ") +
                      error.message +
                      (skipped > 0 ? " (" + std::to_string(skipped) + " more times)" : ""));
}

}  // namespace mxward
