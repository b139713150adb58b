// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/enum_words.h"

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

constexpr auto EnumWordsOf(NameClass) {
  return EnumWords<NameClass>({{NameClass::kUnknown, "unknown"},
                               {NameClass::kNone, "none"},
                               {NameClass::kForged, "forged"},
                               {NameClass::kTempfail, "tempfail"},
                               {NameClass::kDynamic, "dynamic"},
                               {NameClass::kGood, "good"}});
}

}  // namespace mxward
