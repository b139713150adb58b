// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/siphash.h"
#include "config/config.h"
#include "facts/decision.h"
#include "greylist/record.h"
#include "outcomes/row.h"

namespace mxward::outcomes {

// What happened, as rows to be added to those of the table. Pure.

// One try of a tuple that changed its record.
struct Try {
  Reason reason = Reason::kGreylistNew;  // one of greylisting's
  bool folded = false;                   // noted in the client's folded record
  bool observing = false;
  std::optional<greylist::TupleRecord> before;  // its record until then
  WallTime now{};
  IpAddress client;
  std::string sender;
  std::string client_organisation;  // of its verified name that is not dynamic
  bool names = true;                // whether organisations and clients may be kept
};
Rows RowsOf(const Try& one);

// Tuples that never came back and are about to be removed. names: as above.
Rows RowsOfLost(const std::vector<greylist::TupleRecord>& lost, const HashKey& key, bool names);

// What each finding of a decision did, and which were there together. Nothing when nobody added up
// the score, or nothing scored.
Rows RowsOfFindings(const Decision& decision, const Config& config, WallTime now);

// Whether organisations and clients may be kept under this configuration.
bool KeepsNames(const Config& config);

// Mail that took longer was late.
inline constexpr Seconds kLateAfter{3600};

}  // namespace mxward::outcomes
