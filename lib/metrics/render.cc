// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "facts/decision.h"
#include "metrics/exposition.h"
#include "metrics/snapshot.h"

namespace mxward::metrics {
namespace {

using Type = Exposition::Type;

constexpr std::array<dnsbl::Condition, 6> kConditions = {
    dnsbl::Condition::kHealthy,  dnsbl::Condition::kUnproven,       dnsbl::Condition::kBroken,
    dnsbl::Condition::kRefusing, dnsbl::Condition::kFalsePositives, dnsbl::Condition::kSuspect};

std::uint64_t Flag(bool value) { return value ? 1 : 0; }

Exposition::Micros SinceEpoch(WallTime time) { return time.time_since_epoch(); }

// Whether that reason can come with that verdict: such pairs are shown from the start, or the first
// rejection of a day would be no increase.
bool GoTogether(Verdict verdict, Reason reason) {
  switch (reason) {
    case Reason::kTrustedNetwork:
    case Reason::kTrustedRelay:
    case Reason::kTrustedCertificate:
    case Reason::kAuthenticated:
    case Reason::kExemptRecipient:
    case Reason::kAllowed:
    case Reason::kNotSuspicious:
    case Reason::kGreylistOff:
    case Reason::kGreylistPassed:
    case Reason::kGreylistKnown:
    case Reason::kGreylistAutoAllowed:
      return verdict == Verdict::kAccept;
    case Reason::kGreylistNew:
    case Reason::kGreylistEarly:
    case Reason::kGreylistExpired:
    case Reason::kMessageDeferred:
      return verdict == Verdict::kDefer;
    case Reason::kBlocked:
    case Reason::kScore:
      return verdict == Verdict::kReject;
    case Reason::kRule:
      return true;
    case Reason::kLimit:
      return verdict != Verdict::kAccept;
    case Reason::kFailure:
      return verdict != Verdict::kReject;
  }
  return false;
}

void AddService(Exposition& out, const Snapshot& snapshot) {
  out.Family("mxward_build_info", Type::kGauge, "Always 1; the version is in the label.");
  out.Sample({{"version", snapshot.version}}, 1);
  out.Single("mxward_paused", Type::kGauge, "1 while mxwardctl pause keeps verdicts from the MTA.",
             Flag(snapshot.paused));
  out.Single("mxward_observing", Type::kGauge,
             "1 while verdicts are not enforced: paused, or mode = \"observe\".",
             Flag(snapshot.observing));
  if (snapshot.reload) {
    out.Single("mxward_config_last_reload_successful", Type::kGauge,
               "0 when the last reload found mistakes and the configuration before it stays.",
               Flag(snapshot.reload->successful));
    out.Single("mxward_config_last_reload_success_timestamp_seconds", Type::kGauge,
               "Since when the configuration in force is.",
               SinceEpoch(snapshot.reload->last_success));
  }
  if (snapshot.log_lines_dropped) {
    out.Single("mxward_log_lines_dropped_total", Type::kCounter,
               "Log lines that were lost because their target did not take them fast enough.",
               *snapshot.log_lines_dropped);
  }
}

void AddDecisions(Exposition& out, const Counters& counters) {
  out.Family("mxward_decisions_total", Type::kCounter,
             "Verdicts by action and reason, as in the log.");
  for (std::size_t i = 0; i < kVerdictCount; ++i) {
    for (std::size_t j = 0; j < kReasonCount; ++j) {
      const auto verdict = static_cast<Verdict>(i);
      const auto reason = static_cast<Reason>(j);
      const std::uint64_t count = counters.decisions[i][j].value();
      if (count == 0 && !GoTogether(verdict, reason)) continue;
      out.Sample({{"verdict", WordOf(verdict)}, {"reason", WordOf(reason)}}, count);
    }
  }
}

void AddMail(Exposition& out, const Snapshot& snapshot) {
  const Counters& counters = *snapshot.counters;
  if (snapshot.open_sessions) {
    out.Single("mxward_sessions_open", Type::kGauge, "SMTP connections that are open now.",
               *snapshot.open_sessions);
  }
  if (snapshot.pool_stalled) {
    out.Single("mxward_milter_stalled", Type::kGauge,
               "1 while libmilter answers nothing, not even mxward itself.",
               *snapshot.pool_stalled ? 1U : 0U);
  }
  out.Single("mxward_sessions_total", Type::kCounter, "SMTP connections reported by the MTA.",
             counters.sessions.value());
  out.Single("mxward_sessions_over_limit_total", Type::kCounter,
             "SMTP connections let through unseen because of milter.max_sessions.",
             counters.sessions_over_limit.value());
  out.Single("mxward_messages_total", Type::kCounter, "MAIL commands.", counters.messages.value());
  out.Single("mxward_recipients_total", Type::kCounter, "Recipients that were judged.",
             counters.recipients.value());
  out.Single("mxward_recipients_refused_total", Type::kCounter,
             "Recipients that the MTA refused itself; they are only counted.",
             counters.recipients_refused.value());
  AddDecisions(out, counters);
  out.Single("mxward_decisions_observed_total", Type::kCounter,
             "Of the decisions, those that were not enforced.", counters.observed.value());
  out.Single("mxward_deferrals_told_at_end_total", Type::kCounter,
             "Recipients deferred at the end of their message, as those of bounces are.",
             counters.told_at_end.value());
  out.Single("mxward_greylist_folded_total", Type::kCounter,
             "Recipients noted among a client's folded tuples because of greylist.max_pending.",
             counters.folded.value());
  out.Single("mxward_greylist_unremembered_total", Type::kCounter,
             "Recipients deferred without a record: their client has too many that wait.",
             counters.unremembered.value());
  out.Single("mxward_store_failures_total", Type::kCounter,
             "Decisions made by on_failure because the database could not be read or written.",
             counters.store_failures.value());
  out.Single("mxward_deferrals_without_record_total", Type::kCounter,
             "Deferrals sent although their record was not committed within store.deadline.",
             counters.deferrals_without_record.value());
  out.Single("mxward_callback_failures_total", Type::kCounter,
             "Errors of mxward itself, caught before they reached the MTA.",
             counters.callback_failures.value());
  out.Single("mxward_greylist_delay_seconds", Type::kHistogram,
             "How long mail that passed greylisting was held up since it was first seen.",
             counters.greylist_delay.Read());
  out.Single("mxward_recipient_duration_seconds", Type::kHistogram,
             "From a recipient to its verdict, waits for the DNS and the disk included.",
             counters.judging.Read());
}

void AddGreylist(Exposition& out, const greylist::Sweep::Totals& totals) {
  out.Family("mxward_greylist_tuples", Type::kGauge,
             "Combinations of client, sender and recipient in the database, as of the last sweep.");
  out.Sample({{"state", "pending"}}, totals.pending);
  out.Sample({{"state", "passed"}}, totals.passed);
  out.Sample({{"state", "folded"}}, totals.folded);
  out.Single(
      "mxward_greylist_earned", Type::kGauge,
      "Identities of clients on their way to an allowance or with one, as of the last sweep.",
      totals.earned);
  out.Single("mxward_greylist_sweeps_total", Type::kCounter,
             "Walks through the database that removed what had expired.", totals.sweeps);
  out.Single("mxward_greylist_expired_total", Type::kCounter, "Records removed by sweeps.",
             totals.expired);
  out.Single("mxward_greylist_never_came_back_total", Type::kCounter,
             "Of the records removed, those of which no retry ever passed.",
             totals.never_came_back);
}

void AddPendingRoom(Exposition& out, const greylist::PendingRoom::Stats& room) {
  out.Single("mxward_greylist_evicted_total", Type::kCounter,
             "Pending records removed before their time, because their network holds too many.",
             room.evicted);
  out.Single("mxward_greylist_turned_away_total", Type::kCounter,
             "Pending records not written, because their network holds too many.",
             room.turned_away);
}

void AddDns(Exposition& out, const dns::AresResolver::Stats& dns) {
  out.Single("mxward_dns_questions_total", Type::kCounter, "Questions sent to DNS servers.",
             dns.asked);
  out.Single("mxward_dns_cache_hits_total", Type::kCounter, "Questions the cache could answer.",
             dns.from_cache);
  out.Single("mxward_dns_joined_total", Type::kCounter,
             "Questions that joined an equal one under way.", dns.joined);
  out.Single("mxward_dns_refused_total", Type::kCounter,
             "Questions not asked because dns.max_outstanding were under way.", dns.refused);
  out.Single("mxward_dns_failures_total", Type::kCounter,
             "Questions without an answer: their evidence was unknown.", dns.failures);
  out.Single("mxward_dns_late_answers_total", Type::kCounter, "Answers that came too late.",
             dns.late);
  out.Single("mxward_dns_questions_outstanding", Type::kGauge, "Questions under way now.",
             dns.outstanding);
  out.Single("mxward_dns_cache_entries", Type::kGauge, "Answers the cache holds.",
             static_cast<std::uint64_t>(dns.cache_entries));
  out.Single("mxward_dns_cache_bytes", Type::kGauge, "Memory of the cache.",
             static_cast<std::uint64_t>(dns.cache_bytes));
  out.Family("mxward_dns_servers", Type::kGauge, "DNS servers by whether they answer.");
  for (const auto state :
       {dns::ServerState::kUp, dns::ServerState::kFailing, dns::ServerState::kDown}) {
    const auto count =
        std::count_if(dns.servers.begin(), dns.servers.end(),
                      [state](const dns::ServerStatus& server) { return server.state == state; });
    out.Sample({{"state", std::string(WordOf(state))}}, static_cast<std::uint64_t>(count));
  }
}

void AddWaits(Exposition& out, const Snapshot& snapshot) {
  out.Single("mxward_dns_waits_total", Type::kCounter,
             "Recipients that waited for evidence from the DNS.",
             snapshot.counters->dns_waits.value());
  out.Single("mxward_dns_waits_given_up_total", Type::kCounter,
             "Of these waits, those that ended without it.",
             snapshot.counters->dns_waits_given_up.value());
  out.Single("mxward_names_suspended", Type::kGauge,
             "1 while missing reverse names do not count, at one mail server at least.",
             Flag(snapshot.rdns_checks_suspended));
  out.Single("mxward_tls_broken", Type::kGauge,
             "1 while TLS seems to be broken, at one listener of the mail server at least.",
             Flag(snapshot.tls_broken));
}

void AddLists(Exposition& out, const std::vector<dnsbl::ListStatus>& lists) {
  if (lists.empty()) return;
  out.Family("mxward_dnsbl_answers_total", Type::kCounter,
             "Answers of a DNS list to lookups (not from the cache), by what they meant.");
  for (const dnsbl::ListStatus& list : lists) {
    const std::uint64_t others = list.listed + list.refused + list.bogus + list.failed;
    out.Sample({{"list", list.name}, {"answer", "listed"}}, list.listed);
    out.Sample({{"list", list.name}, {"answer", "not-listed"}},
               list.asked - std::min(list.asked, others));
    out.Sample({{"list", list.name}, {"answer", "refused"}}, list.refused);
    out.Sample({{"list", list.name}, {"answer", "bogus"}}, list.bogus);
    out.Sample({{"list", list.name}, {"answer", "none"}}, list.failed);
  }
  out.Family("mxward_dnsbl_condition", Type::kGauge,
             "1 for the condition that a DNS list is in, 0 for the others.");
  for (const dnsbl::ListStatus& list : lists) {
    for (const dnsbl::Condition condition : kConditions) {
      out.Sample({{"list", list.name}, {"condition", WordOf(condition)}},
                 Flag(list.condition == condition));
    }
  }
  out.Family("mxward_dnsbl_condition_since_timestamp_seconds", Type::kGauge,
             "Since when a DNS list is in its condition.");
  for (const dnsbl::ListStatus& list : lists) {
    out.Sample({{"list", list.name}}, SinceEpoch(list.since));
  }
  out.Family("mxward_dnsbl_self_test_duration_seconds", Type::kGauge,
             "How long a DNS list took to answer its last self-test.");
  for (const dnsbl::ListStatus& list : lists) {
    if (list.last_test) out.Sample({{"list", list.name}}, Exposition::Micros(list.latency));
  }
  out.Family("mxward_dnsbl_self_test_timestamp_seconds", Type::kGauge,
             "When a DNS list was tested last.");
  for (const dnsbl::ListStatus& list : lists) {
    if (list.last_test) out.Sample({{"list", list.name}}, SinceEpoch(*list.last_test));
  }
}

void AddWriter(Exposition& out, const store::ThreadedWriter::Stats& writer) {
  out.Single("mxward_store_commits_total", Type::kCounter, "Commits to the database.",
             writer.commits);
  out.Single("mxward_store_commits_failed_total", Type::kCounter,
             "Commits that failed: the disk or the database is full or broken.",
             writer.failed_commits);
  out.Single("mxward_store_operations_total", Type::kCounter, "Changes that were committed.",
             writer.operations);
  out.Single("mxward_store_waits_given_up_total", Type::kCounter,
             "Waits for a commit that ended after store.deadline.", writer.waits_given_up);
  out.Single("mxward_store_deferrals_dropped_total", Type::kCounter,
             "Records of deferrals that were given up because too many waited for a commit.",
             writer.deferrals_dropped);
  out.Single("mxward_store_queue_length", Type::kGauge, "Changes that wait for a commit.",
             writer.queued);
  out.Single("mxward_store_commit_age_seconds", Type::kGauge,
             "How long the commit under way has taken; 0 without one.",
             Exposition::Micros(writer.busy));
}

void AddStore(Exposition& out, const Snapshot& snapshot) {
  if (snapshot.writer) AddWriter(out, *snapshot.writer);
  if (snapshot.store_check) {
    out.Single("mxward_store_checking", Type::kGauge,
               "1 while the database is being checked after the start; nothing is greylisted.",
               snapshot.store_check->checking ? 1U : 0U);
    out.Single("mxward_store_set_aside", Type::kGauge,
               "1 if the database was put aside at this start, because it was damaged.",
               snapshot.store_check->aside.empty() ? 0U : 1U);
    out.Single("mxward_store_records_rescued", Type::kGauge,
               "Records that were recovered from a database that was set aside.",
               snapshot.store_check->rescued);
  }
  if (snapshot.store) {
    out.Single("mxward_store_used_bytes", Type::kGauge, "What the database uses of its map.",
               snapshot.store->used_bytes);
    out.Single("mxward_store_map_bytes", Type::kGauge, "How large the map is now.",
               snapshot.store->map_bytes);
    out.Single("mxward_store_limit_bytes", Type::kGauge,
               "How far the map may grow: store.map_size_max.", snapshot.store->limit_bytes);
  }
  if (snapshot.records) {
    out.Family("mxward_store_records", Type::kGauge, "Records of a table of the database.");
    out.Sample({{"table", "tuples"}}, snapshot.records->tuples);
    out.Sample({{"table", "earned"}}, snapshot.records->earned);
    out.Sample({{"table", "clients"}}, snapshot.records->clients);
  }
  out.Single("mxward_history_dropped_total", Type::kCounter,
             "Events of clients that were not noted, because too many waited to be written.",
             snapshot.history_dropped);
}

void AddLimits(Exposition& out, const limits::Limits::Stats& limits) {
  out.Single("mxward_limits_keys", Type::kGauge, "Counters of limits that are in use.",
             static_cast<std::uint64_t>(limits.counters));
  out.Single("mxward_limits_keys_max", Type::kGauge, "Counters that fit into limits.memory.",
             static_cast<std::uint64_t>(limits.capacity));
  out.Single("mxward_limits_memory_bytes", Type::kGauge, "Memory of the counters of limits.",
             static_cast<std::uint64_t>(limits.bytes));
  out.Single("mxward_limits_evicted_total", Type::kCounter,
             "Counters of limits that had to give way before their time.", limits.evicted);
}

// Named as the clients of Prometheus name them.
void AddProcess(Exposition& out, const Snapshot& snapshot) {
  out.Single("process_start_time_seconds", Type::kGauge, "When mxward was started.",
             SinceEpoch(snapshot.started));
  if (!snapshot.process) return;
  const ProcessUsage& process = *snapshot.process;
  out.Single("process_cpu_seconds_total", Type::kCounter, "User and system CPU time.", process.cpu);
  out.Single("process_resident_memory_bytes", Type::kGauge, "Resident memory.",
             process.resident_bytes);
  out.Single("process_virtual_memory_bytes", Type::kGauge,
             "Address space, most of it the database's map.", process.virtual_bytes);
  out.Single("process_open_fds", Type::kGauge, "Open files and connections.", process.open_files);
  out.Single("process_max_fds", Type::kGauge, "How many may be open.", process.max_files);
  out.Single("mxward_threads", Type::kGauge, "Threads; libmilter's pool makes most of them.",
             process.threads);
}

}  // namespace

std::string Render(const Snapshot& snapshot) {
  Exposition out;
  AddService(out, snapshot);
  AddMail(out, snapshot);
  if (snapshot.greylist) AddGreylist(out, *snapshot.greylist);
  AddPendingRoom(out, snapshot.pending_room);
  AddWaits(out, snapshot);
  if (snapshot.dns) AddDns(out, *snapshot.dns);
  AddLists(out, snapshot.lists);
  AddStore(out, snapshot);
  if (snapshot.limits) AddLimits(out, *snapshot.limits);
  AddProcess(out, snapshot);
  return out.Take();
}

}  // namespace mxward::metrics
