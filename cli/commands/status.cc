// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string_view>

#include "base/units.h"
#include "base/version.h"
#include "cli/commands/commands.h"
#include "cli/exit_status.h"
#include "cli/output/rows.h"

namespace mxward::cli {
namespace {

std::string SizeText(const Json& bytes) {
  return HumanSize(static_cast<std::uint64_t>(bytes.integer()));
}

std::string StateText(Output& output, const Json& status, WallTime now) {
  if (!status["running"].boolean()) return output.Paint("not running", Color::kRed);
  return output.Paint("running", Color::kGreen) + " since " + FieldText(status["started"]) + " (" +
         RelativeTime(TimeOf(status["started"]), now) + ")";
}

// Resolver and lists, where there are any.
void AddDns(Output& output, Facts& facts, const Json& status, WallTime now) {
  const Json& dns = status["dns"];
  for (const Json& server : dns["servers"].items()) {
    const bool usable = server["state"].text() == "up";
    std::string text =
        FieldText(server["address"]) + " " +
        output.Paint(FieldText(server["state"]), usable ? Color::kGreen : Color::kRed);
    if (!server["detail"].text().empty()) text += " (" + FieldText(server["detail"]) + ")";
    facts.emplace_back("DNS server", std::move(text));
  }
  AddCount(facts, "  cached answers", dns["cache_entries"]);
  AddCount(facts, "  queries in flight", dns["outstanding"]);
  for (const Json& names : status["names"].items()) {
    if (!names["suspended"].boolean()) continue;
    facts.emplace_back("missing names", output.Paint("not counted", Color::kRed) + " since " +
                                            FieldText(names["since"]) + " (" +
                                            RelativeTime(TimeOf(names["since"]), now) + ")");
  }
  for (const Json& listener : status["tls"].items()) {
    if (listener["broken_since"].is_null()) continue;
    facts.emplace_back("TLS", output.Paint("broken", Color::kRed) + " at " +
                                  FieldText(listener["listener"]) + " since " +
                                  FieldText(listener["broken_since"]) + " (" +
                                  RelativeTime(TimeOf(listener["broken_since"]), now) + ")");
  }
  if (const Json& from = status["new_findings_from"]; !from.is_null()) {
    facts.emplace_back("new findings", "count from " + FieldText(from) +
                                           "; mxwardctl evidence enable ends the wait");
  }
  if (const Json& until = status["no_witnesses_until"]; !until.is_null()) {
    facts.emplace_back("witnesses",
                       "none until " + FieldText(until) +
                           ": in a site's first 14 days no client is known well enough");
  }
  for (const Json& list : status["lists"].items()) {
    std::string text = output.Paint(FieldText(list["condition"]),
                                    list["suspended"].boolean() ? Color::kRed : Color::kNone);
    text += " since " + FieldText(list["since"]) + " (" + RelativeTime(TimeOf(list["since"]), now) +
            ")";
    if (!list["detail"].text().empty()) text += ": " + FieldText(list["detail"]);
    facts.emplace_back("DNS list " + FieldText(list["name"]), std::move(text));
  }
}

void WriteStatus(Output& output, const Json& status, WallTime now) {
  const Json& store = status["store"];
  Facts facts;
  facts.emplace_back("mxward " + FieldText(status["version"]), StateText(output, status, now));
  if (!status["listening"].is_null()) {
    facts.emplace_back("listens on", FieldText(status["listening"]));
  }
  facts.emplace_back("configuration", FieldText(status["config_path"]));
  facts.emplace_back("mode", FieldText(status["mode"]));
  AddCount(facts, "sessions now", status["sessions"]);
  AddCount(facts, "log lines dropped", status["log_lines_dropped"]);
  if (store.is_null()) {
    facts.emplace_back("database", "not there: see below");
  } else {
    facts.emplace_back("database", FieldText(store["path"]));
    facts.emplace_back("  in use", SizeText(store["used_bytes"]) + " of " +
                                       SizeText(store["limit_bytes"]) + " (" +
                                       FieldText(store["used_percent"]) + " %)");
  }
  AddCount(facts, "  tuples", store["tuples"]);
  const Json& greylist = status["greylist"];
  if (greylist["sweeps"].integer() > 0) {
    facts.emplace_back("  at the last sweep", FieldText(greylist["pending"]) + " pending, " +
                                                  FieldText(greylist["passed"]) + " passed");
  }
  AddCount(facts, "  earned by passing", store["earned"]);
  AddCount(facts, "  clients", store["clients"]);
  AddCount(facts, "  allows and blocks", store["entries"]);
  const Json& limits = status["limits"];
  if (!limits.is_null()) {
    facts.emplace_back("limit counters", FieldText(limits["counters"]) + " of " +
                                             FieldText(limits["capacity"]) + " (" +
                                             SizeText(limits["bytes"]) + ")");
  }
  AddDns(output, facts, status, now);
  WriteFacts(output, facts);
  for (const Json& warning : status["warnings"].items()) {
    output.Line(output.Paint("! " + FieldText(warning), Color::kYellow));
  }
}

struct CounterName {
  std::string_view name;
  std::string_view text;
};
constexpr std::array kCounters = {
    CounterName{"sessions", "connections"},
    CounterName{"messages", "messages"},
    CounterName{"recipients", "recipients checked"},
    CounterName{"recipients_refused", "recipients refused by the MTA itself"},
    CounterName{"observed", "verdicts not enforced (observing)"},
    CounterName{"told_at_end", "deferrals at the end of a message"},
    CounterName{"folded", "tries beyond greylist.max_pending, folded"},
    CounterName{"unremembered", "  deferred without a record"},
    CounterName{"store_failures", "decisions without the database"},
    CounterName{"deferrals_without_record", "deferrals sent before they were recorded"},
    CounterName{"callback_failures", "internal errors in callbacks"},
    CounterName{"sessions_over_limit", "connections beyond milter.max_sessions"},
    CounterName{"log_lines_dropped", "log lines dropped"},
};

void WriteStats(Output& output, const Json& stats) {
  Facts facts;
  facts.emplace_back("since", FieldText(stats["since"]));
  for (const CounterName& counter : kCounters) {
    AddCount(facts, std::string(counter.text), stats[counter.name]);
  }
  for (const Json& line : stats["decisions"].items()) {
    AddCount(facts, "  " + FieldText(line["action"]) + ", " + FieldText(line["reason"]),
             line["count"]);
  }
  const Json& writer = stats["writer"];
  AddCount(facts, "database commits", writer["commits"]);
  AddCount(facts, "  changes in them", writer["operations"]);
  AddCount(facts, "  failed", writer["failed_commits"]);
  AddCount(facts, "  waits timed out", writer["waits_given_up"]);
  AddCount(facts, "  changes waiting now", writer["queued"]);
  AddCount(facts, "  records of deferrals given up", writer["deferrals_dropped"]);
  const Json& greylist = stats["greylist"];
  const Json& dns = stats["dns"];
  AddCount(facts, "DNS queries", dns["asked"]);
  AddCount(facts, "  answered from the cache", dns["from_cache"]);
  AddCount(facts, "  shared with an identical one", dns["joined"]);
  AddCount(facts, "  not sent, too many in flight", dns["refused"]);
  AddCount(facts, "  failed", dns["failures"]);
  AddCount(facts, "  answered too late", dns["late"]);
  const Json& limits = stats["limits"];
  AddCount(facts, "limit counters", limits["counters"]);
  AddCount(facts, "  capacity", limits["capacity"]);
  AddCount(facts, "  evicted early", limits["evicted"]);
  AddCount(facts, "client history updates lost", stats["history"]["dropped"]);
  const Json& room = stats["pending_room"];
  AddCount(facts, "pending tuples evicted early", room["evicted"]);
  AddCount(facts, "pending tuples not stored for lack of room", room["turned_away"]);
  AddCount(facts, "tuples expired", greylist["expired"]);
  AddCount(facts, "  of them never retried", greylist["never_came_back"]);
  WriteFacts(output, facts);
}

// In TSV a count's name has to stay the same when others join it: decisions.defer.greylist-new
Json NamedDecisions(const Json& stats) {
  Json named;
  for (const JsonMember& member : stats.members()) {
    if (member.name != "decisions") {
      named.Set(member.name, member.value);
      continue;
    }
    Json decisions = Json::Object();
    for (const Json& line : member.value.items()) {
      decisions.Set(line["action"].text() + "." + line["reason"].text(), line["count"]);
    }
    named.Set(member.name, std::move(decisions));
  }
  return named;
}

}  // namespace

int RunStatus(Context& context, const Words& /*words*/) {
  return context.Ask(Context::Needs::kReading, {"/v1/status"}, [&](const Json& answer) {
    context.Show(answer,
                 [&](Output& output) { WriteStatus(output, answer, context.clock().Now()); });
    return answer["running"].boolean() ? kExitOk : kExitNegative;
  });
}

int RunStats(Context& context, const Words& /*words*/) {
  return context.Ask(Context::Needs::kDaemon, {"/v1/stats"}, [&](const Json& answer) {
    const bool tsv = context.output().format() == Format::kTsv;
    context.Show(tsv ? NamedDecisions(answer) : answer,
                 [&](Output& output) { WriteStats(output, answer); });
    return kExitOk;
  });
}

int RunVersion(Context& context, const Words& /*words*/) {
  Json answer;
  answer.Set("version", kVersion);
  context.Show(answer, [](Output& output) { output.Line("mxwardctl " + std::string(kVersion)); });
  return kExitOk;
}

}  // namespace mxward::cli
