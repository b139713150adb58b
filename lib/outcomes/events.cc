// SPDX-License-Identifier: Apache-2.0
#include "outcomes/events.h"

#include <algorithm>
#include <utility>

#include "base/clock_guard.h"
#include "greylist/identity.h"
#include "outcomes/evidence.h"
#include "outcomes/missed.h"

namespace mxward::outcomes {
namespace {

using greylist::State;
using greylist::TupleRecord;

// Findings of one message that are looked at; there are never so many.
constexpr std::size_t kMaxFindings = 12;

Row Once(std::initializer_list<std::size_t> counters) {
  Row row;
  for (const std::size_t counter : counters) row.counts[counter] = 1;
  return row;
}

// For the day as a whole, and for the sender's organisation.
void AddBoth(Rows& rows, Day day, const std::string* organisation, const Row& row) {
  AddTo(rows, {day, Kind::kTotals, ""}, row);
  if (organisation != nullptr) AddTo(rows, {day, Kind::kOrganisation, *organisation}, row);
}

std::uint32_t Clamped(std::int64_t number) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(number, 0, 0xffffffff));
}

void AddLate(Rows& rows, Day day, const Try& one, const std::string& organisation, Seconds waited) {
  Row row = Once({kLate});
  row.counts[kLongest] = Clamped(waited.count());
  row.counts[kLast] = Clamped(one.now.time_since_epoch().count());
  const bool own_name = !organisation.empty() && one.client_organisation == organisation;
  AddTo(rows, {day, Kind::kMissed, MissedName(organisation, one.client, own_name)}, row);
}

// The score falls on the other side of a threshold that mattered without these points.
bool IsDecisive(const Decision& decision, int points, const Config& config) {
  const int total = *decision.score;
  const int without = total - points;
  const auto crosses = [&](int threshold) {
    return (total >= threshold) != (without >= threshold);
  };
  if (crosses(config.score.reject)) return true;
  if (config.greylist.apply != GreylistApply::kSuspicious || decision.reason == Reason::kScore) {
    return false;
  }
  // Else an allow, or a rule, decided about greylisting.
  const bool suspicious = total >= config.score.greylist;
  const bool by_score =
      suspicious ? decision.reason != Reason::kAllowed && decision.reason != Reason::kGreylistOff
                 : decision.reason == Reason::kNotSuspicious;
  return by_score && crosses(config.score.greylist);
}

std::size_t CounterOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAccept:
      return kAccepted;
    case Verdict::kDefer:
      return kPutOff;
    case Verdict::kReject:
      return kRejected;
  }
  return kAccepted;
}

}  // namespace

Rows RowsOf(const Try& one) {
  Rows rows;
  if (one.folded) {
    if (one.reason != Reason::kGreylistPassed) {
      AddTo(rows, {DayOf(one.now), Kind::kTotals, ""}, Once({kFolded}));
    }
    return rows;
  }
  const std::string sender = one.names ? SenderOrganisation(one.sender) : "";
  const std::string* organisation = one.names ? &sender : nullptr;
  const bool begins = one.reason == Reason::kGreylistNew || one.reason == Reason::kGreylistExpired;
  const bool was_pending = one.before && one.before->state == State::kPending;
  const bool was_deferred = was_pending && !one.before->observed;
  const Day began =
      begins || !one.before ? DayOf(one.now) : DayOf(std::min(one.before->first_seen, one.now));
  if (begins && was_deferred) {
    AddBoth(rows, DayOf(one.before->first_seen), organisation, Once({kNeverBack, kTooLate}));
  }
  if (begins && one.observing) AddBoth(rows, began, organisation, Once({kObserved}));
  const bool early = one.reason == Reason::kGreylistEarly;
  if (!one.observing && (begins || (early && was_pending && one.before->observed))) {
    AddBoth(rows, began, organisation, Once({kDeferred}));
  }
  if (one.reason == Reason::kGreylistPassed && was_deferred) {
    const Seconds waited = Age(one.before->first_seen, one.now);
    Row row = Once({kCameBack});
    row.delays.Add(waited);
    AddBoth(rows, began, organisation, row);
    if (one.names && one.before->good_evidence && waited > kLateAfter) {
      AddLate(rows, began, one, sender, waited);
    }
  }
  return rows;
}

Rows RowsOfLost(const std::vector<TupleRecord>& lost, const HashKey& key, bool names) {
  Rows rows;
  for (const TupleRecord& record : lost) {
    const Day day = DayOf(record.first_seen);
    // Without a client its addresses are not kept.
    if (!names || !record.client) {
      AddBoth(rows, day, nullptr, Once({kNeverBack}));
      continue;
    }
    const std::string organisation = SenderOrganisation(record.sender);
    AddBoth(rows, day, &organisation, Once({kNeverBack}));
    if (!record.good_evidence) continue;
    Row row = Once({kLost});
    row.counts[kLast] = Clamped(record.last_seen.time_since_epoch().count());
    const bool own_name = !organisation.empty() && record.name_hash != 0 &&
                          record.name_hash == greylist::HashName(key, organisation);
    AddTo(rows, {day, Kind::kMissed, MissedName(organisation, *record.client, own_name)}, row);
  }
  return rows;
}

Rows RowsOfFindings(const Decision& decision, const Config& config, WallTime now) {
  Rows rows;
  if (!decision.score) return rows;
  std::vector<const Finding*> scoring;
  for (const Finding& finding : decision.findings) {
    if (finding.score != 0 && scoring.size() < kMaxFindings) scoring.push_back(&finding);
  }
  const Day day = DayOf(now);
  for (std::size_t i = 0; i < scoring.size(); ++i) {
    const Finding& one = *scoring[i];
    Row row = Once({kMessages, CounterOf(decision.verdict)});
    row.counts[kAlone] = scoring.size() == 1 ? 1 : 0;
    row.counts[kDecisive] = IsDecisive(decision, one.score, config) ? 1 : 0;
    const std::string name = one.Name();
    AddTo(rows, {day, Kind::kFinding, name}, row);
    for (std::size_t j = i + 1; j < scoring.size(); ++j) {
      if (!IsDnsList(one.check) && !IsDnsList(scoring[j]->check)) continue;
      const std::string other = scoring[j]->Name();
      if (name == other) continue;
      const auto [first, second] = std::minmax(name, other);
      AddTo(rows, {day, Kind::kPair, Joined(first, second)}, Once({kMessages}));
    }
  }
  return rows;
}

bool KeepsNames(const Config& config) {
  return !config.greylist.privacy && config.log.addresses != LogAddresses::kHash;
}

}  // namespace mxward::outcomes
