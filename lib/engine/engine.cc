// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

#include <charconv>
#include <utility>

#include "base/text.h"
#include "clients/dynamic_name.h"
#include "clients/organisation.h"
#include "greylist/sender.h"

namespace mxward {
namespace {

constexpr std::string_view kPauseKey = "paused-until";

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

Engine::Engine(Services services, std::shared_ptr<const Config> config)
    : services_(services), config_(std::move(config)) {}

Result<void> Engine::Load() {
  if (auto loaded = entry_index_.Load(services_.environment); !loaded) return loaded;
  auto read = services_.environment.Read();
  if (!read) return Fail(read.error());
  const auto text = read->Get(store::Table::kMeta, kPauseKey);
  if (!text) return Fail(text.error());
  if (*text) {
    std::int64_t until = 0;
    std::from_chars((*text)->data(), (*text)->data() + (*text)->size(), until);
    paused_until_.store(until);
  }
  return {};
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

void Engine::ClassifyNames(SessionFacts& facts) const {
  if (facts.name_class != NameClass::kGood || !facts.client) return;
  if (facts.client_name.empty()) {
    facts.name_class = NameClass::kNone;
  } else if (LooksDynamic(facts.client_name, *facts.client)) {
    facts.name_class = NameClass::kDynamic;
  }
}

greylist::Tuple Engine::TupleOf(const policy::Facts& facts, const Config& config) const {
  const HashKey& key = services_.environment.hash_key();
  greylist::Tuple tuple;
  tuple.client = *facts.session.client;
  // Cut here, as the record will be: what waits in the writer's queue has to be bounded, too.
  tuple.sender = facts.message.sender.substr(0, greylist::TupleRecord::kMaxAddress);
  tuple.recipient = facts.recipient.substr(0, greylist::TupleRecord::kMaxAddress);
  std::string organisation;
  if (facts.session.name_class == NameClass::kGood) {
    organisation = OrganisationalDomain(facts.session.client_name);
  }
  tuple.identities = greylist::IdentitiesOf(facts.session, organisation, config.greylist, key);
  tuple.addresses =
      greylist::HashAddresses(key, NormaliseSender(facts.message.sender, facts.recipient),
                              NormaliseRecipient(facts.recipient));
  return tuple;
}

bool Engine::Fulfil(policy::Need need, const policy::Facts& facts, const Config& config,
                    WallTime now, policy::Known& known) {
  switch (need) {
    case policy::Need::kEntries: {
      entries::Question question;
      question.client = facts.session.client;
      question.client_name = facts.session.client_name;
      question.claimed_name = facts.session.claimed_name;
      question.sender = facts.message.sender;
      question.null_sender = facts.message.sender.empty();
      question.recipient = facts.recipient;
      auto found = entries::Match(services_.environment, entry_index_,
                                  services_.environment.hash_key(), question, now);
      if (!found) {
        StoreFailed(found.error());
        return false;
      }
      known.entries = std::move(*found);
      return true;
    }
    case policy::Need::kGreylist: {
      known.tuple = TupleOf(facts, config);
      auto read = services_.environment.Read();
      if (!read) {
        StoreFailed(read.error());
        return false;
      }
      auto view = greylist::Look(*read, *known.tuple, now, config.greylist,
                                 services_.environment.hash_key());
      if (!view) {
        StoreFailed(view.error());
        return false;
      }
      known.greylist = std::move(*view);
      known.greylist->pending_of_client = pending_counts_.Get(known.tuple->identities.client_tag());
      return true;
    }
  }
  return false;
}

Engine::Judged Engine::Decide(const policy::Facts& facts,
                              const std::shared_ptr<const Config>& config) {
  policy::Known known;
  const WallTime now = services_.clock.Now();
  for (;;) {
    auto step = policy::Step(facts, known, *config, now);
    if (auto* outcome = std::get_if<policy::Outcome>(&step)) {
      return {std::move(*outcome), std::move(known.tuple), now};
    }
    if (Fulfil(std::get<policy::Need>(step), facts, *config, now, known)) continue;
    known.failed = true;
    // What makes the store unreadable may need a write to be repaired (store::Environment::Write),
    // and who cannot read has nothing to write.
    services_.writer.Submit([](store::WriteTransaction&) -> Result<void> { return {}; },
                            store::Urgency::kBackground);
  }
}

void Engine::Apply(Judged& judged, const policy::Facts& facts,
                   const std::shared_ptr<const Config>& config) {
  store::Writer& writer = services_.writer;
  const HashKey& key = services_.environment.hash_key();
  const WallTime now = judged.now;
  std::unique_ptr<store::Ticket> promise;
  for (const policy::Effect& effect : judged.outcome.effects) {
    std::visit(
        Overloaded{
            [&](const policy::TryTuple& change) {
              if (change.fold) counters_.folded.Add();
              if (change.ends) pending_counts_.Remove(change.ended_client);
              if (change.starts) pending_counts_.Add(judged.tuple->identities.client_tag());
              auto ticket =
                  writer.Submit(greylist::RecordTry(*judged.tuple, change.fold, now, config,
                                                    facts.observing, key, change.promised),
                                change.promised || change.ends ? store::Urgency::kPrompt
                                                               : store::Urgency::kBackground);
              if (change.promised) promise = std::move(ticket);
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
              const greylist::Identities identities = TupleOf(facts, *config).identities;
              std::vector<std::uint64_t> hashes = {identities.client_hash};
              if (identities.name_hash != 0) hashes.push_back(identities.name_hash);
              writer.Submit(greylist::LoseEarned(std::move(hashes)), store::Urgency::kBackground);
            }},
        effect);
  }
  // Nobody is told anything while observing: nothing to wait for.
  if (promise == nullptr || facts.observing) return;
  if (auto committed = promise->Wait(config->store.deadline); !committed) {
    StoreFailed(committed.error());
    judged.outcome = policy::FailureOutcome(*config);
  }
}

void Engine::StoreFailed(const Error& error) {
  counters_.store_failures.Add();
  std::uint64_t skipped = 0;
  if (!log_store_failure_.Allow(services_.clock.Monotonic(), &skipped)) return;
  const bool accepts = config()->on_failure == OnFailure::kAccept;
  services_.log.Error((accepts ? "mail passes unjudged: " : "mail is deferred unjudged: ") +
                      error.message +
                      (skipped > 0 ? " (" + std::to_string(skipped) + " more times)" : ""));
}

}  // namespace mxward
