// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mxward {

// What is known of a client's reverse name (PTR), as the MTA verified it. NOTE: values are on disk.
enum class NameClass : std::uint8_t {
  kUnknown,   // the MTA did not say
  kNone,      // no PTR
  kForged,    // the name does not resolve back to the address
  kTempfail,  // DNS trouble: says nothing about the client
  kDynamic,   // verified, and carries the address: handed out from a pool
  kGood,      // verified
};

// In the order of the enum.
inline constexpr std::array<std::string_view, 6> kNameClassWords = {"unknown",  "none",    "forged",
                                                                    "tempfail", "dynamic", "good"};

constexpr std::string_view NameClassWord(NameClass name_class) {
  return kNameClassWords[static_cast<std::size_t>(name_class)];
}

}  // namespace mxward
