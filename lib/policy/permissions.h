// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mxward::policy {

// Whose mail it is if SPF passes for the domain of the envelope sender: the customer of the service
// whose domain it is (match/accounts.h), or else the organisational domain, "example.org". "":
// nobody is known by it. Pure.
std::string AccountBySpf(std::string_view sender);

}  // namespace mxward::policy
