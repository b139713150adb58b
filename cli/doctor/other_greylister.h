// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mxward::cli::doctor {

// The program that greylists, or may, at an address of a policy service ("inet:127.0.0.1:10023",
// "unix:private/postgrey"); "" when none is known by that address. Names and ports are those of the
// packages. Pure.
std::string_view GreylisterAtPolicyService(std::string_view address);
// The same for the address of another filter ("inet:localhost:11332").
std::string_view GreylisterAtMilter(std::string_view address);

inline constexpr std::string_view kRspamd = "rspamd";

}  // namespace mxward::cli::doctor
