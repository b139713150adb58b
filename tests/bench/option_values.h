// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <string_view>

namespace mxward {

// All of the text is a number of this type.
template <class Number>
bool ParseNumber(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// The same, and it is above zero.
template <class Number>
bool ParseCount(std::string_view text, Number& number) {
  return ParseNumber(text, number) && number > 0;
}

}  // namespace mxward
