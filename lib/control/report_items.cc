// SPDX-License-Identifier: Apache-2.0
#include "control/report_items.h"

#include <algorithm>
#include <vector>

#include "base/units.h"

namespace mxward::control {
namespace {

using outcomes::Row;

Json NameOf(const std::string& name) { return name.empty() ? Json("others") : Json(name); }

// By a counter, the largest first; what has no name comes last.
std::vector<std::pair<std::string, Row>> Sorted(const std::map<std::string, Row>& rows,
                                                std::size_t counter) {
  std::vector<std::pair<std::string, Row>> sorted(rows.begin(), rows.end());
  std::stable_sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) {
    if (a.first.empty() != b.first.empty()) return b.first.empty();
    return a.second.counts[counter] > b.second.counts[counter];
  });
  return sorted;
}

}  // namespace

Json DeferredItem(const Row& row) {
  Json item;
  item.Set("deferred", row.counts[outcomes::kDeferred]);
  item.Set("came_back", row.counts[outcomes::kCameBack]);
  item.Set("never_back", row.counts[outcomes::kNeverBack]);
  item.Set("too_late", row.counts[outcomes::kTooLate]);
  item.Set("still_out", outcomes::StillOut(row));
  item.Set("observed", row.counts[outcomes::kObserved]);
  return item;
}

Json DelayItem(const Row& row) {
  const bool any = row.delays.total() > 0;
  Json item;
  item.Set("mails", row.delays.total());
  item.Set("median_seconds", any ? Json(row.delays.Percentile(50).count()) : Json());
  item.Set("p95_seconds", any ? Json(row.delays.Percentile(95).count()) : Json());
  return item;
}

Json OrganisationItems(const outcomes::Summary& summary, std::size_t limit) {
  Json items = Json::Array();
  for (const auto& [name, row] :
       Sorted(summary.of(outcomes::Kind::kOrganisation), outcomes::kDeferred)) {
    if (items.items().size() >= limit) break;
    Json item;
    item.Set("organisation", NameOf(name));
    for (const Json& part : {DeferredItem(row), DelayItem(row)}) {
      for (const JsonMember& member : part.members()) {
        if (member.name == "mails") continue;  // those that came back
        const bool delay = member.name.ends_with("_seconds");
        item.Set(delay ? "delay_" + member.name : member.name, member.value);
      }
    }
    items.Push(std::move(item));
  }
  return items;
}

Json MissedItems(const outcomes::Summary& summary, std::size_t limit, const IsAllowed& allowed) {
  Json items = Json::Array();
  for (const outcomes::Missed& missed :
       outcomes::GroupMissed(summary.of(outcomes::Kind::kMissed))) {
    if (items.items().size() >= limit) break;
    Json item;
    item.Set("organisation", missed.organisation);
    Json clients = Json::Array();
    for (const std::string& client : missed.clients) clients.Push(client);
    item.Set("clients", std::move(clients)).Set("all_clients", missed.all_clients);
    item.Set("lost", missed.lost).Set("late", missed.late);
    item.Set("longest_delay_seconds", missed.late > 0 ? Json(missed.longest.count()) : Json());
    item.Set("last", FormatTime(missed.last));
    item.Set("kind", entries::KindName(missed.kind)).Set("key", missed.key);
    item.Set("allowed", allowed(missed.kind, missed.key));
    items.Push(std::move(item));
  }
  return items;
}

Json FindingItems(const outcomes::Summary& summary) {
  Json items = Json::Array();
  for (const auto& [name, row] :
       Sorted(summary.of(outcomes::Kind::kFinding), outcomes::kMessages)) {
    const auto companion = name.empty()
                               ? outcomes::Companion()
                               : outcomes::CompanionOf(summary.of(outcomes::Kind::kPair), name);
    Json item;
    item.Set("finding", NameOf(name)).Set("messages", row.counts[outcomes::kMessages]);
    item.Set("alone", row.counts[outcomes::kAlone]);
    item.Set("together", row.counts[outcomes::kMessages] - std::min(row.counts[outcomes::kMessages],
                                                                    row.counts[outcomes::kAlone]));
    item.Set("decisive", row.counts[outcomes::kDecisive]);
    item.Set("accept", row.counts[outcomes::kAccepted]);
    item.Set("defer", row.counts[outcomes::kPutOff]);
    item.Set("reject", row.counts[outcomes::kRejected]);
    item.Set("most_with", companion.name.empty() ? Json() : Json(companion.name));
    item.Set("most_with_messages", companion.messages);
    items.Push(std::move(item));
  }
  return items;
}

}  // namespace mxward::control
