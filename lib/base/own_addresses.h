// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/ip_address.h"

namespace mxward {

// The addresses of this machine's interfaces, now. Empty when the system does not tell.
std::vector<IpAddress> OwnAddresses();

}  // namespace mxward
