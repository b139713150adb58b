// SPDX-License-Identifier: Apache-2.0
#include "clients/client_record.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/bytes.h"
#include "base/client_network.h"
#include "base/clock_guard.h"
#include "base/units.h"

namespace mxward {
namespace {

constexpr std::uint8_t kFormat = 3;
constexpr std::uint8_t kFormatWithoutNames = 1;
constexpr std::uint8_t kAddress = 1;
constexpr std::uint8_t kIpv6 = 2;
constexpr std::size_t kV6Bytes = 8;  // of a /64

std::string_view NetworkBytes(const IpAddress& client) {
  return client.view().substr(0, static_cast<std::size_t>(ClientNetwork(client).length()) / 8);
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

// How many of the later days the earlier ones do not have.
std::int64_t NewDays(const DayCount& earlier, const DayCount& later) {
  if (earlier.days == 0 || later.days == 0) return later.days;
  const std::int64_t last = DayOf(earlier.last);
  const std::int64_t shared = DayOf(later.first) <= last ? 1 : 0;
  // Where a clock went back the two overlap by more than a day: no more days than there were since.
  return std::clamp<std::int64_t>(DayOf(later.last) - last, 0, later.days - shared);
}

DayCount Merged(const DayCount& earlier, const DayCount& later) {
  return {SaturatingSum(earlier.days, NewDays(earlier, later)), Earlier(earlier.first, later.first),
          std::max(earlier.last, later.last)};
}

TlsUse Merged(const TlsUse& earlier, const TlsUse& later) {
  if (later.last_clear != WallTime()) return later;
  return {Merged(earlier.on, later.on), earlier.last_clear};
}

DayCount Imported(const DayCount& stored, const DayCount& other) {
  return {std::max(stored.days, other.days), Earlier(stored.first, other.first),
          std::max(stored.last, other.last)};
}

}  // namespace

// Value in Table::kClients, integers big-endian, times in seconds since 1970 as 32 bits (till
// 2106), 0 for never:
//
//   0      format 3
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
//   53..54 days on which recipients passed and it had a good name, saturating
//   55..58 the first of them
//   59..62 the last of them
//   63..66 the organisation of that name, hashed; 0: none
//   67..68 recipients rejected because of the client itself, saturating
//   69..70 days on which recipients passed with TLS since one passed without, saturating
//   71..74 the first of them
//   75..78 the last of them
//   79..82 last passed without TLS
//   then   2 bytes length and the name of the list
//   -- with flag 1 only:
//   4 bytes, or the first 8 of an IPv6 client
//
// 89 bytes an IPv4 client that was never listed. Format 2 lacks bytes 67 to 82: all of its
// rejected recipients count, and whether it used TLS is not known. Format 1 (of mxward 0.1.0) lacks
// bytes 53 to 66 as well: what names such a client had on which days is not known.
std::string ClientRecord::Encode() const {
  std::uint8_t flags = 0;
  if (client) flags |= kAddress;
  if (client && !client->is_v4()) flags |= kIpv6;
  ByteWriter out;
  out.U8(kFormat);
  out.U8(flags);
  out.U8(static_cast<std::uint8_t>(name_class));
  out.Time(first_seen);
  out.Time(last_seen);
  for (const std::uint32_t count : {connections, passed, deferred, rejected, bad, harvests}) {
    out.U32(count);
  }
  out.U16(passed_on.days);
  for (const WallTime time : {passed_on.first, passed_on.last, last_rejected, last_listed}) {
    out.Time(time);
  }
  out.U16(named_on.days);
  out.Time(named_on.first);
  out.Time(named_on.last);
  out.U32(organisation);
  out.U16(against);
  out.U16(tls.on.days);
  for (const WallTime time : {tls.on.first, tls.on.last, tls.last_clear}) out.Time(time);
  out.Text(std::string_view(last_list).substr(0, kMaxListName));
  if (client) out.Raw(NetworkBytes(*client));
  return out.Take();
}

std::optional<ClientRecord> ClientRecord::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t format = in.U8();
  if (format < kFormatWithoutNames || format > kFormat) return std::nullopt;
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
  record.passed_on.days = in.U16();
  for (WallTime* time : {&record.passed_on.first, &record.passed_on.last, &record.last_rejected,
                         &record.last_listed}) {
    *time = in.Time();
  }
  if (format != kFormatWithoutNames) {
    record.named_on.days = in.U16();
    record.named_on.first = in.Time();
    record.named_on.last = in.Time();
    record.organisation = in.U32();
  }
  if (format == kFormat) {
    record.against = in.U16();
    record.tls.on.days = in.U16();
    for (WallTime* time : {&record.tls.on.first, &record.tls.on.last, &record.tls.last_clear}) {
      *time = in.Time();
    }
  } else {
    record.against = static_cast<std::uint16_t>(
        std::min<std::uint32_t>(record.rejected, std::numeric_limits<std::uint16_t>::max()));
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
  ByteWriter out;
  out.U64(client_hash);
  return out.Take();
}

std::string ClientKey(const HashKey& key, const IpAddress& client) {
  return ClientKey(ClientHash(key, client));
}

std::uint32_t OrganisationHash(const HashKey& key, std::string_view organisation) {
  if (organisation.empty()) return 0;
  const auto hash = static_cast<std::uint32_t>(SipHash(key, organisation) >> 32U);
  return hash == 0 ? 1 : hash;
}

void DayCount::Count(WallTime now) {
  if (days == 0 || DayOf(now) > DayOf(last)) days = SaturatingSum(days, 1);
  first = Earlier(first, now);
  last = std::max(last, now);
}

void TlsUse::Count(bool tls, WallTime now) {
  if (tls) {
    on.Count(now);
  } else {
    *this = {{}, std::max(last_clear, now)};
  }
}

void CountPassed(ClientRecord& record, WallTime now, const Passing& passing) {
  record.passed = SaturatingSum(record.passed, 1);
  record.passed_on.Count(now);
  record.tls.Count(passing.tls, now);
  if (passing.organisation == 0) return;
  record.named_on.Count(now);
  record.organisation = passing.organisation;
}

ClientRecord Merged(ClientRecord earlier, const ClientRecord& later) {
  ClientRecord& merged = earlier;
  merged.passed_on = Merged(merged.passed_on, later.passed_on);
  merged.named_on = Merged(merged.named_on, later.named_on);
  merged.tls = Merged(merged.tls, later.tls);
  if (later.organisation != 0) merged.organisation = later.organisation;
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
  merged.against = SaturatingSum(merged.against, later.against);
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
  merged.passed_on = Imported(merged.passed_on, other.passed_on);
  if (merged.organisation == 0 || other.named_on.last > stored->named_on.last) {
    merged.organisation = other.organisation;
  }
  merged.named_on = Imported(merged.named_on, other.named_on);
  if (other.passed_on.last > stored->passed_on.last) merged.tls = other.tls;
  for (const auto time :
       {&ClientRecord::last_seen, &ClientRecord::last_rejected, &ClientRecord::last_listed}) {
    merged.*time = std::max(merged.*time, other.*time);
  }
  for (const auto count :
       {&ClientRecord::connections, &ClientRecord::passed, &ClientRecord::deferred,
        &ClientRecord::rejected, &ClientRecord::bad, &ClientRecord::harvests}) {
    merged.*count = std::max(merged.*count, other.*count);
  }
  merged.against = std::max(merged.against, other.against);
  if (merged == *stored) return std::nullopt;
  return merged;
}

bool IsExpired(const ClientRecord& record, WallTime now, Seconds lifetime) {
  return Age(record.last_seen, now) > lifetime;
}

bool IsFromFuture(const ClientRecord& record, WallTime now) {
  return std::max({record.first_seen, record.last_seen, record.passed_on.last, record.named_on.last,
                   record.passed_on.first, record.named_on.first, record.last_rejected,
                   record.last_listed, record.tls.on.first, record.tls.on.last,
                   record.tls.last_clear}) > now + kFutureTolerance;
}

ClientRecord WithClampedTimes(ClientRecord record, WallTime now) {
  for (WallTime* time :
       {&record.first_seen, &record.last_seen, &record.passed_on.first, &record.passed_on.last,
        &record.named_on.first, &record.named_on.last, &record.last_rejected, &record.last_listed,
        &record.tls.on.first, &record.tls.on.last, &record.tls.last_clear}) {
    *time = std::min(*time, now);
  }
  return record;
}

}  // namespace mxward
