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

// What must not reach a terminal or a log as it is, in UTF-8: C0, DEL, C1, separators of lines, and
// bidirectional controls.
inline std::vector<std::string> UnsafeTexts() {
  std::vector<std::string> texts;
  const auto add = [&texts](std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t code = first; code <= last; ++code) texts.push_back(Utf8Of(code));
  };
  add(0x00, 0x1f);
  add(0x7f, 0x9f);
  add(0x061c, 0x061c);
  add(0x200e, 0x200f);
  add(0x2028, 0x202e);
  add(0x2066, 0x2069);
  return texts;
}

// The first of them that is in text, as bytes; nothing when it is safe.
inline std::string UnsafeIn(std::string_view text) {
  static const std::vector<std::string> unsafe = UnsafeTexts();
  for (const std::string& one : unsafe) {
    if (text.find(one) != std::string_view::npos) return one;
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
