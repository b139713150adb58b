// SPDX-License-Identifier: Apache-2.0
#include "clients/client_record.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/clock_guard.h"
#include "base/units.h"
#include "store/bytes.h"

namespace mxward {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kAddress = 1;
constexpr std::uint8_t kIpv6 = 2;
constexpr std::size_t kV6Bytes = 8;  // of a /64

constexpr Seconds kDay{86400};
constexpr int kGoodDays = 5;
constexpr Seconds kGoodSpan{14 * kDay};
constexpr Seconds kRecent{30 * kDay};
constexpr std::uint32_t kBadRejected = 3;

std::string_view NetworkBytes(const IpAddress& client) {
  return client.view().substr(0, client.is_v4() ? 4 : kV6Bytes);
}

IpAddress AddressFromBytes(std::string_view bytes) {
  std::array<std::uint8_t, 16> raw{};
  std::copy(bytes.begin(), bytes.end(), raw.begin());
  if (bytes.size() == kV6Bytes) return IpAddress::V6(raw);
  return IpAddress::V4((std::uint32_t{raw[0]} << 24) | (std::uint32_t{raw[1]} << 16) |
                       (std::uint32_t{raw[2]} << 8) | std::uint32_t{raw[3]});
}

template <class Number>
Number SaturatingSum(Number a, std::int64_t b) {
  constexpr std::int64_t kMax{std::numeric_limits<Number>::max()};
  return static_cast<Number>(std::min(a + b, kMax));
}

// The epoch is never.
WallTime Earlier(WallTime a, WallTime b) {
  if (a == WallTime() || b == WallTime()) return std::max(a, b);
  return std::min(a, b);
}

std::int64_t DayOf(WallTime time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

std::string DateOf(WallTime time) { return FormatTime(time).substr(0, 10); }

// How many of the later record's days the earlier one does not have.
std::int64_t NewDays(const ClientRecord& earlier, const ClientRecord& later) {
  if (earlier.days_passed == 0 || later.days_passed == 0) return later.days_passed;
  const std::int64_t last = DayOf(earlier.last_passed);
  const std::int64_t shared = DayOf(later.first_passed) <= last ? 1 : 0;
  // Where a clock went back the two overlap by more than a day: no more days than there were since.
  return std::clamp<std::int64_t>(DayOf(later.last_passed) - last, 0, later.days_passed - shared);
}

bool IsRecent(WallTime time, WallTime now) { return Age(time, now) <= kRecent; }

}  // namespace

// Value in Table::kClients, integers big-endian, times in seconds since 1970 as 32 bits (till
// 2106), 0 for never:
//
//   0      format 1
//   1      flags: 1 the address follows, 2 the client is IPv6
//   2      NameClass at the last connection
//   3..6   first seen
//   7..10  last seen
//   11..34 connections, recipients passed, deferred, rejected, bad, harvests: 4 bytes each,
//          saturating
//   35..36 days on which recipients passed, saturating
//   37..40 first passed
//   41..44 last passed
//   45..48 last rejected or harvesting
//   49..52 last listed
//   then   2 bytes length and the name of the list
//   -- with flag 1 only:
//   4 bytes, or the first 8 of an IPv6 client
//
// 59 bytes an IPv4 client that was never listed.
std::string ClientRecord::Encode() const {
  std::uint8_t flags = 0;
  if (client) flags |= kAddress;
  if (client && !client->is_v4()) flags |= kIpv6;
  store::ByteWriter out;
  out.U8(kFormat);
  out.U8(flags);
  out.U8(static_cast<std::uint8_t>(name_class));
  out.Time(first_seen);
  out.Time(last_seen);
  for (const std::uint32_t count : {connections, passed, deferred, rejected, bad, harvests}) {
    out.U32(count);
  }
  out.U16(days_passed);
  for (const WallTime time : {first_passed, last_passed, last_rejected, last_listed}) {
    out.Time(time);
  }
  out.Text(std::string_view(last_list).substr(0, kMaxListName));
  if (client) out.Raw(NetworkBytes(*client));
  return out.Take();
}

std::optional<ClientRecord> ClientRecord::Decode(std::string_view bytes) {
  store::ByteReader in(bytes);
  if (in.U8() != kFormat) return std::nullopt;
  ClientRecord record;
  const std::uint8_t flags = in.U8();
  record.name_class = static_cast<NameClass>(in.U8());
  if (record.name_class > NameClass::kGood) return std::nullopt;
  record.first_seen = in.Time();
  record.last_seen = in.Time();
  for (std::uint32_t* count : {&record.connections, &record.passed, &record.deferred,
                               &record.rejected, &record.bad, &record.harvests}) {
    *count = in.U32();
  }
  record.days_passed = in.U16();
  for (WallTime* time :
       {&record.first_passed, &record.last_passed, &record.last_rejected, &record.last_listed}) {
    *time = in.Time();
  }
  record.last_list = in.Text();
  if ((flags & kAddress) != 0) {
    const std::string_view client = in.Raw((flags & kIpv6) != 0 ? kV6Bytes : 4);
    if (in.ok()) record.client = AddressFromBytes(client);
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return record;
}

IpAddress ClientOf(const IpAddress& address) { return AddressFromBytes(NetworkBytes(address)); }

std::uint64_t ClientHash(const HashKey& key, const IpAddress& client) {
  return SipHash(key, NetworkBytes(client));
}

std::string ClientKey(std::uint64_t client_hash) {
  store::ByteWriter out;
  out.U64(client_hash);
  return out.Take();
}

std::string ClientKey(const HashKey& key, const IpAddress& client) {
  return ClientKey(ClientHash(key, client));
}

void CountPassed(ClientRecord& record, WallTime now) {
  const bool new_day = record.days_passed == 0 || DayOf(now) > DayOf(record.last_passed);
  record.days_passed = SaturatingSum(record.days_passed, new_day ? 1 : 0);
  record.passed = SaturatingSum(record.passed, 1);
  record.first_passed = Earlier(record.first_passed, now);
  record.last_passed = std::max(record.last_passed, now);
}

ClientRecord Merged(ClientRecord earlier, const ClientRecord& later) {
  ClientRecord& merged = earlier;
  // First: NewDays() looks at when the earlier one's were.
  merged.days_passed = SaturatingSum(merged.days_passed, NewDays(earlier, later));
  merged.first_passed = Earlier(merged.first_passed, later.first_passed);
  merged.last_passed = std::max(merged.last_passed, later.last_passed);
  if (later.client) merged.client = later.client;
  merged.first_seen = Earlier(merged.first_seen, later.first_seen);
  merged.last_seen = std::max(merged.last_seen, later.last_seen);
  if (later.connections > 0) merged.name_class = later.name_class;
  merged.connections = SaturatingSum(merged.connections, later.connections);
  merged.passed = SaturatingSum(merged.passed, later.passed);
  merged.deferred = SaturatingSum(merged.deferred, later.deferred);
  merged.rejected = SaturatingSum(merged.rejected, later.rejected);
  merged.bad = SaturatingSum(merged.bad, later.bad);
  merged.harvests = SaturatingSum(merged.harvests, later.harvests);
  merged.last_rejected = std::max(merged.last_rejected, later.last_rejected);
  if (later.last_listed != WallTime() && later.last_listed >= merged.last_listed) {
    merged.last_listed = later.last_listed;
    merged.last_list = later.last_list;
  }
  return merged;
}

std::optional<ClientRecord> Imported(const std::optional<ClientRecord>& stored,
                                     const ClientRecord& other) {
  if (!stored) return other;
  ClientRecord merged = *stored;
  if (!merged.client) merged.client = other.client;
  if (other.last_seen > stored->last_seen) merged.name_class = other.name_class;
  if (other.last_listed > stored->last_listed) merged.last_list = other.last_list;
  merged.first_seen = Earlier(merged.first_seen, other.first_seen);
  merged.first_passed = Earlier(merged.first_passed, other.first_passed);
  for (const auto time : {&ClientRecord::last_seen, &ClientRecord::last_passed,
                          &ClientRecord::last_rejected, &ClientRecord::last_listed}) {
    merged.*time = std::max(merged.*time, other.*time);
  }
  for (const auto count :
       {&ClientRecord::connections, &ClientRecord::passed, &ClientRecord::deferred,
        &ClientRecord::rejected, &ClientRecord::bad, &ClientRecord::harvests}) {
    merged.*count = std::max(merged.*count, other.*count);
  }
  merged.days_passed = std::max(merged.days_passed, other.days_passed);
  if (merged == *stored) return std::nullopt;
  return merged;
}

bool IsExpired(const ClientRecord& record, WallTime now, Seconds lifetime) {
  return Age(record.last_seen, now) > lifetime;
}

bool IsFromFuture(const ClientRecord& record, WallTime now) {
  return std::max({record.first_seen, record.last_seen, record.first_passed, record.last_passed,
                   record.last_rejected, record.last_listed}) > now + kFutureTolerance;
}

ClientRecord Redated(ClientRecord record, WallTime now) {
  for (WallTime* time : {&record.first_seen, &record.last_seen, &record.first_passed,
                         &record.last_passed, &record.last_rejected, &record.last_listed}) {
    *time = std::min(*time, now);
  }
  return record;
}

StandingResult StandingOf(const ClientRecord& record, bool good_name, WallTime now) {
  if (record.passed == 0) {
    if (!IsRecent(record.last_rejected, now)) return {};
    const std::string last = ", last on " + DateOf(std::min(record.last_rejected, now));
    if (record.harvests > 0) return {Standing::kBad, "tried unknown recipients" + last};
    if (record.rejected < kBadRejected) return {};
    return {Standing::kBad, "rejected " + std::to_string(record.rejected) + " times" + last};
  }
  const Seconds span = std::min(record.last_passed, now) - std::min(record.first_passed, now);
  const std::uint64_t recipients = std::uint64_t{record.passed} + record.bad;
  const bool good = good_name && record.days_passed >= kGoodDays && span >= kGoodSpan &&
                    std::uint64_t{record.bad} * 10 < recipients &&
                    !IsRecent(record.last_listed, now);
  if (!good) return {};
  return {Standing::kGood, "passed on " + std::to_string(record.days_passed) + " days since " +
                               DateOf(record.first_passed)};
}

}  // namespace mxward
