// SPDX-License-Identifier: Apache-2.0
#include "outcomes/new_findings.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "base/client_network.h"

namespace mxward::outcomes {
namespace {

bool IsNew(Check check) {
  return std::find(kNewFindings.begin(), kNewFindings.end(), check) != kNewFindings.end();
}

std::uint32_t SecondsOf(WallTime time) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(
      time.time_since_epoch().count(), 0, std::numeric_limits<std::uint32_t>::max()));
}

std::string NameOfClient(const NewClient& client) {
  if (!client.verified_name.empty()) return client.verified_name;
  return client.address.is_v4() ? client.address.ToString()
                                : ClientNetwork(client.address).ToString();
}

void AddClient(Check finding, std::size_t counter, const NewClient& client, WallTime now,
               Rows& rows) {
  Row row;
  row.counts[counter] = 1;
  row.counts[kNewLast] = SecondsOf(now);
  AddTo(rows,
        {DayOf(now), Kind::kNewClient, Joined(std::string(WordOf(finding)), NameOfClient(client))},
        row);
}

void AddFinding(Check finding, const Row& row, WallTime now, Rows& rows) {
  AddTo(rows, {DayOf(now), Kind::kNewFinding, std::string(WordOf(finding))}, row);
}

}  // namespace

std::optional<NewCause> CauseOf(const Decision& decision, const ScoreConfig& score) {
  if (!decision.score) return std::nullopt;
  int own = 0;
  int added = 0;
  int withheld = 0;
  const Finding* counts = nullptr;
  const Finding* waits = nullptr;
  for (const Finding& finding : decision.findings) {
    if (IsOwnFinding(finding.check)) own += finding.score;
    if (!IsNew(finding.check)) continue;
    added += finding.score;
    withheld += finding.withheld.score;
    if (finding.score > (counts == nullptr ? 0 : counts->score)) counts = &finding;
    if (finding.withheld.score > (waits == nullptr ? 0 : waits->withheld.score)) waits = &finding;
  }
  const auto total = [&](int change) {
    return *decision.score - std::min(own, score.own_limit) +
           std::min(own + change, score.own_limit);
  };
  if (*decision.score >= score.greylist) {
    if (counts == nullptr || total(-added) >= score.greylist) return std::nullopt;
    return NewCause{counts->check, NewCause::Effect::kCounts};
  }
  if (waits == nullptr || total(withheld) < score.greylist) return std::nullopt;
  return NewCause{waits->check, waits->withheld.suspended ? NewCause::Effect::kSuspended
                                                          : NewCause::Effect::kWaits};
}

Rows RowsOfWaiting(const Decision& decision, const Config& config, const NewClient& client,
                   bool names, WallTime now) {
  Rows rows;
  // Where all are greylisted, being suspicious makes no difference.
  if (decision.reason != Reason::kNotSuspicious) return rows;
  const auto cause = CauseOf(decision, config.score);
  if (!cause || cause->effect == NewCause::Effect::kCounts) return rows;
  Row row;
  if (cause->effect == NewCause::Effect::kWaits) {
    row.counts[kNewWaiting] = 1;
    if (names) AddClient(cause->finding, kNewWaiting, client, now, rows);
  } else {
    row.counts[kSuspended] = 1;
    // The largest is kept, which of the first time is that of what is left behind it.
    row.counts[kSuspendedFrom] = std::numeric_limits<std::uint32_t>::max() - SecondsOf(now);
    row.counts[kSuspendedUntil] = SecondsOf(now);
  }
  AddFinding(cause->finding, row, now, rows);
  return rows;
}

Rows RowsOfDelayed(const Decision& decision, const Config& config, const NewClient& client,
                   bool names, WallTime now) {
  Rows rows;
  if (config.greylist.apply != GreylistApply::kSuspicious) return rows;
  const bool back = decision.reason == Reason::kGreylistPassed;
  if (!back && decision.reason != Reason::kGreylistNew) return rows;
  const auto cause = CauseOf(decision, config.score);
  if (!cause || cause->effect != NewCause::Effect::kCounts) return rows;
  const std::size_t counter = back ? kNewBack : kNewDeferred;
  Row row;
  row.counts[counter] = 1;
  AddFinding(cause->finding, row, now, rows);
  if (names) AddClient(cause->finding, counter, client, now, rows);
  return rows;
}

std::vector<Delayed> ListDelayed(const std::map<std::string, Row>& rows) {
  std::vector<Delayed> list;
  for (const auto& [name, row] : rows) {
    const auto [finding, client] = Split(name);
    if (client.empty()) continue;
    Delayed one;
    one.client = client;
    one.named = !Prefix::Parse(client).has_value();
    one.finding = finding;
    one.deferred = row.counts[kNewDeferred];
    one.came_back = row.counts[kNewBack];
    one.waiting = row.counts[kNewWaiting];
    one.last = WallTime(Seconds(row.counts[kNewLast]));
    list.push_back(std::move(one));
  }
  std::stable_sort(list.begin(), list.end(), [](const Delayed& a, const Delayed& b) {
    return std::tie(a.came_back, a.last) > std::tie(b.came_back, b.last);
  });
  return list;
}

}  // namespace mxward::outcomes
