// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/ip_address.h"

namespace mxward {

// The addresses of this machine's interfaces, now. Empty when the system does not tell.
std::vector<IpAddress> OwnAddresses();

// The host name that the system was given, in lower case; "" when it is not a qualified one. Asks
// nobody.
std::string OwnHostName();

}  // namespace mxward
