// SPDX-License-Identifier: Apache-2.0
#include "cli/report/parts.h"

#include <algorithm>
#include <utility>

#include "cli/output/rows.h"

namespace mxward::cli {
namespace {

// "192.0.2.1, 192.0.2.7 and 3 more"
std::string ClientsText(const Json& item) {
  const Json& clients = item["clients"];
  if (clients.items().empty()) return "any, by its own name";
  std::string text = FieldText(clients);
  const auto shown = static_cast<std::int64_t>(clients.items().size());
  const std::int64_t more = item["all_clients"].integer() - shown;
  return more > 0 ? text + " and " + std::to_string(more) + " more" : text;
}

std::string SenderText(const Json& item) {
  const std::string organisation = FieldText(item["organisation"]);
  return organisation.empty() ? "(no domain)" : organisation;
}

std::vector<Column> OrganisationColumns() {
  return {TextColumn("SENDER", "organisation"),
          NumberColumn("DEFERRED", "deferred"),
          NumberColumn("CAME BACK", "came_back"),
          NumberColumn("NEVER", "never_back"),
          NumberColumn("NOT YET", "still_out"),
          DurationColumn("MEDIAN DELAY", "delay_median_seconds"),
          DurationColumn("95 %", "delay_p95_seconds")};
}

std::vector<Column> MissedColumns() {
  return {{"SENDER", [](const Json& item, WallTime) { return Cell{SenderText(item)}; }},
          {"CLIENT", [](const Json& item, WallTime) { return Cell{ClientsText(item)}; }},
          NumberColumn("LOST", "lost"),
          NumberColumn("LATE", "late"),
          DurationColumn("LONGEST", "longest_delay_seconds"),
          {"LAST", [](const Json& item, WallTime now) { return TimeCell(item["last"], now); }},
          {"COMMAND TO ALLOW IT", [](const Json& item, WallTime) {
             if (item["allowed"].boolean()) return Cell{"already allowed", Color::kDim};
             return Cell{ExemptionLine(item)};
           }}};
}

std::vector<Column> FindingColumns() {
  return {TextColumn("CHECK", "finding"),
          NumberColumn("MESSAGES", "messages"),
          NumberColumn("ALONE", "alone"),
          NumberColumn("TOGETHER", "together"),
          NumberColumn("DECISIVE", "decisive"),
          NumberColumn("ACCEPTED", "accept"),
          NumberColumn("DEFERRED", "defer"),
          NumberColumn("REJECTED", "reject"),
          {"MOST OFTEN WITH", [](const Json& item, WallTime) {
             if (item["most_with"].is_null()) return Cell{"-", Color::kDim};
             return Cell{FieldText(item["most_with"]) + " (" +
                         FieldText(item["most_with_messages"]) + ")"};
           }}};
}

std::vector<Column> NewFindingColumns() {
  return {TextColumn("CHECK", "finding"), NumberColumn("DELAYED", "delayed"),
          NumberColumn("CAME BACK", "came_back"), NumberColumn("NOT YET COUNTED", "waiting"),
          NumberColumn("WHILE SUSPENDED", "suspended")};
}

std::vector<Column> NewClientColumns() {
  return {TextColumn("CLIENT", "client"),
          TextColumn("CHECK", "finding"),
          NumberColumn("DELAYED", "delayed"),
          NumberColumn("CAME BACK", "came_back"),
          NumberColumn("NOT YET COUNTED", "waiting"),
          {"LAST", [](const Json& item, WallTime now) { return TimeCell(item["last"], now); }},
          {"COMMAND TO ALLOW IT", [](const Json& item, WallTime) {
             if (item["allowed"].boolean()) return Cell{"already allowed", Color::kDim};
             return Cell{ExemptionLine(item)};
           }}};
}

}  // namespace

Facts ReportFacts(const Json& report, WallTime now) {
  const Json& mails = report["mails"];
  const std::int64_t deferred = mails["deferred"].integer();
  Facts facts;
  facts.emplace_back("since", FieldText(report["since"]) + " (" +
                                  RelativeTime(TimeOf(report["since"]), now) + ")");
  facts.emplace_back("mails deferred", std::to_string(deferred));
  const auto add = [&](const char* name, const char* member) {
    const std::int64_t count = mails[member].integer();
    const std::string share = Share(count, deferred);
    facts.emplace_back(name, std::to_string(count) + (share.empty() ? "" : " (" + share + " %)"));
  };
  add("  came back", "came_back");
  add("  never retried in time", "never_back");
  AddUnlessZero(facts, "    of them retried too late", mails["too_late"]);
  add("  not retried yet", "still_out");
  AddUnlessZero(facts, "would have been deferred", mails["observed"]);
  AddUnlessZero(facts, "attempts over greylist.max_pending", mails["folded"]);
  const Json& delay = report["delay"];
  if (delay["mails"].integer() > 0) {
    facts.emplace_back("added delay, about", "median " + DurationText(delay["median_seconds"]) +
                                                 ", 95 % within " +
                                                 DurationText(delay["p95_seconds"]));
  }
  const Json& tls = report["tls"];
  if (const std::int64_t clients = tls["clients"].integer(); clients > 0) {
    facts.emplace_back("clients always with TLS",
                       FieldText(tls["always"]) + " of " + std::to_string(clients) + " (" +
                           Share(tls["always"].integer(), clients) + " %)");
    AddUnlessZero(facts, "  sometimes", tls["sometimes"]);
  }
  return facts;
}

std::vector<ReportTable> ReportTables(const Json& report) {
  std::vector<ReportTable> tables;
  const auto add = [&](std::string_view title, std::vector<Column> columns, const char* member) {
    const auto& items = report[member].items();
    if (!items.empty()) tables.push_back({title, std::move(columns), &items});
  };
  add("Deferred mail by sender", OrganisationColumns(), "organisations");
  add("Probably good mail that was lost or late", MissedColumns(), "missed");
  add("What each list and check did, in messages", FindingColumns(), "findings");
  add("What new checks did, to recipients and messages that nothing else made suspicious",
      NewFindingColumns(), "new_findings");
  add("Whom new checks delayed, or will", NewClientColumns(), "new_clients");
  return tables;
}

std::vector<std::string> ReportNotes(const Json& report) {
  std::vector<std::string> notes;
  if (report["records_since"].is_null()) {
    notes.emplace_back("nothing has been recorded yet");
  } else if (TimeOf(report["records_since"]) > TimeOf(report["since"])) {
    notes.push_back("records exist only since " + FieldText(report["records_since"]));
  }
  if (!report["names"].boolean()) {
    notes.emplace_back(
        "with greylist.privacy, or log.addresses = \"hash\", senders and clients are not kept");
  }
  if (report["observing"].boolean()) {
    notes.emplace_back("mxward is observing: no mail is deferred");
  }
  if (!report["new_findings_from"].is_null()) {
    notes.push_back("new checks count from " + FieldText(report["new_findings_from"]) +
                    " on; \"not yet counted\" is what they would have made suspicious until now");
  }
  for (const Json& finding : report["new_findings"].items()) {
    if (finding["suspended"].integer() == 0) continue;
    notes.push_back(FieldText(finding["finding"]) + " was suspended, from " +
                    FieldText(finding["suspended_from"]) + " to " +
                    FieldText(finding["suspended_until"]) +
                    " at least: the mail server's TLS seemed to be broken");
  }
  if (report["tls"]["sampled"].boolean()) {
    notes.emplace_back("the share of clients with TLS is that of 100000 of them");
  }
  if (report["mails"]["still_out"].integer() > 0) {
    notes.emplace_back("mail that is never retried is counted a day after greylist.retry_window");
  }
  return notes;
}

std::string ExemptionLine(const Json& item) {
  const std::string key = FieldText(item["key"]);
  const bool plain = std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == ':' || c == '/' ||
           c == '-' || c == '_';
  });
  // A shell might take anything else for its own; no domain and no address has it.
  if (key.empty() || key.front() == '-' || !plain) return "-";
  return "mxwardctl allow " + FieldText(item["kind"]) + " " + key;
}

}  // namespace mxward::cli
