// SPDX-License-Identifier: Apache-2.0
#include "limits/saved_counters.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace mxward::limits {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kEntry = 32;
constexpr std::size_t kAround = 1 + 8;
constexpr auto kLongest =
    static_cast<std::uint64_t>(std::chrono::floor<Millis>(Rate::kLongest).count());

}  // namespace

void CounterPacker::Add(const Counter& counter, MonoTime now) {
  if (entries_.size() + kEntry + kAround > saved_counters::kMaxPiece) Finish();
  ByteWriter writer;
  writer.U64(counter.key.id);
  writer.U64(counter.key.group);
  writer.U64(counter.key.holder.number());
  const auto left = std::chrono::ceil<Millis>(counter.tat - Tat(now));
  writer.U64(static_cast<std::uint64_t>(left.count()));
  entries_ += writer.Take();
}

void CounterPacker::Finish() {
  std::string piece(1, static_cast<char>(kFormat));
  piece += std::exchange(entries_, {});
  ByteWriter writer;
  writer.U64(SipHash(key_, piece));
  piece += writer.Take();
  pieces_.push_back(std::move(piece));
}

std::vector<std::string> CounterPacker::Take() {
  if (!entries_.empty()) Finish();
  return std::exchange(pieces_, {});
}

std::vector<Counter> UnpackCounters(const HashKey& key, std::string_view piece, Seconds elapsed,
                                    MonoTime now) {
  if (piece.size() < kAround || (piece.size() - kAround) % kEntry != 0) return {};
  const std::string_view signed_part = piece.substr(0, piece.size() - 8);
  ByteReader signature(piece.substr(signed_part.size()));
  ByteReader reader(signed_part);
  if (signature.U64() != SipHash(key, signed_part) || reader.U8() != kFormat) return {};
  const Nanos age = std::clamp(elapsed, Seconds(0), std::chrono::floor<Seconds>(Rate::kLongest));
  std::vector<Counter> counters;
  while (!reader.at_end()) {
    Counter counter;
    counter.key.id = reader.U64();
    counter.key.group = reader.U64();
    counter.key.holder = Holder::OfNumber(reader.U64());
    const Millis left(static_cast<std::int64_t>(std::min(reader.U64(), kLongest)));
    counter.tat = Tat(now) + left - age;
    if (counter.key.id != 0 && counter.InUse(now)) counters.push_back(counter);
  }
  return counters;
}

}  // namespace mxward::limits
