// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "base/result.h"

namespace mxward {

// A set of answers of a DNS list, octet by octet: "127.0.0.2", "127.0.0.[2..11]",
// "127.0.[2;4..6].3", and by bits: "127.0.0.[&8]" is every answer whose last octet has a bit of 8,
// "127.0.0.[&12]" one that has a bit of 12. "127.0.0.*" is any octet. Value type.
class CodeFilter {
 public:
  CodeFilter() = default;  // matches nothing
  // Errors say what is wrong and what would be right; a filter that can match nothing, and one
  // outside 127.0.0.0/8, is refused.
  static Result<CodeFilter> Parse(std::string_view text);

  bool Matches(const IpAddress& answer) const;
  // As written.
  const std::string& text() const { return text_; }
  bool operator==(const CodeFilter& other) const { return text_ == other.text_; }

 private:
  std::string text_;
  std::array<std::bitset<256>, 4> octets_;
};

}  // namespace mxward
