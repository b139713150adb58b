// SPDX-License-Identifier: Apache-2.0
#include "greylist/auto_allow.h"

#include <algorithm>
#include <limits>

#include "base/bytes.h"
#include "base/clock_guard.h"

namespace mxward::greylist {
namespace {

constexpr std::uint8_t kEarnedFormat = 1;
constexpr std::uint8_t kFormatWithRevocation = 2;
constexpr std::uint8_t kFormatOfOrganisation = 3;
constexpr std::uint8_t kAllowed = 1;
constexpr std::uint8_t kForgotten = 2;
constexpr std::uint8_t kSeveralClients = 4;
constexpr Seconds kCountStep{3600};

// What a name earned before.
bool IsOfName(const AutoAllowRecord& record) { return record.identity.starts_with("name:"); }

// One more tuple has passed; whether that makes it an allowance is another question.
AutoAllowRecord Counted(const std::optional<AutoAllowRecord>& record, WallTime now,
                        const GreylistConfig& config) {
  AutoAllowRecord next;
  if (record && !record->forgotten && !IsExpired(*record, now, config)) next = *record;
  if (IsFromFuture(next, now)) next = WithClampedTimes(next, now);
  if (IsRevoked(next, now)) return next;
  if (next.passed == 0 || Age(next.counted_at, now) >= kCountStep) {
    if (next.passed < std::numeric_limits<std::uint16_t>::max()) ++next.passed;
    next.counted_at = now;
  }
  next.last_used = now;
  return next;
}

}  // namespace

std::string AutoAllowRecord::Encode() const {
  ByteWriter out;
  const bool lost = lost_at != WallTime();
  const bool of_organisation = first_counted != WallTime();
  out.U8(of_organisation ? kFormatOfOrganisation : lost ? kFormatWithRevocation : kEarnedFormat);
  out.U8(static_cast<std::uint8_t>((allowed ? kAllowed : 0) | (forgotten ? kForgotten : 0) |
                                   (several_clients ? kSeveralClients : 0)));
  out.U16(passed);
  out.Time(counted_at);
  out.Time(last_used);
  if (lost || of_organisation) out.Time(lost_at);
  if (of_organisation) {
    out.Time(first_counted);
    out.U32(first_client);
  }
  out.Text(identity);
  return out.Take();
}

std::optional<AutoAllowRecord> AutoAllowRecord::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t format = in.U8();
  if (format < kEarnedFormat || format > kFormatOfOrganisation) return std::nullopt;
  AutoAllowRecord record;
  const std::uint8_t flags = in.U8();
  record.allowed = (flags & kAllowed) != 0;
  record.forgotten = (flags & kForgotten) != 0;
  record.several_clients = (flags & kSeveralClients) != 0;
  record.passed = in.U16();
  record.counted_at = in.Time();
  record.last_used = in.Time();
  if (format != kEarnedFormat) record.lost_at = in.Time();
  if (format == kFormatOfOrganisation) {
    record.first_counted = in.Time();
    record.first_client = in.U32();
  }
  record.identity = in.Text();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return record;
}

std::string AutoAllowKey(std::uint64_t identity_hash) {
  ByteWriter out;
  out.U64(identity_hash);
  return out.Take();
}

bool IsRevoked(const AutoAllowRecord& record, WallTime now) {
  return record.lost_at != WallTime() && Age(record.lost_at, now) < kRevokedFor;
}

bool IsAllowed(const AutoAllowRecord& record, WallTime now, const GreylistConfig& config) {
  return record.allowed && !record.forgotten && config.auto_allow_after > 0 &&
         !IsRevoked(record, now) && !IsOfName(record) &&
         Age(record.last_used, now) <= config.auto_allow_lifetime;
}

bool IsExpired(const AutoAllowRecord& record, WallTime now, const GreylistConfig& config) {
  return IsOfName(record) || Age(record.last_used, now) > config.auto_allow_lifetime;
}

bool IsFromFuture(const AutoAllowRecord& record, WallTime now) {
  return std::max({record.counted_at, record.last_used, record.lost_at, record.first_counted}) >
         now + kFutureTolerance;
}

AutoAllowRecord WithClampedTimes(AutoAllowRecord record, WallTime now) {
  record.counted_at = std::min(record.counted_at, now);
  record.last_used = std::min(record.last_used, now);
  record.lost_at = std::min(record.lost_at, now);
  record.first_counted = std::min(record.first_counted, now);
  return record;
}

AutoAllowRecord AfterPass(const std::optional<AutoAllowRecord>& record, WallTime now,
                          const GreylistConfig& config) {
  AutoAllowRecord next = Counted(record, now, config);
  if (IsRevoked(next, now)) return next;
  next.allowed = next.allowed || next.passed >= config.auto_allow_after;
  return next;
}

AutoAllowRecord AfterPassOfOrganisation(const std::optional<AutoAllowRecord>& record,
                                        std::uint32_t client, WallTime now,
                                        const GreylistConfig& config) {
  AutoAllowRecord next = Counted(record, now, config);
  if (next.first_counted == WallTime()) next.first_counted = now;
  if (next.first_client == 0) next.first_client = client;
  next.several_clients = next.several_clients || next.first_client != client;
  const bool proven = next.several_clients || Age(next.first_counted, now) >= kOrganisationProves;
  next.allowed = next.allowed || (proven && next.passed >= config.auto_allow_after);
  return next;
}

AutoAllowRecord AfterRevocation(AutoAllowRecord record, WallTime now) {
  record.lost_at = now;
  return record;
}

}  // namespace mxward::greylist
