// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "base/units.h"
#include "control/api.h"
#include "control/report_items.h"
#include "outcomes/events.h"
#include "outcomes/table.h"

namespace mxward::control {
namespace {

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

}  // namespace

Api::Answer Api::Report(const Call& call) {
  const auto since = call.params.Duration("since");
  if (!since) return Fail(since.error());
  const Seconds span = since->value_or(kDefaultSince);
  constexpr Seconds kMost{std::int64_t{outcomes::Outcomes::kKeep} * 86400};
  if (span.count() <= 0 || span > kMost) {
    return Fail(ErrorCode::kInvalid, "since: must be more than nothing, and at most " +
                                         FormatDuration(kMost) + ": no more is kept");
  }
  const auto limit = call.params.Integer("limit", kDefaultReported, 1, kMaxReported);
  if (!limit) return Fail(limit.error());
  const auto most = static_cast<std::size_t>(*limit);

  store::Environment& environment = engine_.environment();
  const outcomes::Day today = outcomes::DayOf(call.now);
  // Whole days: the one in which it begins counts.
  const outcomes::Day from = outcomes::DayOf(call.now - span);
  const auto first = outcomes::FirstDay(environment);
  if (!first) return Fail(first.error());
  const auto summary = engine_.outcomes().Summarise(from, today);
  if (!summary) return Fail(summary.error());
  const bool names = outcomes::KeepsNames(*call.config);

  Json answer;
  answer.Set("since", FormatTime(outcomes::StartOf(from))).Set("until", FormatTime(call.now));
  answer.Set("records_since", SinceWhen(*first, *summary, today));
  answer.Set("names", names).Set("observing", engine_.Observing(*call.config));
  Json mails = DeferredItem(summary->totals());
  mails.Set("folded", summary->totals().counts[outcomes::kFolded]);
  answer.Set("mails", std::move(mails)).Set("delay", DelayItem(summary->totals()));
  Json organisations = Json::Array();
  Json missed = Json::Array();
  if (names) {
    organisations = OrganisationItems(*summary, most);
    const auto read = environment.Read();
    if (!read) return Fail(read.error());
    missed = MissedItems(*summary, most, [&](entries::Kind kind, const std::string& key) {
      return IsAllowEntry(*read, environment.hash_key(), kind, key, call.now);
    });
  }
  answer.Set("organisations", std::move(organisations)).Set("missed", std::move(missed));
  answer.Set("findings", FindingItems(*summary));
  return answer;
}

}  // namespace mxward::control
