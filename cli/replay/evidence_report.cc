// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/evidence_report.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "base/units.h"
#include "cli/output/rows.h"

namespace mxward::cli {
namespace {

constexpr std::string_view kCounted = "counted";

int WeightOf(Check finding, const ScoreConfig& score) {
  switch (finding) {
    case Check::kTlsNone:
      return score.tls_none;
    case Check::kUnauthenticated:
      return score.unauthenticated;
    case Check::kSpfFail:
      return score.spf_fail;
    case Check::kSpfSoftfail:
      return score.spf_softfail;
    case Check::kSpfPermerror:
      return score.spf_permerror;
    default:
      return 0;
  }
}

bool IsAboutTls(Check finding) {
  return finding == Check::kTlsNone || finding == Check::kUnauthenticated;
}

// "counted"; "off" and "unknown", and then why.
std::pair<std::string_view, std::string_view> StateOf(Check finding, const Config& config,
                                                      const EvidenceSource& source) {
  if (WeightOf(finding, config.score) == 0) return {"off", "its score is 0"};
  if (IsAboutTls(finding)) {
    if (config.tls.offered == TlsOffered::kNo) return {"off", "tls.offered is false"};
    // As the daemon does: what nobody uses may not be offered.
    if (config.tls.offered == TlsOffered::kAuto && source.tls_sessions == 0) {
      return {"unknown",
              "no session in the log has TLS: the mail server does not offer it, or does not log "
              "it (Postfix: smtpd_tls_loglevel = 1)"};
    }
  }
  if (finding != Check::kTlsNone && !source.dns) {
    return {"unknown", "a log does not contain SPF; --dns evaluates it as of today"};
  }
  return {kCounted, ""};
}

Json ItemJson(const NewEvidence::Client& client) {
  Json item;
  item.Set("client", client.name).Set("last", FormatTime(client.last));
  item.Set("recipients", client.recipients).Set("deferred", client.deferred);
  item.Set("taken", client.taken);
  item.Set("spare", fmt::format("mxwardctl allow {} {}", client.named ? "client-name" : "client",
                                client.name));
  return item;
}

void AddRule(Check finding, std::string_view matcher,
             const std::vector<const NewEvidence::Client*>& all, bool named, std::string& rules) {
  std::string clients;
  for (const NewEvidence::Client* client : all) {
    if (client->named != named) continue;
    clients += (clients.empty() ? "\"" : ", \"") + client->name + "\"";
  }
  if (clients.empty()) return;
  // Without its TLS the same client may be suspicious by its SPF.
  const char* skip = IsAboutTls(finding) ? R"("tls", "spf")" : R"("spf")";
  rules += fmt::format("[[rule]]\nname = \"spare {} by {}\"\n{} = [{}]\nskip = [{}]\n",
                       WordOf(finding), named ? "name" : "address", matcher, clients, skip);
}

// Names are host names, addresses are addresses: nothing to escape.
std::string RulesFor(Check finding, const std::vector<const NewEvidence::Client*>& clients) {
  std::string rules;
  AddRule(finding, "client_name", clients, /*named=*/true, rules);
  AddRule(finding, "client", clients, /*named=*/false, rules);
  return rules;
}

}  // namespace

Json ClientsJson(const NewEvidence& evidence) {
  Json clients;
  clients.Set("total", evidence.clients()).Set("with_tls", evidence.clients_with_tls());
  clients.Set("complete", !evidence.full());
  return clients;
}

Json NewFindingsJson(const NewEvidence& evidence, const Config& config,
                     const EvidenceSource& source, std::size_t most) {
  Json findings = Json::Array();
  for (const Check finding : outcomes::kNewFindings) {
    const auto [state, why] = StateOf(finding, config, source);
    Json item;
    item.Set("finding", WordOf(finding)).Set("state", state);
    item.Set("why", why.empty() ? Json() : Json(std::string(why)));
    const bool counted = state == kCounted;
    const NewEvidence::Row& row = evidence.Of(finding);
    item.Set("clients", counted ? Json(row.clients.size()) : Json());
    item.Set("recipients", counted ? Json(row.recipients) : Json());
    item.Set("deferred", counted ? Json(row.deferred) : Json());
    item.Set("taken", counted ? Json(row.taken) : Json());
    item.Set("complete", !row.full);
    Json items = Json::Array();
    std::string rules;
    if (counted) {
      const auto newest = evidence.Newest(finding, most);
      for (const NewEvidence::Client* client : newest) items.Push(ItemJson(*client));
      rules = RulesFor(finding, newest);
    }
    item.Set("items", std::move(items));
    item.Set("rules", rules.empty() ? Json() : Json(rules));
    findings.Push(std::move(item));
  }
  return findings;
}

void WriteNewFindings(Output& output, const Json& document) {
  const Json& clients = document["clients"];
  const std::int64_t total = clients["total"].integer();
  if (total == 0) return;
  const char* more = clients["complete"].boolean() ? "" : "more than ";
  std::vector<Json> rows;
  std::vector<Json> items;
  for (const Json& finding : document["new_findings"].items()) {
    Json row;
    row.Set("finding", finding["finding"]);
    if (finding["clients"].is_null()) {
      row.Set("clients",
              (finding["state"].text() == "off" ? "off: " : "not known: ") + finding["why"].text());
    } else {
      const std::int64_t count = finding["clients"].integer();
      row.Set("clients", fmt::format("{}{} of {}{} clients ({} %), {} of their recipients deferred",
                                     finding["complete"].boolean() ? "" : "more than ", count, more,
                                     total, Share(count, total), finding["deferred"].integer()));
    }
    rows.push_back(std::move(row));
    for (const Json& item : finding["items"].items()) {
      Json shown = item;
      shown.Set("finding", finding["finding"]);
      items.push_back(std::move(shown));
    }
  }
  WriteTable(output,
             {TextColumn("NEW FINDING", "finding"), TextColumn("MAKES SUSPICIOUS", "clients")},
             rows);
  WriteTable(output,
             {TextColumn("CLIENT", "client"), TextColumn("FINDING", "finding"),
              TextColumn("LAST SEEN", "last"), NumberColumn("RECIPIENTS", "recipients"),
              NumberColumn("DEFERRED", "deferred"), NumberColumn("TAKEN IN THE LOG", "taken"),
              TextColumn("TO ALLOW IT", "spare")},
             items);
  for (const Json& finding : document["new_findings"].items()) {
    if (finding["rules"].is_null()) continue;
    output.Line("");
    output.Line("# spares these clients " + finding["finding"].text() + ", and nothing else");
    output.Write(finding["rules"].text());
  }
}

}  // namespace mxward::cli
