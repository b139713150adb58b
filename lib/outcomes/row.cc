// SPDX-License-Identifier: Apache-2.0
#include "outcomes/row.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/bytes.h"

namespace mxward::outcomes {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::int64_t kDaySeconds = 86400;

bool TakesLargest(Kind kind, std::size_t counter) {
  switch (kind) {
    case Kind::kMissed:
      return counter == kLongest || counter == kLast;
    case Kind::kNewFinding:
    case Kind::kNewClient:
      return counter == kSuspendedFrom || counter == kSuspendedUntil;
    case Kind::kTotals:
    case Kind::kOrganisation:
    case Kind::kFinding:
    case Kind::kPair:
      break;
  }
  return false;
}

}  // namespace

Day DayOf(WallTime time) {
  return static_cast<Day>(std::max<std::int64_t>(0, time.time_since_epoch().count()) / kDaySeconds);
}

WallTime StartOf(Day day) { return WallTime(Seconds(day * kDaySeconds)); }

std::string Key::Encode() const {
  ByteWriter out;
  out.U32(day);
  out.U8(static_cast<std::uint8_t>(kind));
  out.Raw(std::string_view(name).substr(0, kMaxName));
  return out.Take();
}

std::optional<Key> Key::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  Key key;
  key.day = in.U32();
  const std::uint8_t kind = in.U8();
  if (!in.ok() || kind >= kKinds) return std::nullopt;
  key.kind = static_cast<Kind>(kind);
  key.name = bytes.substr(5);
  return key;
}

void Row::Add(Kind kind, const Row& other) {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (TakesLargest(kind, i)) {
      counts[i] = std::max(counts[i], other.counts[i]);
    } else {
      counts[i] += std::min(other.counts[i], std::numeric_limits<std::uint32_t>::max() - counts[i]);
    }
  }
  delays.Add(other.delays);
}

std::string Row::Encode() const {
  ByteWriter out;
  out.U8(kFormat);
  out.U8(static_cast<std::uint8_t>(counts.size()));
  for (const std::uint32_t count : counts) out.U32(count);
  std::uint8_t used = 0;
  for (std::size_t i = 0; i < DelayCounts::kBuckets; ++i) {
    if (delays.count(i) > 0) ++used;
  }
  out.U8(used);
  for (std::size_t i = 0; i < DelayCounts::kBuckets; ++i) {
    if (delays.count(i) == 0) continue;
    out.U8(static_cast<std::uint8_t>(i));
    out.U32(delays.count(i));
  }
  return out.Take();
}

std::optional<Row> Row::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.U8() != kFormat) return std::nullopt;
  Row row;
  const std::size_t counters = in.U8();
  // A later mxward may count more.
  for (std::size_t i = 0; i < counters; ++i) {
    const std::uint32_t count = in.U32();
    if (i < row.counts.size()) row.counts[i] = count;
  }
  const std::size_t delays = in.U8();
  for (std::size_t i = 0; i < delays; ++i) {
    const std::size_t bucket = in.U8();
    const std::uint32_t count = in.U32();
    if (bucket >= DelayCounts::kBuckets) return std::nullopt;
    row.delays.AddTo(bucket, count);
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return row;
}

void AddTo(Rows& rows, const Key& key, const Row& row) { rows[key].Add(key.kind, row); }

std::string Joined(std::string_view first, std::string_view second) {
  std::string name(first);
  name += '\0';
  name += second;
  return name;
}

std::pair<std::string_view, std::string_view> Split(std::string_view name) {
  const std::size_t end = name.find('\0');
  if (end == std::string_view::npos) return {name, {}};
  return {name.substr(0, end), name.substr(end + 1)};
}

}  // namespace mxward::outcomes
