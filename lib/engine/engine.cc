// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "base/bytes.h"
#include "base/client_network.h"
#include "base/text.h"
#include "clients/dynamic_name.h"
#include "clients/organisation.h"
#include "dnsbl/query_name.h"
#include "dnsbl/self_test.h"
#include "outcomes/events.h"
#include "outcomes/evidence.h"
#include "outcomes/table.h"

namespace mxward {
namespace {

constexpr Millis kLongestRenewal{30000};
constexpr std::string_view kPauseKey = "paused-until";
constexpr std::string_view kBeganKey = "names-remembered-since";
// 8 bytes of a keyed hash of what each test was about, and 4 of the time when it was last passed.
constexpr std::string_view kListTestsKey = "list-tests-passed";

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
  if (auto loaded = saved_limits_.Load(*read); !loaded) {
    services_.log.Warning("not all counters of limits are back: " + loaded.error().message);
  }
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
              store::Priority::kHigh)
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
        store::Priority::kLow);
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
  for (ByteReader in(**bytes); in.ok() && !in.at_end();) {
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
  ByteWriter out;
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
      store::Priority::kLow);
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
      store::Priority::kHigh);
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
                                        store::Priority::kHigh);
  return ticket->Wait(config()->store.deadline);
}

Result<void> Engine::ForgetEntry(entries::Kind kind, const std::string& canonical_key) {
  auto ticket =
      services_.writer.Submit(entries::ForgetEntry(kind, canonical_key, services_.clock.Now(),
                                                   services_.environment.hash_key()),
                              store::Priority::kHigh);
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

EvidenceCollector Engine::NewCollector(EvidenceCollector::Purpose purpose) {
  return EvidenceCollector({services_.resolver, list_health_, services_.clock, wait_slots_,
                            sender_slots_, trouble_, counters_.dns_waits,
                            counters_.dns_waits_given_up, purpose});
}

bool Engine::IsClientAllowed(const SessionFacts& session) {
  entries::Question question;
  question.client = session.client;
  question.client_name = session.client_name;
  question.claimed_name = session.claimed_name;
  store::SharedRead read(services_.environment);
  const auto found = entries::Match(read, entry_index_, question, services_.clock.Now());
  if (!found) {
    store_trouble_.Failed(found.error(), config()->on_failure);
    return true;
  }
  return std::any_of(found->begin(), found->end(), [](const entries::Entry& entry) {
    return entry.action == entries::Action::kAllow;
  });
}

void Engine::NoteClient(const SessionFacts& session) {
  nat_watch_.Note(*session.client);
  history_.NoteConnection(*session.client, session.name_class);
  recent_clients_.NoteConnection(*session.client);
  if (session.client->IsPrivate() || session.client->IsLoopback()) return;
  name_monitor_->NoteClient(session.mta_name, *session.client, session.name_class);
}

std::string Engine::OrganisationOf(const SessionFacts& session) const {
  if (session.name_class != NameClass::kGood) return {};
  return organisations_.Of(session.client_name);
}

greylist::ExpiredUnretriedCallback Engine::NewExpiredUnretriedCallback() {
  return [this, key = services_.environment.hash_key()](
             store::WriteTransaction& transaction, const std::vector<greylist::TupleRecord>& lost) {
    return outcomes::AddRows(transaction,
                             outcomes::RowsOfLost(lost, key, outcomes::KeepsNames(*config())));
  };
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
        {dns::ReverseName(client), dns::RecordType::kPtr}, dns::Freshness::kCached,
        [count, mta = check->mta, monitor = name_monitor_](const dns::AnswerPtr& answer, bool) {
          const PtrCount now = AddTo(*count, answer->outcome);
          if (now.missing == 0) monitor->NoteCheck(mta, now.found, now.known);
        });
  }
}

}  // namespace mxward
