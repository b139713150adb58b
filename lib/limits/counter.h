// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/clock.h"
#include "base/ip_address.h"
#include "limits/gcra.h"

namespace mxward::limits {

// Whom a counter belongs to, when it comes to sharing the table: an IPv4 /16, or an IPv6 /48 within
// its /32. Holders sort by their allotment, so that all of one stand together. Value type.
class Holder {
 public:
  Holder() = default;
  explicit Holder(const IpAddress& client);

  // IPv4: the /16 itself. IPv6: the /32, what a provider gets.
  std::uint64_t allotment() const { return is_v6() ? number_ >> 16 : number_; }
  bool is_v6() const { return (number_ & kV6) != 0; }

  // As it is saved. Every number is somebody.
  std::uint64_t number() const { return number_; }
  static Holder OfNumber(std::uint64_t number);

  bool operator==(const Holder&) const = default;

 private:
  static constexpr std::uint64_t kV6 = std::uint64_t{1} << 48;
  std::uint64_t number_ = 0;  // the prefix; of IPv6 with kV6
};

inline Holder::Holder(const IpAddress& client) {
  const std::size_t length = client.is_v4() ? 2 : 6;
  for (std::size_t i = 0; i < length; ++i) number_ = (number_ << 8) | client.bytes()[i];
  if (!client.is_v4()) number_ |= kV6;
}

inline Holder Holder::OfNumber(std::uint64_t number) {
  Holder holder;
  holder.number_ = number & (2 * kV6 - 1);
  return holder;
}

// What a counter is known by. Hashes under a secret key: nobody can aim at a place in the table.
struct CounterKey {
  std::uint64_t id = 0;     // not 0
  std::uint64_t group = 0;  // which counters are forgotten together
  Holder holder;            // of the client that it is begun for
};

// One counter as the table keeps it: two fill a cache line.
struct Counter {
  CounterKey key;  // id 0: a place that was never used
  Tat tat;

  bool InUse(MonoTime now) const { return tat > Tat(now); }
};

// The counters that compete for places with each other.
using CounterSet = std::span<Counter, 64>;

}  // namespace mxward::limits
