// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ip_address.h"

namespace mxward::store {

// On whose account something waits in a bounded queue: the widest network first. For IPv4 the /16,
// the /24 and the address; for IPv6 the /32, the /48 and the /64. Two addresses share a level
// exactly when they share the network of that length.
struct QueueHolder {
  static constexpr std::size_t kLevels = 3;
  std::array<std::uint64_t, kLevels> networks{};

  static QueueHolder Of(const IpAddress& client);
  bool operator==(const QueueHolder&) const = default;
};

// Which `count` places of a queue are to be given up, when it has grown too long. Again and again
// the newest place goes of the largest client in the largest network in the largest wide network:
// so what has to go is taken from those who hold most, and who holds little keeps all.
// queue: from the oldest place to the newest. The result is in rising order. Pure; takes
// n log n time.
std::vector<std::size_t> PlacesToGiveUp(const std::vector<QueueHolder>& queue, std::size_t count);

}  // namespace mxward::store
