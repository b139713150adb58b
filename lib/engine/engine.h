// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "clients/history.h"
#include "clients/name_monitor.h"
#include "clients/nat_watch.h"
#include "clients/organisation.h"
#include "clients/recent_clients.h"
#include "clients/tls_monitor.h"
#include "clients/verified_helos.h"
#include "config/config.h"
#include "dns/resolver.h"
#include "dnsbl/health.h"
#include "engine/admin_entries.h"
#include "engine/counters.h"
#include "engine/current_config.h"
#include "engine/decision_feed.h"
#include "engine/evidence_collector.h"
#include "engine/new_findings.h"
#include "engine/noted_clients.h"
#include "engine/parts.h"
#include "engine/pause.h"
#include "engine/rule_counts.h"
#include "engine/saved_limits.h"
#include "engine/store_trouble.h"
#include "entries/table.h"
#include "greylist/pending_counts.h"
#include "greylist/pending_room.h"
#include "greylist/table.h"
#include "limits/limits.h"
#include "outcomes/outcomes.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward {

// What all sessions share: configuration, store, memory of clients, counters. Adapter, scenario
// runner, explain and replay all decide through one. Thread-safe; outlives its sessions.
class Engine {
 public:
  // All of them outlive the engine.
  struct Services {
    const Clock& clock;
    store::Environment& environment;
    store::Writer& writer;
    Log& log;
    dns::Resolver* resolver = nullptr;  // without one the DNS is not asked
  };
  Engine(Services services, std::shared_ptr<const Config> config);

  // Reads what is kept in memory from the store: which entries exist, a pause in force, the
  // counters of limits. Of one that is not ready, entries and pause from the copy beside it; call
  // it again once it is.
  Result<void> Load();
  // Hands to the writer what is kept in memory and must not be lost: history and the counters of
  // limits, a part at a time. To be called every quarter of a second; `all`: everything, at the
  // end.
  void Save(bool all = false);

  std::shared_ptr<const Config> config() const { return config_.Get(); }
  // See CurrentConfig.
  void Pin(std::shared_ptr<const Config>& config) const { config_.Pin(config); }
  // The next MAIL of each session is judged by it. The caller has checked it.
  void SetConfig(std::shared_ptr<const Config> config);

  // For those who show or change what sessions share.
  EngineParts parts();

  // From what the MTA said to what the checks ask about: the address that a client is known by, and
  // its name, verified or not, dynamic or good.
  void KnowClient(SessionFacts& facts, const Config& config) const;

  // Evidence for one session, or for one question of explain.
  EvidenceCollector NewCollector(
      EvidenceCollector::Purpose purpose = EvidenceCollector::Purpose::kJudge);
  // A client that is to be judged has connected: what many clients together tell.
  void NoteClient(const SessionFacts& session);

  // A message begins in a session with TLS.
  void NoteTls(const SessionFacts& session) { tls_monitor_.NoteTls(ListenerOf(session)); }

  // Whether an entry allows the client itself. When that cannot be read: yes, for nothing can be
  // known.
  bool IsClientAllowed(const SessionFacts& session);

  // Starts the self-tests of lists that are due (dnsbl::ListWatch::TestDue). To be called every
  // second.
  void StartListTests();
  // Looks up PTR records of clients whose MTA reports no names (NameMonitor::TakeCheck). To be
  // called every second.
  void CheckNames();

  bool Observing(const Config& config) const { return IsObserving(config, pause_); }
  // Counts, for `report`, what the sweep is about to remove.
  greylist::ExpiredUnretriedCallback NewExpiredUnretriedCallback();

  // For sessions.
  StoreTrouble& store_trouble() { return store_trouble_; }
  const entries::Index& entry_index() const { return entries_.index(); }
  NotedClients& noted_clients() { return noted_clients_; }
  // The registered domain of a good name; else "".
  std::string OrganisationOf(const SessionFacts& session) const;
  Counters& counters() { return counters_; }
  greylist::PendingCounts& pending_counts() { return pending_counts_; }
  greylist::PendingRoom& pending_room() { return pending_room_; }
  const Clock& clock() const { return services_.clock; }
  Log& log() { return services_.log; }
  store::Environment& environment() { return services_.environment; }
  store::Writer& writer() { return services_.writer; }
  History& history() { return history_; }
  outcomes::Outcomes& outcomes() { return outcomes_; }
  RecentClients& recent_clients() { return recent_clients_; }
  limits::Limits& limits() { return limits_; }
  RuleCounts& rule_counts() { return rule_counts_; }
  DecisionFeed& decision_feed() { return decision_feed_; }
  NameMonitor& name_monitor() { return *name_monitor_; }
  TlsMonitor& tls_monitor() { return tls_monitor_; }
  VerifiedHelos& verified_helos() { return verified_helos_; }
  const NewFindings& new_findings() const { return new_findings_; }

 private:
  void LoadListTests(const store::Transaction& transaction);
  void SaveListTests();
  // TLS, and whom HELO names were verified for.
  void LoadMonitors(const store::Transaction& transaction);
  void SaveMonitors();
  // In Table::kMeta. key: static. saved: as it stands there.
  void SaveIfChanged(std::string_view key, std::string bytes, Guarded<std::string>& saved);
  void RememberBeginning(const store::Transaction& transaction);
  void RestorePause(std::string_view text);
  // See EngineParts.
  std::optional<WallTime> NoWitnessesUntil() const;

  Services services_;
  CurrentConfig config_;
  Pause pause_{services_.clock, services_.writer, config_};
  AdminEntries entries_{services_.clock, services_.environment, services_.writer, config_};
  greylist::PendingCounts pending_counts_;
  greylist::PendingRoom pending_room_{pending_counts_};
  Counters counters_;
  StoreTrouble store_trouble_{services_.clock, services_.log, counters_};
  dnsbl::Health list_health_;
  Guarded<std::string> saved_list_tests_;  // as in the store
  NotedClients noted_clients_;
  const std::shared_ptr<NameMonitor>
      name_monitor_;  // answers of the DNS may come after the engine's end
  TlsMonitor tls_monitor_;
  Guarded<std::string> saved_tls_;  // as in the store
  VerifiedHelos verified_helos_;
  Guarded<std::string> saved_helos_;  // as in the store
  NewFindings new_findings_{services_.clock, services_.writer, config_};
  mutable Organisations organisations_;
  NatWatch nat_watch_;
  History history_;
  RecentClients recent_clients_;
  outcomes::Outcomes outcomes_;
  limits::Limits limits_;
  SavedLimits saved_limits_;
  RuleCounts rule_counts_;
  DecisionFeed decision_feed_;
  spf::Evaluations spf_evaluations_{services_.clock};
  PermissionBudgets permission_budgets_{services_.clock};
  SpfFailures spf_failures_;
  Shares wait_slots_{kWaitSlots};
  Shares sender_slots_{kSenderSlots};
  Trouble trouble_;
  std::atomic<std::int64_t> began_{0};  // to remember names, in seconds since 1970; 0: unknown
};

}  // namespace mxward
