// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"
#include "cli/output/rows.h"
#include "cli/replay/comparison.h"
#include "cli/replay/evidence_report.h"

namespace mxward::cli {
namespace {

constexpr std::array kVerdicts = {Verdict::kAccept, Verdict::kDefer, Verdict::kReject};
constexpr std::array kFates = {LogFate::kTaken, LogFate::kDeferred, LogFate::kRejected,
                               LogFate::kContentDeferred, LogFate::kContentRejected};

Json LogJson(const ReplayResult& result, const ReportOptions& options) {
  Json log;
  log.Set("files", result.files).Set("lines", result.lines);
  log.Set("mail_server_lines", result.counts.mail_server);
  log.Set("not_understood", result.counts.broken).Set("not_syslog", result.not_syslog);
  log.Set("astray", result.astray);
  log.Set("from", FormatTime(*result.from)).Set("until", FormatTime(result.until));
  const auto took = static_cast<std::uint64_t>(options.took.count());
  log.Set("milliseconds", took > 0 ? Json(took) : Json());
  log.Set("lines_per_second", took > 0 ? Json(result.lines * 1000 / took) : Json());
  Json inputs = Json::Array();
  for (const ReplayResult::Input& input : result.inputs) {
    Json item;
    item.Set("file", input.file).Set("format", input.format).Set("lines", input.lines);
    item.Set("mail_server_lines", input.mail_server).Set("sessions", input.sessions);
    inputs.Push(std::move(item));
  }
  log.Set("inputs", std::move(inputs));
  return log;
}

Json NotJudgedJson(const ReplayResult& result) {
  Json left_out;
  left_out.Set("refused_recipients", result.outcomes.front().refused);
  left_out.Set("refused_earlier", result.counts.refused_early);
  left_out.Set("screened", result.counts.screened);
  left_out.Set("submissions", result.counts.submissions);
  left_out.Set("reinjected", result.counts.reinjected);
  left_out.Set("unfinished", result.counts.unfinished);
  left_out.Set("forced", result.counts.forced);
  return left_out;
}

Json TriesJson(const Tally& tally) {
  Json tries;
  tries.Set("total", tally.total()).Set("trusted", tally.trusted());
  for (const Verdict verdict : kVerdicts) {
    tries.Set(std::string(WordOf(verdict)), tally.strangers(verdict));
  }
  tries.Set("helo_known", tally.helo_known);
  return tries;
}

Json ReasonsJson(const Tally& tally) {
  Json reasons = Json::Array();
  for (const Verdict verdict : kVerdicts) {
    const auto row = static_cast<std::size_t>(verdict);
    for (std::size_t reason = 0; reason < kReasonCount; ++reason) {
      const std::uint64_t tries = tally.tries()[row][reason];
      const std::uint64_t retries = tally.retries()[row][reason];
      if (tries + retries == 0) continue;
      Json item;
      item.Set("action", WordOf(verdict));
      item.Set("reason", WordOf(static_cast<Reason>(reason)));
      item.Set("tries", tries).Set("retries", retries);
      reasons.Push(std::move(item));
    }
  }
  return reasons;
}

Json RulesJson(const ReplayOutcome& outcome) {
  Json rules = Json::Array();
  for (const ReplayOutcome::Rule& rule : outcome.rules) {
    Json item;
    item.Set("rule", rule.name).Set("hits", rule.hits).Set("observed", rule.observed);
    rules.Push(std::move(item));
  }
  return rules;
}

Json DeferredJson(const Tally::Deferred& deferred) {
  Json mails;
  mails.Set("mails", deferred.mails);
  mails.Set("assumed_back", deferred.assumed_back).Set("back_in_log", deferred.back_in_log);
  mails.Set("never_back", deferred.never_back).Set("open", deferred.open);
  mails.Set("turned_away", deferred.turned_away).Set("rejected_later", deferred.rejected_later);
  mails.Set("given_up", deferred.given_up).Set("not_followed", deferred.not_followed);
  return mails;
}

Json DelayJson(const Delays& delays) {
  Json delay;
  const bool any = delays.total() > 0;
  delay.Set("mails", delays.total());
  delay.Set("median_seconds", any ? Json(delays.Percentile(50).count()) : Json());
  delay.Set("p95_seconds", any ? Json(delays.Percentile(95).count()) : Json());
  delay.Set("max_seconds", any ? Json(delays.Longest().count()) : Json());
  return delay;
}

Json AgainstJson(const Tally& tally) {
  Json against = Json::Array();
  for (const LogFate fate : kFates) {
    std::uint64_t all = 0;
    for (const Verdict verdict : kVerdicts) all += tally.against(verdict, fate);
    if (all == 0) continue;
    Json item;
    item.Set("log", WordOf(fate));
    for (const Verdict verdict : kVerdicts) {
      item.Set(std::string(WordOf(verdict)), tally.against(verdict, fate));
    }
    against.Push(std::move(item));
  }
  return against;
}

Json OrganisationsJson(const Tally& tally, std::size_t most) {
  Json items = Json::Array();
  for (const auto& [name, organisation] : tally.Top(most)) {
    Json item;
    item.Set("organisation", name).Set("tries", organisation->tries);
    item.Set("deferred", organisation->deferred).Set("rejected", organisation->rejected);
    const bool any = organisation->delays.total() > 0;
    item.Set("delay_median_seconds",
             any ? Json(organisation->delays.Percentile(50).count()) : Json());
    item.Set("delay_p95_seconds", any ? Json(organisation->delays.Percentile(95).count()) : Json());
    items.Push(std::move(item));
  }
  return items;
}

Json NotesJson(const ReplayResult& result, const ReportOptions& options) {
  Json notes = Json::Array();
  const Tally& tally = result.outcomes.front().tally;
  if (options.config.empty()) notes.Push("there is no configuration: the defaults were replayed");
  if (options.observing) {
    notes.Push("the configuration has mode = \"observe\": it was replayed as \"enforce\"");
  }
  if (!options.dns) {
    notes.Push(
        options.lists
            ? "the DNS was not queried: DNS lists and sender domains do not count here (see --dns)"
            : "the DNS was not queried: sender domains do not count here (see --dns)");
  } else {
    notes.Push("DNS answers are those of today, not those of the time of the log");
  }
  if (tally.helo_known < tally.total()) {
    notes.Push(
        fmt::format("a mail server's log seldom contains the HELO: it is known for {} of {} "
                    "recipients, and the others are not penalised",
                    tally.helo_known, tally.total()));
  }
  if (tally.deferred.mails > 0) {
    notes.Push(fmt::format(
        "a sender that is deferred only here has no retry in the log: for mail that was accepted "
        "there, a retry after {} is assumed, and further ones at growing intervals if needed; so "
        "delays are estimates, and spammers who would not have retried count as if they had",
        FormatDuration(options.retry)));
  }
  if (tally.deferred.back_in_log + tally.deferred.never_back + tally.deferred.open > 0) {
    notes.Push(
        "for mail that the log's server itself deferred, the retries are those in the log; none "
        "are assumed");
  }
  if (result.counts.forced > 0) {
    notes.Push(fmt::format(
        "{} messages were replayed before all of their lines were read: too much mail at once",
        result.counts.forced));
  }
  return notes;
}

// One line for all files of a form.
void AddForms(const Json& inputs, Facts& facts) {
  std::vector<std::string> forms;
  for (const Json& input : inputs.items()) {
    const std::string form = FieldText(input["format"]);
    if (!form.empty() && std::find(forms.begin(), forms.end(), form) == forms.end()) {
      forms.push_back(form);
    }
  }
  if (forms.size() == 1) {
    facts.emplace_back("  written as", forms.front());
    return;
  }
  for (const Json& input : inputs.items()) {
    const std::string file = FieldText(input["file"]);
    const std::string form = FieldText(input["format"]);
    facts.emplace_back("  form of " + file.substr(file.rfind('/') + 1),
                       form.empty() ? "not understood" : form);
  }
}

void WriteLog(Output& output, const Json& document) {
  const Json& log = document["log"];
  const Json& left_out = document["not_judged"];
  Facts facts;
  facts.emplace_back("log", FieldText(log["from"]) + " to " + FieldText(log["until"]));
  std::string lines = FieldText(log["lines"]) + ", " + FieldText(log["mail_server_lines"]) +
                      " of them of the mail server";
  if (!log["lines_per_second"].is_null()) {
    lines += "; " + FieldText(log["lines_per_second"]) + " a second";
  }
  facts.emplace_back("lines", std::move(lines));
  AddForms(log["inputs"], facts);
  AddUnlessZero(facts, "  not understood", log["not_understood"]);
  AddUnlessZero(facts, "  not syslog lines", log["not_syslog"]);
  AddUnlessZero(facts, "  with implausible times", log["astray"]);
  facts.emplace_back("sessions", FieldText(document["sessions"]));
  facts.emplace_back("messages", FieldText(document["messages"]));
  AddUnlessZero(facts, "  on submission ports, without a login", left_out["submissions"]);
  AddUnlessZero(facts, "  back from a content filter", left_out["reinjected"]);
  AddUnlessZero(facts, "  without an end in the log", left_out["unfinished"]);
  AddUnlessZero(facts, "refused by postscreen", left_out["screened"]);
  AddUnlessZero(facts, "refused before RCPT", left_out["refused_earlier"]);
  AddUnlessZero(facts, "recipients refused by the mail server", left_out["refused_recipients"]);
  const Json& tries = document["tries"];
  facts.emplace_back("recipients checked", FieldText(tries["total"]));
  AddUnlessZero(facts, "  trusted", tries["trusted"]);
  WriteFacts(output, facts);
}

void WriteVerdicts(Output& output, const Json& document) {
  const Json& tries = document["tries"];
  const std::int64_t strangers =
      tries["accept"].integer() + tries["defer"].integer() + tries["reject"].integer();
  output.Line("");
  Facts facts;
  const auto add = [&](const char* name, const char* member, Color color) {
    const std::string text = FieldText(tries[member]);
    std::string share = Share(tries[member].integer(), strangers);
    facts.emplace_back(
        name, output.Paint(text, color) + (share.empty() ? "" : " (" + share + " % of strangers)"));
  };
  add("accepted at once", "accept", Color::kGreen);
  add("deferred", "defer", Color::kYellow);
  add("rejected", "reject", Color::kRed);
  WriteFacts(output, facts);
}

void WriteDeferred(Output& output, const Json& document) {
  const Json& deferred = document["deferred"];
  if (deferred["mails"].integer() == 0) return;
  output.Line("");
  Facts facts;
  facts.emplace_back("mails deferred", FieldText(deferred["mails"]));
  AddUnlessZero(facts, "  accepted by an assumed retry", deferred["assumed_back"]);
  AddUnlessZero(facts, "  accepted by a retry in the log", deferred["back_in_log"]);
  AddUnlessZero(facts, "  never retried in the log", deferred["never_back"]);
  AddUnlessZero(facts, "  could still be retried at its end", deferred["open"]);
  AddUnlessZero(facts, "  refused in the log as well", deferred["turned_away"]);
  AddUnlessZero(facts, "  rejected when retried", deferred["rejected_later"]);
  AddUnlessZero(facts, "  given up by the sender", deferred["given_up"]);
  AddUnlessZero(facts, "  not followed, too many", deferred["not_followed"]);
  const Json& delay = document["delay"];
  if (delay["mails"].integer() > 0) {
    facts.emplace_back("delay of accepted mail",
                       "median " + DurationText(delay["median_seconds"]) + ", 95 % within " +
                           DurationText(delay["p95_seconds"]) + ", at most " +
                           DurationText(delay["max_seconds"]));
  }
  WriteFacts(output, facts);
}

void WriteNotes(Output& output, const Json& document) {
  output.Line("");
  for (const Json& note : document["notes"].items()) {
    output.Line(output.Paint("! " + FieldText(note), Color::kYellow));
  }
}

void WriteText(Output& output, const Json& document) {
  WriteLog(output, document);
  if (!document["changed"].is_null()) {
    WriteComparison(output, document);
    WriteNotes(output, document);
    return;
  }
  WriteVerdicts(output, document);
  WriteTable(output,
             {TextColumn("ACTION", "action"), TextColumn("REASON", "reason"),
              NumberColumn("RECIPIENTS", "tries"), NumberColumn("RETRIES", "retries")},
             document["reasons"].items());
  WriteTable(output,
             {TextColumn("RULE", "rule"), NumberColumn("HITS", "hits"),
              NumberColumn("OBSERVED", "observed")},
             document["rules"].items());
  WriteDeferred(output, document);
  WriteTable(output,
             {TextColumn("IN THE LOG", "log"), NumberColumn("ACCEPTED HERE", "accept"),
              NumberColumn("DEFERRED", "defer"), NumberColumn("REJECTED", "reject")},
             document["against_log"].items());
  WriteTable(output,
             {TextColumn("SENDER", "organisation"), NumberColumn("RECIPIENTS", "tries"),
              NumberColumn("DEFERRED", "deferred"), NumberColumn("REJECTED", "rejected"),
              DurationColumn("MEDIAN DELAY", "delay_median_seconds"),
              DurationColumn("95 %", "delay_p95_seconds")},
             document["organisations"].items());
  WriteNewFindings(output, document);
  WriteNotes(output, document);
}

// In TSV a count's name has to stay the same when others join it: reasons.defer.greylist-new.tries
Json NamedCounts(const Json& document) {
  Json named;
  for (const JsonMember& member : document.members()) {
    if (member.name == "changed") {
      named.Set(member.name, NamedCounts(member.value));
      continue;
    }
    if (member.name == "new_findings") {
      Json findings = Json::Object();
      for (const Json& item : member.value.items()) {
        Json counts = Json::Object();
        for (const JsonMember& count : item.members()) {
          if (count.name != "finding" && count.name != "items") counts.Set(count.name, count.value);
        }
        findings.Set(item["finding"].text(), std::move(counts));
      }
      named.Set(member.name, std::move(findings));
      continue;
    }
    if (member.name != "reasons" && member.name != "against_log") {
      named.Set(member.name, member.value);
      continue;
    }
    Json items = Json::Object();
    for (const Json& item : member.value.items()) {
      const bool reasons = member.name == "reasons";
      const std::string name =
          reasons ? item["action"].text() + "." + item["reason"].text() : item["log"].text();
      Json counts = Json::Object();
      for (const JsonMember& count : item.members()) {
        if (!count.value.is_text()) counts.Set(count.name, count.value);
      }
      items.Set(name, std::move(counts));
    }
    named.Set(member.name, std::move(items));
  }
  return named;
}

void SetDecisions(const ReplayOutcome& outcome, const ReportOptions& options, Json& document) {
  document.Set("tries", TriesJson(outcome.tally));
  document.Set("reasons", ReasonsJson(outcome.tally));
  document.Set("rules", RulesJson(outcome));
  document.Set("deferred", DeferredJson(outcome.tally.deferred));
  document.Set("delay", DelayJson(outcome.tally.delays()));
  document.Set("against_log", AgainstJson(outcome.tally));
  document.Set("organisations", OrganisationsJson(outcome.tally, options.organisations));
}

void SetEvidence(const ReplayOutcome& outcome, const ReplayResult& result,
                 const ReportOptions& options, Json& document) {
  document.Set("clients", ClientsJson(outcome.evidence));
  document.Set("new_findings",
               NewFindingsJson(outcome.evidence, *outcome.config,
                               {options.dns, result.counts.tls_sessions}, options.organisations));
}

}  // namespace

Json ReplayDocument(const ReplayResult& result, const ReportOptions& options) {
  const ReplayOutcome& in_force = result.outcomes.front();
  Json document;
  document.Set("config", options.config.empty() ? Json() : Json(options.config));
  document.Set("log", LogJson(result, options));
  document.Set("sessions", result.counts.sessions).Set("messages", result.counts.messages);
  document.Set("not_judged", NotJudgedJson(result));
  SetDecisions(in_force, options, document);
  document.Set("retry_seconds", options.retry.count()).Set("dns", options.dns);
  document.Set("notes", NotesJson(result, options));
  SetEvidence(in_force, result, options, document);
  if (result.outcomes.size() > 1) {
    const ReplayOutcome& with_changes = result.outcomes.at(1);
    Json changed;
    Json set = Json::Array();
    for (const std::string& change : options.changes) set.Push(change);
    changed.Set("set", std::move(set));
    SetDecisions(with_changes, options, changed);
    SetEvidence(with_changes, result, options, changed);
    changed.Set("differences",
                DifferencesJson(in_force.tally, with_changes.tally, options.organisations));
    document.Set("changed", std::move(changed));
  }
  return document;
}

void WriteReplay(Output& output, const Json& document) {
  switch (output.format()) {
    case Format::kTable:
      WriteText(output, document);
      break;
    case Format::kJson:
      output.Document(document);
      break;
    case Format::kTsv:
      output.Document(NamedCounts(document));
      break;
  }
}

}  // namespace mxward::cli
