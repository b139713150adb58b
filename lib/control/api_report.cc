// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"
#include "control/route.h"
#include "outcomes/events.h"
#include "outcomes/missed.h"
#include "outcomes/summary.h"
#include "outcomes/table.h"

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

// What became of deferred mail, and how long it was held up.
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

// Those that most was deferred of, at most so many; "others": what there was no room to name.
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

// allowed: whether such an allow entry is there already.
using IsAllowed = std::function<bool(entries::Kind kind, const std::string& key)>;
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
    item.Set("kind", WordOf(missed.kind)).Set("key", missed.key);
    item.Set("allowed", allowed(missed.kind, missed.key));
    items.Push(std::move(item));
  }
  return items;
}

// What each check did, those that were there most often first; "others" as above.
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

constexpr Seconds kDefaultSince{7 * 86400};
constexpr std::int64_t kMaxReported = 500;
constexpr std::int64_t kDefaultReported = 20;

bool IsAllowEntry(const store::ReadTransaction& read, const HashKey& key, entries::Kind kind,
                  const std::string& about, WallTime now) {
  const auto canonical = entries::CanonicalKey(kind, about);
  if (!canonical) return false;
  const auto bytes = read.Get(store::Table::kEntries, entries::StoreKey(key, kind, *canonical));
  if (!bytes || !*bytes) return false;
  const auto entry = entries::Decode(kind, **bytes);
  return entry && entry->action == entries::Action::kAllow && entries::InForce(*entry, now);
}

// What has been counted and is not yet in the table is of today.
Json SinceWhen(std::optional<outcomes::Day> stored, const outcomes::Summary& summary,
               outcomes::Day today) {
  const bool counted =
      summary.totals() != outcomes::Row() || !summary.of(outcomes::Kind::kFinding).empty();
  if (!stored && counted) stored = today;
  return stored ? Json(FormatTime(outcomes::StartOf(*stored))) : Json();
}

Answer GetReport(const Call& call) {
  const auto since = call.params.Duration("since");
  if (!since) return Fail(since.error());
  const Seconds span = since->value_or(kDefaultSince);
  constexpr Seconds kMost{std::int64_t{outcomes::Outcomes::kKeep} * 86400};
  if (span.count() <= 0 || span > kMost) {
    return Fail(ErrorCode::kInvalid, "since: must be longer than 0, and at most " +
                                         FormatDuration(kMost) + ": older data is not kept");
  }
  MXWARD_TRY(const auto limit, call.params.Integer("limit", kDefaultReported, 1, kMaxReported));
  const auto most = static_cast<std::size_t>(limit);

  store::Environment& environment = call.parts.environment;
  const outcomes::Day today = outcomes::DayOf(call.now);
  // Whole days: the one in which it begins counts.
  const outcomes::Day from = outcomes::DayOf(call.now - span);
  MXWARD_TRY(const auto first, outcomes::FirstDay(environment));
  MXWARD_TRY(const auto summary, call.parts.outcomes.Summarise(from, today));
  const bool names = outcomes::KeepsNames(*call.config);

  Json answer;
  answer.Set("since", FormatTime(outcomes::StartOf(from))).Set("until", FormatTime(call.now));
  answer.Set("records_since", SinceWhen(first, summary, today));
  answer.Set("names", names).Set("observing", IsObserving(*call.config, call.parts.pause));
  Json mails = DeferredItem(summary.totals());
  mails.Set("folded", summary.totals().counts[outcomes::kFolded]);
  answer.Set("mails", std::move(mails)).Set("delay", DelayItem(summary.totals()));
  Json organisations = Json::Array();
  Json missed = Json::Array();
  if (names) {
    organisations = OrganisationItems(summary, most);
    MXWARD_TRY(const auto read, environment.Read());
    missed = MissedItems(summary, most, [&](entries::Kind kind, const std::string& key) {
      return IsAllowEntry(read, environment.hash_key(), kind, key, call.now);
    });
  }
  answer.Set("organisations", std::move(organisations)).Set("missed", std::move(missed));
  answer.Set("findings", FindingItems(summary));
  return answer;
}

}  // namespace

Routes ReportRoutes() {
  static constexpr std::array<std::string_view, 2> kReportParams = {"since", "limit"};
  static constexpr std::array kRoutes = {
      Route{"GET", "/v1/report", kReportParams, Access::kReads, &GetReport},
  };
  return kRoutes;
}

}  // namespace mxward::control
