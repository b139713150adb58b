// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/ip_address.h"

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

}  // namespace mxward::limits
