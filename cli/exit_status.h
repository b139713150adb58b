// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace mxward::cli {

// What mxwardctl ends with; part of its interface.
inline constexpr int kExitOk = 0;
inline constexpr int kExitNegative = 1;  // a negative answer: nothing found, check failed, deferred
inline constexpr int kExitTrouble = 2;   // the question could not be answered
inline constexpr int kExitUsage = 64;

}  // namespace mxward::cli
