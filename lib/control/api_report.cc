// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"
#include "clients/client_record.h"
#include "control/route.h"
#include "outcomes/events.h"
#include "outcomes/missed.h"
#include "outcomes/new_findings.h"
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

// What findings did that an older version did not have.
Json NewFindingItems(const outcomes::Summary& summary) {
  Json items = Json::Array();
  for (const auto& [name, row] : summary.of(outcomes::Kind::kNewFinding)) {
    if (name.empty()) continue;
    const std::uint32_t suspended = row.counts[outcomes::kSuspended];
    Json item;
    item.Set("finding", name).Set("delayed", row.counts[outcomes::kNewDeferred]);
    item.Set("came_back", row.counts[outcomes::kNewBack]);
    item.Set("waiting", row.counts[outcomes::kNewWaiting]).Set("suspended", suspended);
    const auto time = [&](std::uint32_t seconds) {
      return suspended > 0 ? Json(FormatTime(WallTime(Seconds(seconds)))) : Json();
    };
    item.Set("suspended_from", time(std::numeric_limits<std::uint32_t>::max() -
                                    row.counts[outcomes::kSuspendedFrom]));
    item.Set("suspended_until", time(row.counts[outcomes::kSuspendedUntil]));
    items.Push(std::move(item));
  }
  return items;
}

// And to whom; whoever came back first.
Json NewClientItems(const outcomes::Summary& summary, std::size_t limit, const IsAllowed& allowed) {
  Json items = Json::Array();
  for (const outcomes::Delayed& one :
       outcomes::ListDelayed(summary.of(outcomes::Kind::kNewClient))) {
    if (items.items().size() >= limit) break;
    const entries::Kind kind = one.named ? entries::Kind::kClientName : entries::Kind::kClient;
    Json item;
    item.Set("client", one.client).Set("finding", one.finding);
    item.Set("delayed", one.deferred).Set("came_back", one.came_back).Set("waiting", one.waiting);
    item.Set("last", FormatTime(one.last)).Set("kind", WordOf(kind)).Set("key", one.client);
    item.Set("allowed", allowed(kind, one.client));
    items.Push(std::move(item));
  }
  return items;
}

// Clients whose mail passed in the period, by whether it came with TLS. The keys of the table are
// hashes: its first kSampledClients are as good as any.
constexpr std::size_t kSampledClients = 100000;
class TlsShares {
 public:
  explicit TlsShares(WallTime from) : from_(from) {}

  void Add(const ClientRecord& record) {
    if (record.last_seen < from_ || record.passed == 0) return;
    const bool clear = record.tls.last_clear >= from_;
    const bool tls = record.tls.on.days > 0;
    always_ += tls && !clear ? 1 : 0;
    never_ += clear && !tls ? 1 : 0;
    both_ += clear && tls ? 1 : 0;
  }
  // What is not yet written, and then the table.
  Result<void> AddAll(std::map<std::string, ClientRecord> unwritten,
                      const store::ReadTransaction& read) {
    MXWARD_TRY(
        read.Scan(store::Table::kClients, "", [&](std::string_view key, std::string_view bytes) {
          if (auto record = ClientRecord::Decode(bytes)) {
            const auto later = unwritten.find(std::string(key));
            if (later != unwritten.end()) {
              record = Merged(*record, later->second);
              unwritten.erase(later);
            }
            Add(*record);
          }
          return ++looked_ < kSampledClients;
        }));
    for (const auto& [key, record] : unwritten) Add(record);
    return {};
  }
  Json ToJson() const {
    Json item;
    item.Set("clients", always_ + never_ + both_).Set("always", always_);
    item.Set("sometimes", both_).Set("never", never_);
    item.Set("sampled", looked_ >= kSampledClients);
    return item;
  }

 private:
  const WallTime from_;
  std::uint64_t always_ = 0;
  std::uint64_t never_ = 0;
  std::uint64_t both_ = 0;
  std::size_t looked_ = 0;
};

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
  Json new_clients = Json::Array();
  auto unwritten = call.parts.history.Unwritten();
  MXWARD_TRY(const auto read, environment.Read());
  if (names) {
    organisations = OrganisationItems(summary, most);
    const auto allowed = [&](entries::Kind kind, const std::string& key) {
      return IsAllowEntry(read, environment.hash_key(), kind, key, call.now);
    };
    missed = MissedItems(summary, most, allowed);
    new_clients = NewClientItems(summary, most, allowed);
  }
  TlsShares tls(outcomes::StartOf(from));
  MXWARD_TRY(tls.AddAll(std::move(unwritten), read));
  const auto new_from = call.parts.new_findings.CountFrom();
  answer.Set("organisations", std::move(organisations)).Set("missed", std::move(missed));
  answer.Set("findings", FindingItems(summary));
  answer.Set("new_findings", NewFindingItems(summary)).Set("new_clients", std::move(new_clients));
  answer.Set("new_findings_from", new_from ? Json(FormatTime(*new_from)) : Json());
  answer.Set("tls", tls.ToJson());
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
