// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace mxward {

// What the checks of texts have in common. Pure.

// Refuses a value; the message completes "greylist.text: ...".
inline tl::unexpected<Error> Bad(std::string message) {
  return Fail(ErrorCode::kInvalid, std::move(message));
}

// ASCII only.
inline bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// The first character that a reply cannot carry, by its position from 1; 0 when there is none.
inline std::size_t FirstUnprintable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < ' ' || text[i] > '~') return i + 1;
  }
  return 0;
}

}  // namespace mxward
