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
#include "engine/recipient.h"
#include "outcomes/events.h"
#include "outcomes/evidence.h"
#include "outcomes/table.h"

namespace mxward {
namespace {

constexpr std::string_view kBeganKey = "names-remembered-since";
constexpr std::string_view kTlsKey = "tls-offered";       // TlsMonitor::Encode()
constexpr std::string_view kHelosKey = "verified-helos";  // VerifiedHelos::Encode()
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
      list_health_(services.clock, services.log),
      name_monitor_(std::make_shared<NameMonitor>(services.clock, services.log)),
      tls_monitor_(services.clock, services.log),
      verified_helos_(services.clock, services.environment.hash_key()),
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
  MXWARD_TRY(entries_.Load());
  if (const auto saved = services_.environment.saved(); !services_.environment.ready()) {
    if (saved != nullptr) RestorePause(saved->Get(store::Table::kMeta, Pause::kKey).value_or(""));
    return {};
  }
  MXWARD_TRY(entries_.Renew());
  MXWARD_TRY(const auto read, services_.environment.Read());
  MXWARD_TRY(const auto pause, read.Get(store::Table::kMeta, Pause::kKey));
  RestorePause(pause.value_or(""));
  if (auto loaded = saved_limits_.Load(read); !loaded) {
    services_.log.Warning("not all counters of limits are back: " + loaded.error().message);
  }
  RememberBeginning(read);
  new_findings_.Load(read);
  LoadMonitors(read);
  LoadListTests(read);
  return {};
}

void Engine::RestorePause(std::string_view text) {
  if (const auto restored = pause_.Restore(text); !restored) {
    services_.log.Warning("verdicts are enforced: " + restored.error().message);
  }
}

EngineParts Engine::parts() {
  return {
      .clock = services_.clock,
      .log = services_.log,
      .environment = services_.environment,
      .writer = services_.writer,
      .resolver = services_.resolver,
      .config = config_,
      .pause = pause_,
      .entries = entries_,
      .counters = counters_,
      .store_trouble = store_trouble_,
      .pending_counts = pending_counts_,
      .pending_room = pending_room_,
      .list_health = list_health_,
      .name_monitor = *name_monitor_,
      .tls_monitor = tls_monitor_,
      .new_findings = new_findings_,
      .nat_watch = nat_watch_,
      .history = history_,
      .recent_clients = recent_clients_,
      .outcomes = outcomes_,
      .limits = limits_,
      .rule_counts = rule_counts_,
      .decision_feed = decision_feed_,
      .no_witnesses_until = [this] { return NoWitnessesUntil(); },
      .explain =
          [this](SessionFacts session, const MessageFacts& message, std::string_view recipient) {
            return Explain(*this, std::move(session), message, recipient);
          }};
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
  SaveIfChanged(kListTestsKey, out.Take(), saved_list_tests_);
}

void Engine::LoadMonitors(const store::Transaction& transaction) {
  if (const auto bytes = transaction.Get(store::Table::kMeta, kTlsKey); bytes && *bytes) {
    *saved_tls_.Lock() = **bytes;
    tls_monitor_.Restore(**bytes);
  }
  if (const auto bytes = transaction.Get(store::Table::kMeta, kHelosKey); bytes && *bytes) {
    *saved_helos_.Lock() = **bytes;
    verified_helos_.Restore(**bytes);
  }
}

void Engine::SaveMonitors() {
  if (!services_.environment.ready()) return;
  SaveIfChanged(kTlsKey, tls_monitor_.Encode(), saved_tls_);
  SaveIfChanged(kHelosKey, verified_helos_.Encode(), saved_helos_);
}

void Engine::SaveIfChanged(std::string_view key, std::string bytes, Guarded<std::string>& saved) {
  auto stored = saved.Lock();
  if (bytes == *stored) return;
  *stored = bytes;
  services_.writer.Submit(
      [key, bytes = std::move(bytes)](store::WriteTransaction& write) {
        return write.Put(store::Table::kMeta, key, bytes);
      },
      store::Priority::kLow);
}

std::optional<WallTime> Engine::NoWitnessesUntil() const {
  const std::int64_t began = began_.load(std::memory_order_relaxed);
  const WallTime until = WallTime(Seconds(began)) + kStandingSpan;
  if (began == 0 || until <= services_.clock.Now()) return std::nullopt;
  return until;
}

void Engine::Save(bool all) {
  history_.Flush(config()->greylist.privacy, all);
  saved_limits_.Save(all);
  outcomes_.Flush(all);
  SaveListTests();
  SaveMonitors();
}

void Engine::SetConfig(std::shared_ptr<const Config> config) {
  list_health_.SetLists(ListsOf(config));
  limits_.SetMemory(config->limits.memory);
  rule_counts_.Keep(config->rule);
  config_.Set(std::move(config));
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
                            sender_slots_, trouble_, spf_evaluations_, permission_budgets_,
                            spf_failures_, counters_.dns_waits, counters_.dns_waits_given_up,
                            purpose});
}

bool Engine::IsClientAllowed(const SessionFacts& session) {
  entries::Question question;
  question.client = session.client;
  question.client_name = session.client_name;
  question.claimed_name = session.claimed_name;
  store::SharedRead read(services_.environment);
  const auto found = entries::Match(read, entry_index(), question, services_.clock.Now());
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
