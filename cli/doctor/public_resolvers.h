// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/ip_address.h"

namespace mxward::cli::doctor {

// Who runs the public DNS resolver at this address, "" when none is known there. Providers publish
// these addresses; DNS lists refuse them, because they cannot tell who asks.
std::string_view PublicResolver(const IpAddress& address);

}  // namespace mxward::cli::doctor
