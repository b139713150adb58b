// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "clients/history.h"
#include "clients/name_monitor.h"
#include "clients/nat_watch.h"
#include "clients/recent_clients.h"
#include "clients/tls_monitor.h"
#include "dns/resolver.h"
#include "dnsbl/health.h"
#include "engine/admin_entries.h"
#include "engine/counters.h"
#include "engine/current_config.h"
#include "engine/decision_feed.h"
#include "engine/explanation.h"
#include "engine/new_findings.h"
#include "engine/pause.h"
#include "engine/rule_counts.h"
#include "engine/store_trouble.h"
#include "facts/session_facts.h"
#include "greylist/pending_counts.h"
#include "greylist/pending_room.h"
#include "limits/limits.h"
#include "outcomes/outcomes.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward {

// What sessions share, part by part, for those who show or change it (lib/control): they depend on
// the parts they use, not on the engine. References; the engine and its services outlive it. Each
// part is thread-safe.
struct EngineParts {
  const Clock& clock;
  Log& log;
  store::Environment& environment;
  store::Writer& writer;
  dns::Resolver* resolver;  // null: the DNS is not asked

  const CurrentConfig& config;
  Pause& pause;
  AdminEntries& entries;
  const Counters& counters;
  const StoreTrouble& store_trouble;
  greylist::PendingCounts& pending_counts;
  const greylist::PendingRoom& pending_room;
  dnsbl::Health& list_health;
  NameMonitor& name_monitor;
  const TlsMonitor& tls_monitor;
  NewFindings& new_findings;
  const NatWatch& nat_watch;
  History& history;
  RecentClients& recent_clients;
  outcomes::Outcomes& outcomes;
  limits::Limits& limits;
  RuleCounts& rule_counts;
  DecisionFeed& decision_feed;

  // Until then no client can have standing (clients/standing.h): the database, or its memory of
  // names, is younger than that takes. Nothing: that time is over, or not known.
  std::function<std::optional<WallTime>()> no_witnesses_until;
  // The decision about such a recipient by the configuration in force, without any effect: nothing
  // is written, counted or logged. Waits for the DNS, dns.deadline at most.
  std::function<Explanation(SessionFacts session, const MessageFacts& message,
                            std::string_view recipient)>
      explain;
};

}  // namespace mxward
