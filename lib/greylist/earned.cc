// SPDX-License-Identifier: Apache-2.0
#include "greylist/earned.h"

#include <algorithm>
#include <limits>

#include "base/clock_guard.h"
#include "store/bytes.h"

namespace mxward::greylist {
namespace {

constexpr std::uint8_t kEarnedFormat = 1;
constexpr std::uint8_t kAllowed = 1;
constexpr std::uint8_t kForgotten = 2;
constexpr Seconds kCountStep{3600};

}  // namespace

std::string EarnedRecord::Encode() const {
  store::ByteWriter out;
  out.U8(kEarnedFormat);
  out.U8(static_cast<std::uint8_t>((allowed ? kAllowed : 0) | (forgotten ? kForgotten : 0)));
  out.U16(passed);
  out.Time(counted_at);
  out.Time(last_used);
  out.Text(identity);
  return out.Take();
}

std::optional<EarnedRecord> EarnedRecord::Decode(std::string_view bytes) {
  store::ByteReader in(bytes);
  if (in.U8() != kEarnedFormat) return std::nullopt;
  EarnedRecord record;
  const std::uint8_t flags = in.U8();
  record.allowed = (flags & kAllowed) != 0;
  record.forgotten = (flags & kForgotten) != 0;
  record.passed = in.U16();
  record.counted_at = in.Time();
  record.last_used = in.Time();
  record.identity = in.Text();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return record;
}

std::string EarnedKey(std::uint64_t identity_hash) {
  store::ByteWriter out;
  out.U64(identity_hash);
  return out.Take();
}

bool IsAllowed(const EarnedRecord& record, WallTime now, const GreylistConfig& config) {
  return record.allowed && !record.forgotten && config.auto_allow_after > 0 &&
         Age(record.last_used, now) <= config.auto_allow_lifetime;
}

bool IsExpired(const EarnedRecord& record, WallTime now, const GreylistConfig& config) {
  return Age(record.last_used, now) > config.auto_allow_lifetime;
}

bool IsFromFuture(const EarnedRecord& record, WallTime now) {
  return std::max(record.counted_at, record.last_used) > now + kFutureTolerance;
}

EarnedRecord Redated(EarnedRecord record, WallTime now) {
  record.counted_at = std::min(record.counted_at, now);
  record.last_used = std::min(record.last_used, now);
  return record;
}

EarnedRecord AfterPass(const std::optional<EarnedRecord>& record, WallTime now,
                       const GreylistConfig& config) {
  EarnedRecord next;
  if (record && !record->forgotten && !IsExpired(*record, now, config)) next = *record;
  if (IsFromFuture(next, now)) next = Redated(next, now);
  if (next.passed == 0 || Age(next.counted_at, now) >= kCountStep) {
    if (next.passed < std::numeric_limits<std::uint16_t>::max()) ++next.passed;
    next.counted_at = now;
  }
  next.last_used = now;
  next.allowed = next.allowed || next.passed >= config.auto_allow_after;
  return next;
}

}  // namespace mxward::greylist
