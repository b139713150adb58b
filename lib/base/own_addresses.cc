// SPDX-License-Identifier: Apache-2.0
#include "base/own_addresses.h"

#include <ifaddrs.h>
#include <sys/socket.h>

namespace mxward {

std::vector<IpAddress> OwnAddresses() {
  std::vector<IpAddress> result;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return result;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (const auto address = IpAddress::FromSockaddr(entry->ifa_addr)) result.push_back(*address);
  }
  freeifaddrs(list);
  return result;
}

}  // namespace mxward
