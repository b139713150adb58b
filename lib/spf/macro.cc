// SPDX-License-Identifier: Apache-2.0
#include "spf/macro.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace mxward::spf {
namespace {

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxLabel = 63;
// Only the end of an expansion can become part of a name: what lies further to the front is dropped
// on the way.
constexpr std::size_t kKeep = 512;

constexpr std::string_view kLetters = "slodiphv";
constexpr std::string_view kDelimiters = ".-+,/_=";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// One piece of a macro-string: a literal character, or "%{...}".
struct Piece {
  char literal = 0;  // of "%%", "%_" and the rest; 0: a macro or "%-"
  bool url_space = false;
  char letter = 0;
  std::size_t parts = 0;  // 0: all
  bool reverse = false;
  std::string_view delimiters = ".";
  bool is_expand = false;  // anything that begins with '%'
};

std::optional<Piece> ReadBraces(std::string_view& text) {
  Piece piece;
  piece.is_expand = true;
  const std::size_t end = text.find('}');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view inside = text.substr(2, end - 2);
  text.remove_prefix(end + 1);
  if (inside.empty() || kLetters.find(Lower(inside.front())) == std::string_view::npos) {
    return std::nullopt;
  }
  piece.letter = inside.front();
  inside.remove_prefix(1);
  if (!inside.empty() && IsDigit(inside.front())) {
    while (!inside.empty() && IsDigit(inside.front())) {
      // No name has as many parts; more digits make no difference.
      piece.parts = std::min<std::size_t>(
          piece.parts * 10 + static_cast<std::size_t>(inside.front() - '0'), 1000);
      inside.remove_prefix(1);
    }
    if (piece.parts == 0) return std::nullopt;  // section 7.3: must not be 0
  }
  if (!inside.empty() && Lower(inside.front()) == 'r') {
    piece.reverse = true;
    inside.remove_prefix(1);
  }
  if (inside.find_first_not_of(kDelimiters) != std::string_view::npos) return std::nullopt;
  if (!inside.empty()) piece.delimiters = inside;
  return piece;
}

// The next piece, taken off the front; nothing when it is none.
std::optional<Piece> ReadPiece(std::string_view& text) {
  Piece piece;
  if (text.front() != '%') {
    piece.literal = text.front();
    text.remove_prefix(1);
    if (piece.literal < '!' || piece.literal > '~') return std::nullopt;
    return piece;
  }
  piece.is_expand = true;
  switch (text.size() < 2 ? '\0' : text[1]) {
    case '{':
      return ReadBraces(text);
    case '%':
      piece.literal = '%';
      break;
    case '_':
      piece.literal = ' ';
      break;
    case '-':
      piece.url_space = true;
      break;
    default:
      return std::nullopt;
  }
  text.remove_prefix(2);
  return piece;
}

bool IsTopLabel(std::string_view label) {
  const auto is_alnum = [](char c) { return IsAlpha(c) || IsDigit(c); };
  if (label.empty() || !is_alnum(label.front()) || !is_alnum(label.back())) return false;
  return std::all_of(label.begin(), label.end(), [&](char c) { return is_alnum(c) || c == '-'; }) &&
         !std::all_of(label.begin(), label.end(), IsDigit);
}

std::string Nibbles(const IpAddress& address) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : address.bytes()) {
    if (!out.empty()) out += '.';
    out += kHex[byte >> 4U];
    out += '.';
    out += kHex[byte & 0x0fU];
  }
  return out;
}

std::string ValueOf(char letter, const MacroValues& values) {
  switch (Lower(letter)) {
    case 's':
      return std::string(values.local_part) + '@' + std::string(values.sender_domain);
    case 'l':
      return std::string(values.local_part);
    case 'o':
      return std::string(values.sender_domain);
    case 'd':
      return std::string(values.domain);
    case 'i':
      return values.client.is_v4() ? values.client.ToString() : Nibbles(values.client);
    case 'p':
      return std::string(values.valid_name);
    case 'h':
      return std::string(values.helo);
    case 'v':
      return values.client.is_v4() ? "in-addr" : "ip6";
    default:
      return {};
  }
}

std::string Transform(const std::string& value, const Piece& piece) {
  std::vector<std::string_view> parts;
  std::string_view rest = value;
  for (;;) {
    const std::size_t end = rest.find_first_of(piece.delimiters);
    parts.push_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (piece.reverse) std::reverse(parts.begin(), parts.end());
  const std::size_t wanted = piece.parts == 0 ? parts.size() : std::min(piece.parts, parts.size());
  std::string out;
  for (auto part = parts.end() - static_cast<std::ptrdiff_t>(wanted); part != parts.end(); ++part) {
    if (part != parts.end() - static_cast<std::ptrdiff_t>(wanted)) out += '.';
    out += *part;
  }
  return out;
}

// RFC 3986 section 2.3.
std::string UrlEscaped(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (IsAlpha(c) || IsDigit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4U];
    out += kHex[byte & 0x0fU];
  }
  return out;
}

void AppendPiece(std::string& out, const Piece& piece, const MacroValues& values) {
  if (piece.url_space) {
    out += "%20";
  } else if (piece.letter != 0) {
    const std::string value = Transform(ValueOf(piece.letter, values), piece);
    out += piece.letter <= 'Z' ? UrlEscaped(value) : value;
  } else {
    out += piece.literal;
  }
}

template <class Predicate>
bool AnyPiece(std::string_view text, Predicate predicate) {
  while (!text.empty()) {
    const auto piece = ReadPiece(text);
    if (!piece) return false;
    if (predicate(*piece)) return true;
  }
  return false;
}

}  // namespace

Result<void> CheckMacroString(std::string_view text) {
  while (!text.empty()) {
    const std::string_view before = text;
    if (!ReadPiece(text)) {
      return Fail(ErrorCode::kInvalid,
                  before.front() == '%'
                      ? "\"" + EscapeForLog(before, 20) + "\" is not a valid macro"
                      : "invalid character: " + EscapeForLog(before.substr(0, 1)));
    }
  }
  return {};
}

Result<void> CheckDomainSpec(std::string_view text, bool one_label) {
  if (text.empty()) return Fail(ErrorCode::kInvalid, "the domain is missing");
  MXWARD_TRY(CheckMacroString(text));
  std::size_t tail = 0;  // where the literal end begins
  for (std::string_view rest = text; !rest.empty();) {
    if (ReadPiece(rest)->is_expand) tail = text.size() - rest.size();
  }
  std::string_view end = text.substr(tail);
  if (end.empty()) return {};
  if (end.ends_with('.')) end.remove_suffix(1);
  const std::size_t dot = end.rfind('.');
  const bool bare = dot == std::string_view::npos && tail == 0 && one_label;
  if ((bare || dot != std::string_view::npos) && IsTopLabel(bare ? end : end.substr(dot + 1))) {
    return {};
  }
  return Fail(ErrorCode::kInvalid, "\"" + EscapeForLog(text, 80) + "\" is not a domain name");
}

bool HasMacro(std::string_view text) { return text.find('%') != std::string_view::npos; }

bool NeedsValidName(std::string_view text) {
  return AnyPiece(text, [](const Piece& piece) { return Lower(piece.letter) == 'p'; });
}

bool DependsOnSession(std::string_view text) {
  return AnyPiece(text, [](const Piece& piece) {
    return piece.letter != 0 && Lower(piece.letter) != 'd' && Lower(piece.letter) != 'o';
  });
}

std::string ExpandDomain(std::string_view spec, const MacroValues& values) {
  std::string name;
  while (!spec.empty()) {
    const auto piece = ReadPiece(spec);
    if (!piece) break;
    AppendPiece(name, *piece, values);
    if (name.size() > 8 * kKeep) name.erase(0, name.size() - kKeep);
  }
  if (name.ends_with('.')) name.pop_back();
  if (name.size() > kMaxName) {
    const std::size_t dot = name.find('.', name.size() - kMaxName - 1);
    if (dot != std::string::npos) name.erase(0, dot + 1);
  }
  return ToLower(name);
}

bool IsDomainName(std::string_view name) {
  if (name.empty() || name.size() > kMaxName) return false;
  for (;;) {
    const std::size_t end = std::min(name.find('.'), name.size());
    if (end == 0 || end > kMaxLabel) return false;
    if (end == name.size()) return true;
    name.remove_prefix(end + 1);
  }
}

}  // namespace mxward::spf
