// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "config/config.h"

namespace mxward::greylist {

// What an identity has earned by passing (auto-allow). Kept in Table::kEarned under the 8 bytes of
// the identity's hash. Layout, as in record.h:
//
//   0     format 1
//   1     flags: 1 allowed, 2 forgotten (a tombstone, nothing else counts)
//   2..3  distinct tuples that passed, at most one an hour counted
//   4..7  when one was counted last
//   8..11 last use
//   then  2 bytes length and the identity's text, "name:example.org" or "client:192.0.2.1"; empty
//   with privacy
struct EarnedRecord {
  bool allowed = false;
  bool forgotten = false;
  std::uint16_t passed = 0;
  WallTime counted_at{};
  WallTime last_used{};
  std::string identity;

  std::string Encode() const;
  static std::optional<EarnedRecord> Decode(std::string_view bytes);
};

// The key of an identity's hash in Table::kEarned.
std::string EarnedKey(std::uint64_t identity_hash);

// True when the identity needs no greylisting now.
bool IsAllowed(const EarnedRecord& record, WallTime now, const GreylistConfig& config);
// True when the record can be removed.
bool IsExpired(const EarnedRecord& record, WallTime now, const GreylistConfig& config);
// As in state.h.
bool IsFromFuture(const EarnedRecord& record, WallTime now);
EarnedRecord Redated(EarnedRecord record, WallTime now);
// The record after one more tuple of the identity passed: counted when the last one is an hour ago.
EarnedRecord AfterPass(const std::optional<EarnedRecord>& record, WallTime now,
                       const GreylistConfig& config);

}  // namespace mxward::greylist
