// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/json_scanner.h"

#include <charconv>
#include <cstdint>
#include <cstring>

namespace mxward::cli::maillog {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hexadecimal digits; -1 when they are none.
int Unit(std::string_view digits) {
  if (digits.size() < 4) return -1;
  int unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int value = HexValue(digits[static_cast<std::size_t>(i)]);
    if (value < 0) return -1;
    unit = unit * 16 + value;
  }
  return unit;
}

void AppendUtf8(std::uint32_t code, std::string& out) {
  const auto add = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xc0 | code >> 6);
    add(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    add(0xe0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  } else {
    add(0xf0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3f));
    add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  }
}

// Behind "\u": one character, of which the second half may follow. How much of raw it took.
std::size_t AppendEscaped(std::string_view raw, std::string& out) {
  const int first = Unit(raw);
  if (first < 0) return 0;
  if (first >= 0xd800 && first < 0xdc00 && raw.substr(4, 2) == "\\u") {
    const int second = Unit(raw.substr(6));
    if (second >= 0xdc00 && second < 0xe000) {
      AppendUtf8(0x10000 + (static_cast<std::uint32_t>(first - 0xd800) << 10) +
                     static_cast<std::uint32_t>(second - 0xdc00),
                 out);
      return 10;
    }
  }
  AppendUtf8(static_cast<std::uint32_t>(first), out);
  return 4;
}

void Unescape(std::string_view raw, std::string& out) {
  while (!raw.empty()) {
    const std::size_t plain = std::min(raw.find('\\'), raw.size());
    out.append(raw.substr(0, plain));
    raw.remove_prefix(plain);
    if (raw.size() < 2) return;
    const char c = raw[1];
    raw.remove_prefix(2);
    switch (c) {
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'u':
        raw.remove_prefix(AppendEscaped(raw, out));
        break;
      default:
        out += c;
    }
  }
}

bool ReadBytes(std::string_view array, std::string& out) {
  array.remove_prefix(1);
  while (!array.empty()) {
    while (!array.empty() && (array[0] == ' ' || array[0] == ',')) array.remove_prefix(1);
    if (array.empty() || array[0] == ']') return true;
    unsigned byte = 0;
    const auto read = std::from_chars(array.data(), array.data() + array.size(), byte);
    if (read.ec != std::errc() || byte > 255) return false;
    out += static_cast<char>(byte);
    array.remove_prefix(static_cast<std::size_t>(read.ptr - array.data()));
  }
  return true;
}

}  // namespace

JsonMembers::JsonMembers(std::string_view text) : rest_(text) {
  SkipBlanks();
  if (rest_.empty() || rest_.front() != '{') {
    rest_ = {};
    return;
  }
  rest_.remove_prefix(1);
}

void JsonMembers::SkipBlanks() {
  while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
}

// Takes a string off, and gives what is between its quotes.
bool JsonMembers::SkipString(std::string_view& raw) {
  const char* begin = rest_.data() + 1;
  const char* end = rest_.data() + rest_.size();
  const char* from = begin;
  for (;;) {
    if (from >= end) return false;
    const auto* quote =
        static_cast<const char*>(std::memchr(from, '"', static_cast<std::size_t>(end - from)));
    if (quote == nullptr) return false;
    // Escaped if an odd number of backslashes goes before it.
    const char* before = quote;
    while (before > begin && before[-1] == '\\') --before;
    if ((quote - before) % 2 == 0) {
      raw = {begin, static_cast<std::size_t>(quote - begin)};
      rest_.remove_prefix(static_cast<std::size_t>(quote - rest_.data()) + 1);
      return true;
    }
    from = quote + 1;
  }
}

bool JsonMembers::SkipValue() {
  SkipBlanks();
  if (rest_.empty()) return false;
  const char* begin = rest_.data();
  std::string_view raw;
  if (rest_.front() == '"') {
    if (!SkipString(raw)) return false;
    value_ = {begin, static_cast<std::size_t>(rest_.data() - begin)};
    return true;
  }
  // Up to the comma or brace that belongs to this object.
  int depth = 0;
  while (!rest_.empty()) {
    const char c = rest_.front();
    if (c == '"') {
      if (!SkipString(raw)) return false;
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}')) break;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    rest_.remove_prefix(1);
  }
  value_ = {begin, static_cast<std::size_t>(rest_.data() - begin)};
  return !rest_.empty();
}

bool JsonMembers::Next() {
  SkipBlanks();
  if (!rest_.empty() && rest_.front() == ',') {
    rest_.remove_prefix(1);
    SkipBlanks();
  }
  if (rest_.empty() || rest_.front() != '"') {
    whole_ = !rest_.empty() && rest_.front() == '}';
    return false;
  }
  if (!SkipString(name_)) return false;
  SkipBlanks();
  if (rest_.empty() || rest_.front() != ':') return false;
  rest_.remove_prefix(1);
  return SkipValue();
}

bool JsonMembers::Text(std::string& text) const {
  text.clear();
  if (value_.empty()) return false;
  const char first = value_.front();
  if (first == '"') {
    Unescape(value_.substr(1, value_.size() - 2), text);
    return true;
  }
  if (first == '[') return ReadBytes(value_, text);
  if (first != '-' && (first < '0' || first > '9')) return false;
  text = value_;
  return true;
}

}  // namespace mxward::cli::maillog
