// SPDX-License-Identifier: Apache-2.0
#include "base/own_addresses.h"

#include <ifaddrs.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "base/text.h"

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

std::string OwnHostName() {
  std::array<char, 256> name{};
  // Cut names need not be terminated: the last byte stays what it is.
  if (gethostname(name.data(), name.size() - 1) != 0) return "";
  std::string result = ToLower(name.data());
  if (!result.empty() && result.back() == '.') result.pop_back();
  return result.find('.') == std::string::npos ? "" : result;
}

}  // namespace mxward
