// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "base/counter.h"
#include "facts/decision.h"

namespace mxward {

inline constexpr std::size_t kVerdictCount = 3;
inline constexpr std::size_t kReasonCount = static_cast<std::size_t>(Reason::kFailure) + 1;

// What the engine and the adapter count, for `stats` and the metrics. Since start; thread-safe.
struct Counters {
  Counter sessions;            // connections the MTA told us about
  Counter messages;            // MAIL commands
  Counter recipients;          // recipients that were judged
  Counter recipients_refused;  // refused by the MTA itself, only counted
  Counter observed;            // of the decisions, those nobody was told
  Counter told_at_data;        // deferrals of a null sender, told at DATA
  Counter folded;
  Counter dns_waits;            // at RCPT, for evidence
  Counter dns_waits_given_up;   // of them those that ended without it
  Counter store_failures;       // decisions made by promise 1 because of the store
  Counter callback_failures;    // exceptions caught at libmilter's door
  Counter sessions_over_limit;  // let through unseen: milter.max_sessions
  std::array<std::array<Counter, kReasonCount>, kVerdictCount> decisions;

  Counter& Decision(Verdict verdict, Reason reason) {
    return decisions[static_cast<std::size_t>(verdict)][static_cast<std::size_t>(reason)];
  }
};

}  // namespace mxward
