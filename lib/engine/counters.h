// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>

#include "base/counter.h"
#include "base/histogram.h"
#include "facts/decision.h"

namespace mxward {

inline constexpr std::size_t kVerdictCount = 3;
inline constexpr std::size_t kReasonCount = static_cast<std::size_t>(Reason::kFailure) + 1;

// Around the defaults of greylist.delay (4 min) and retry_window (2 days), and how servers retry.
inline constexpr std::array<Histogram::Micros, 13> kDelayBounds = {
    std::chrono::minutes(1),  std::chrono::minutes(3),  std::chrono::minutes(5),
    std::chrono::minutes(8),  std::chrono::minutes(10), std::chrono::minutes(15),
    std::chrono::minutes(30), std::chrono::hours(1),    std::chrono::hours(2),
    std::chrono::hours(4),    std::chrono::hours(8),    std::chrono::hours(24),
    std::chrono::hours(48)};
// From what needs no waiting, over a commit and a lookup, to dns.deadline and store.deadline.
inline constexpr std::array<Histogram::Micros, 12> kJudgingBounds = {
    std::chrono::microseconds(100),  std::chrono::microseconds(500),
    std::chrono::milliseconds(1),    std::chrono::milliseconds(5),
    std::chrono::milliseconds(10),   std::chrono::milliseconds(50),
    std::chrono::milliseconds(100),  std::chrono::milliseconds(500),
    std::chrono::milliseconds(1000), std::chrono::milliseconds(2000),
    std::chrono::milliseconds(3000), std::chrono::milliseconds(5000)};

// What the engine and the adapter count, for `stats` and the metrics. Since start; thread-safe.
struct Counters {
  Counter sessions;                  // connections from the MTA
  Counter messages;                  // MAIL commands
  Counter recipients;                // recipients that were judged
  Counter recipients_refused;        // refused by the MTA itself, only counted
  Counter observed;                  // of the decisions, those that were not enforced
  Counter told_at_end;               // deferrals given at the end of the message, not at RCPT
  Counter folded;                    // tries noted among a client's folded tuples
  Counter unremembered;              // deferrals of which nothing is kept: there are too many
  Counter dns_waits;                 // at RCPT, for evidence
  Counter dns_waits_given_up;        // of them those that ended without it
  Counter store_failures;            // decisions made by invariant 1 because of the store
  Counter deferrals_without_record;  // sent although the record was not committed in time
  Counter callback_failures;         // exceptions caught before they reach libmilter
  Counter sessions_over_limit;       // let through unseen: milter.max_sessions
  std::array<std::array<Counter, kReasonCount>, kVerdictCount> decisions;
  Histogram greylist_delay{kDelayBounds};  // of what passed greylisting: since it was first seen
  Histogram judging{kJudgingBounds};       // from a recipient to its verdict

  Counter& Decision(Verdict verdict, Reason reason) {
    return decisions[static_cast<std::size_t>(verdict)][static_cast<std::size_t>(reason)];
  }
};

}  // namespace mxward
