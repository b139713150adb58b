// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"
#include "config/config.h"
#include "control/address_pattern.h"
#include "control/items.h"
#include "control/params.h"
#include "greylist/record.h"

namespace mxward::control {

// Which tuples a listing shows: all conditions have to hold. Records that store no addresses
// (greylist.privacy, folded ones) match no condition about what they do not store. Value type.
struct TupleFilter {
  // The parameters that Parse() reads: state (pending, passed, expired), progress (waiting,
  // overdue, never), client (an address or a prefix), sender and recipient (AddressPattern),
  // older_than and younger_than (a duration, compared with the time since the tuple was last seen).
  static constexpr std::string_view kState = "state";
  static constexpr std::string_view kProgress = "progress";
  static constexpr std::string_view kClient = "client";
  static constexpr std::string_view kSender = "sender";
  static constexpr std::string_view kRecipient = "recipient";
  static constexpr std::string_view kOlderThan = "older_than";
  static constexpr std::string_view kYoungerThan = "younger_than";

  static Result<TupleFilter> Parse(const Params& params);
  bool Matches(const greylist::TupleRecord& record, WallTime now,
               const GreylistConfig& config) const;

  std::optional<TupleState> state;
  std::optional<Progress> progress;
  std::optional<Prefix> client;
  std::optional<AddressPattern> sender;
  std::optional<AddressPattern> recipient;
  std::optional<Seconds> older_than;
  std::optional<Seconds> younger_than;
};

}  // namespace mxward::control
