// SPDX-License-Identifier: Apache-2.0
#include "clients/standing.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "base/clock_guard.h"
#include "base/units.h"

namespace mxward {
namespace {

constexpr int kDaysNeeded = 5;
constexpr Seconds kRecent{30 * 86400};
constexpr std::uint32_t kBadRejected = 3;

bool IsRecent(WallTime time, WallTime now) { return Age(time, now) <= kRecent; }

bool IsLongEnough(const DayCount& on, WallTime now) {
  const Seconds span = std::min(on.last, now) - std::min(on.first, now);
  return on.days >= kDaysNeeded && span >= kStandingSpan;
}

// Deferred recipients come back and would count again, and rejected ones may exist or not: the
// share is of those that passed or were bad.
bool HasManyBad(const ClientRecord& record) {
  return std::uint64_t{record.bad} * 10 >= std::uint64_t{record.passed} + record.bad;
}

std::string DateOf(WallTime time) { return FormatTime(time).substr(0, 10); }

}  // namespace

StandingResult StandingOf(const ClientRecord& record, bool good_name, WallTime now) {
  if (record.passed == 0) {
    if (!IsRecent(record.last_rejected, now)) return {};
    const std::string last = ", last on " + DateOf(std::min(record.last_rejected, now));
    if (record.harvests > 0) return {Standing::kBad, "tried unknown recipients" + last};
    if (record.against < kBadRejected) return {};
    return {Standing::kBad, "rejected " + std::to_string(record.against) + " times" + last};
  }
  const bool good = good_name && IsLongEnough(record.passed_on, now) && !HasManyBad(record) &&
                    !IsRecent(record.last_listed, now);
  if (!good) return {};
  return {Standing::kGood, "passed on " + std::to_string(record.passed_on.days) + " days since " +
                               DateOf(record.passed_on.first)};
}

bool HasStanding(const ClientRecord& record, std::string_view list_in_question, WallTime now) {
  if (record.organisation == 0 || !IsLongEnough(record.named_on, now) || HasManyBad(record)) {
    return false;
  }
  return !IsRecent(record.last_listed, now) ||
         record.last_list == list_in_question.substr(0, ClientRecord::kMaxListName);
}

std::uint64_t NetworkHash(const HashKey& key, const IpAddress& client) {
  const Prefix network(client, client.is_v4() ? 24 : 48);
  return SipHash(key, network.address().view());
}

std::optional<Voter> WitnessOf(const ClientRecord& record, std::string_view list_in_question,
                               const IpAddress& client, const HashKey& key, WallTime now) {
  if (!HasStanding(record, list_in_question, now)) return std::nullopt;
  return Voter{record.organisation, NetworkHash(key, client)};
}

void VoteWindow::Add(const Voter& witness, bool yes, MonoTime now) {
  if (const auto known = places_.find(witness.organisation); known != places_.end()) {
    Drop(known->second);
  } else if (places_.size() >= kMost) {
    Drop(by_age_.begin());
  }
  by_age_.push_back({witness, yes, now});
  places_[witness.organisation] = std::prev(by_age_.end());
  yes_ += yes ? 1 : 0;
}

VoteWindow::Votes VoteWindow::Get(MonoTime now) {
  while (!by_age_.empty() && now - by_age_.front().at >= kLong) Drop(by_age_.begin());
  const Votes lately = Count(kShort, now);
  return lately.all() >= kEnough ? lately : Count(kLong, now);
}

VoteWindow::Votes VoteWindow::Count(Millis span, MonoTime now) const {
  std::unordered_set<std::uint64_t> yes;
  std::unordered_set<std::uint64_t> no;
  for (auto said = by_age_.rbegin(); said != by_age_.rend() && now - said->at < span; ++said) {
    (said->yes ? yes : no).insert(said->witness.network);
  }
  return {yes.size(), no.size()};
}

void VoteWindow::Clear() {
  by_age_.clear();
  places_.clear();
  yes_ = 0;
}

void VoteWindow::Drop(std::list<Said>::iterator said) {
  yes_ -= said->yes ? 1 : 0;
  places_.erase(said->witness.organisation);
  by_age_.erase(said);
}

}  // namespace mxward
