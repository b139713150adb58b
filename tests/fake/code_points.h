// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mxward {

inline std::string Utf8Of(std::uint32_t code) {
  const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xc0 | code >> 6), byte(0x80 | (code & 0x3f))};
  if (code < 0x10000) {
    return {byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f))};
  }
  return {byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 0x3f)),
          byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f))};
}

// Texts of at most `bytes` bytes that hold each Unicode code point once, in order.
inline std::vector<std::string> AllCodePoints(std::size_t bytes) {
  std::vector<std::string> texts(1);
  for (std::uint32_t code = 0; code <= 0x10ffff; ++code) {
    if (code >= 0xd800 && code <= 0xdfff) continue;  // surrogates have no UTF-8
    const std::string one = Utf8Of(code);
    if (texts.back().size() + one.size() > bytes) texts.emplace_back();
    texts.back() += one;
  }
  return texts;
}

// The first character in text, UTF-8, that must not reach a terminal or a log as it is: C0, DEL,
// C1, a separator of lines, a bidirectional control. Nothing when it is safe.
inline std::string UnsafeIn(std::string_view text) {
  const auto byte = [&text](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int first = byte(at);
    if (first < 0x20 || first == 0x7f) return std::string(text.substr(at, 1));
    if (first != 0xc2 && first != 0xd8 && first != 0xe2) continue;
    const int second = byte(at + 1);
    const int third = byte(at + 2);
    if (first == 0xc2 && second <= 0x9f) return std::string(text.substr(at, 2));  // to U+009F
    if (first == 0xd8 && second == 0x9c) return std::string(text.substr(at, 2));  // U+061C
    if (first != 0xe2) continue;
    const bool unsafe =
        (second == 0x80 && (third == 0x8e || third == 0x8f || (third >= 0xa8 && third <= 0xae))) ||
        (second == 0x81 && third >= 0xa6 && third <= 0xa9);
    if (unsafe) return std::string(text.substr(at, 3));
  }
  return {};
}

inline bool IsPrintableAscii(std::string_view text) {
  for (const char c : text) {
    if (c < ' ' || c > '~') return false;
  }
  return true;
}

}  // namespace mxward
