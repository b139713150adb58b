// SPDX-License-Identifier: Apache-2.0
#include "greylist/merge.h"

#include <algorithm>

#include "greylist/state.h"

namespace mxward::greylist {
namespace {

bool HasExpired(const TupleRecord& record, WallTime now, const GreylistConfig& config) {
  return OutcomeOf(record, now, config) == Outcome::kExpired;
}

// The epoch is never.
WallTime Earlier(WallTime a, WallTime b) {
  if (a == WallTime() || b == WallTime()) return std::max(a, b);
  return std::min(a, b);
}

// Where one of two is a tombstone, the later one stays; of two of one moment the tombstone.
bool TombstoneWins(WallTime other, bool other_forgotten, WallTime stored, bool stored_forgotten) {
  return other > stored || (other == stored && other_forgotten && !stored_forgotten);
}

}  // namespace

std::optional<TupleRecord> Merged(const std::optional<TupleRecord>& stored,
                                  const TupleRecord& other, WallTime now,
                                  const GreylistConfig& config) {
  if (!stored) return other;
  const bool tombstone = other.state == State::kForgotten;
  if (tombstone || stored->state == State::kForgotten) {
    const bool wins = TombstoneWins(other.last_seen, tombstone, stored->last_seen,
                                    stored->state == State::kForgotten);
    return wins ? std::optional(other) : std::nullopt;
  }
  if (HasExpired(*stored, now, config)) {
    return HasExpired(other, now, config) && other.last_seen <= stored->last_seen
               ? std::nullopt
               : std::optional(other);
  }
  if (HasExpired(other, now, config)) return std::nullopt;

  const TupleRecord& newer = other.last_seen > stored->last_seen ? other : *stored;
  const TupleRecord& older = &newer == &other ? *stored : other;
  TupleRecord merged = newer;
  merged.first_seen = Earlier(stored->first_seen, other.first_seen);
  merged.observed = stored->observed && other.observed;
  merged.good_evidence = stored->good_evidence || other.good_evidence;
  merged.spf = stored->spf || other.spf;
  merged.tries = std::max(stored->tries, other.tries);
  if (stored->state == State::kPassed || other.state == State::kPassed) {
    merged.state = State::kPassed;
    merged.passed_at = Earlier(stored->passed_at, other.passed_at);
    merged.passes = std::max(stored->passes, other.passes);
  }
  if (merged.name_hash == 0) merged.name_hash = older.name_hash;
  if (merged.wide_tag == 0 && merged.network_tag == 0) merged.SetHolder(older.holder());
  if (!merged.client) {
    merged.client = older.client;
    merged.sender = older.sender;
    merged.cut = older.cut;
    merged.recipient = older.recipient;
  }
  if (merged == *stored) return std::nullopt;
  return merged;
}

std::optional<AutoAllowRecord> Merged(const std::optional<AutoAllowRecord>& stored,
                                      const AutoAllowRecord& other, WallTime now,
                                      const GreylistConfig& config) {
  const auto same = [&](const AutoAllowRecord& record) {
    return record.Encode() == stored->Encode();
  };
  if (!stored || IsExpired(*stored, now, config)) return other;
  if (IsExpired(other, now, config)) return std::nullopt;
  if (other.forgotten || stored->forgotten) {
    const bool wins =
        TombstoneWins(other.last_used, other.forgotten, stored->last_used, stored->forgotten);
    return wins ? std::optional(other) : std::nullopt;
  }
  AutoAllowRecord merged = *stored;
  merged.allowed = stored->allowed || other.allowed;
  merged.passed = std::max(stored->passed, other.passed);
  merged.counted_at = std::max(stored->counted_at, other.counted_at);
  merged.last_used = std::max(stored->last_used, other.last_used);
  merged.lost_at = std::max(stored->lost_at, other.lost_at);
  const bool other_client = stored->first_client != 0 && other.first_client != 0 &&
                            stored->first_client != other.first_client;
  merged.first_counted = Earlier(stored->first_counted, other.first_counted);
  merged.several_clients = stored->several_clients || other.several_clients || other_client;
  if (merged.first_client == 0) merged.first_client = other.first_client;
  if (merged.identity.empty()) merged.identity = other.identity;
  if (same(merged)) return std::nullopt;
  return merged;
}

std::optional<FoldedBlock> Merged(const std::optional<FoldedBlock>& stored,
                                  const FoldedBlock& other, WallTime now,
                                  const GreylistConfig& config) {
  if (!stored || IsExpired(*stored, now, config)) return other;
  FoldedBlock merged = *stored;
  for (const FoldedTuple& tuple : other.tuples) {
    const auto same = std::find_if(merged.tuples.begin(), merged.tuples.end(),
                                   [&](const FoldedTuple& one) { return one.tag == tuple.tag; });
    if (same != merged.tuples.end()) {
      same->first_seen = Earlier(same->first_seen, tuple.first_seen);
    } else if (merged.tuples.size() < FoldedLimits().tuples) {
      merged.tuples.push_back(tuple);
    }
  }
  if (!merged.client) merged.client = other.client;
  if (merged.wide_tag == 0 && merged.network_tag == 0) {
    merged.wide_tag = other.wide_tag;
    merged.network_tag = other.network_tag;
  }
  if (merged == *stored) return std::nullopt;
  return merged;
}

}  // namespace mxward::greylist
