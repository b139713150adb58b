// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mxward {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

char LowerOf(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = LowerOf(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void AppendHexByte(std::string& out, char byte) {
  const auto value = static_cast<unsigned char>(byte);
  out += kHexDigits[value >> 4];
  out += kHexDigits[value & 15];
}

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours each
// cost 1.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

// Of a valid sequence of two to four bytes.
std::uint32_t CodePoint(std::string_view sequence) {
  const auto lead_bits = 7 - sequence.size();
  std::uint32_t code = static_cast<unsigned char>(sequence[0]) & ((1U << lead_bits) - 1);
  for (const char byte : sequence.substr(1)) {
    code = code << 6 | (static_cast<unsigned char>(byte) & 0x3fU);
  }
  return code;
}

// What a terminal obeys, or what makes text look like another one or like several lines: C1
// controls (U+0085 is "next line"), line and paragraph separators, bidirectional controls.
bool IsUnsafe(std::uint32_t code) {
  return (code >= 0x80 && code <= 0x9f) || code == 0x61c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

void AppendJsonCode(std::string& out, std::uint32_t code) {
  out += "\\u";
  AppendHexByte(out, static_cast<char>(code >> 8));
  AppendHexByte(out, static_cast<char>(code & 0xff));
}

}  // namespace

std::size_t Utf8Length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) ||
      (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f)) {
    return 0;
  }
  return length;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string EscapeForLog(std::string_view text, std::size_t max_length) {
  std::string out;
  AppendEscapedForLog(out, text, max_length, "");
  return out;
}

void AppendEscapedForLog(std::string& out, std::string_view text, std::size_t max_length,
                         std::string_view also) {
  // Most characters are letters and digits, which are never escaped.
  const auto stays = [also](char c) {
    return IsAlphanumeric(c) || (c >= ' ' && c <= '~' && c != '\\' &&
                                 std::find(also.begin(), also.end(), c) == also.end());
  };
  const std::string_view shown = text.substr(0, max_length);
  for (auto at = shown.begin(); at != shown.end();) {
    const auto end = std::find_if_not(at, shown.end(), stays);
    out.append(at, end);
    at = end;
    if (at == shown.end()) break;
    out += "\\x";
    AppendHexByte(out, *at++);
  }
  if (shown.size() < text.size()) out += "...";
}

void AppendJsonEscaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const char c = text.front();
    const std::size_t length = Utf8Length(text);
    if (length > 1) {
      const std::string_view sequence = text.substr(0, length);
      const std::uint32_t code = CodePoint(sequence);
      if (IsUnsafe(code)) {
        AppendJsonCode(out, code);
      } else {
        out += sequence;
      }
      text.remove_prefix(length);
      continue;
    }
    text.remove_prefix(1);
    switch (c) {
      case '"':
        out += "\\\"";
        continue;
      case '\\':
        out += "\\\\";
        continue;
      case '\n':
        out += "\\n";
        continue;
      case '\r':
        out += "\\r";
        continue;
      case '\t':
        out += "\\t";
        continue;
      default:
        break;
    }
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      AppendJsonCode(out, static_cast<unsigned char>(c));
    }
  }
}

std::string ToLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = LowerOf(c);
  return out;
}

bool EqualsNoCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return LowerOf(x) == LowerOf(y); });
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view ClosestMatch(std::string_view text,
                              const std::vector<std::string_view>& candidates) {
  constexpr std::size_t kLongestName = 100;
  if (text.size() > kLongestName) return {};
  // One slip in a word of up to four letters, two in a longer one.
  const std::size_t allowed = text.size() <= 4 ? 1 : 2;
  std::string_view best;
  std::size_t best_distance = allowed + 1;
  const std::string lower = ToLower(text);
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > text.size() + allowed || text.size() > candidate.size() + allowed) {
      continue;
    }
    const std::size_t distance = EditDistance(lower, ToLower(candidate));
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string HexEncode(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char byte : bytes) AppendHexByte(out, byte);
  return out;
}

std::optional<std::string> HexDecode(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = HexValue(text[i]);
    const int low = HexValue(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

}  // namespace mxward
