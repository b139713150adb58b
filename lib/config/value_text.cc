// SPDX-License-Identifier: Apache-2.0
#include "config/value_text.h"

#include <fmt/format.h>

#include "base/text.h"

namespace mxward {

using TomlKind = TomlValue::Kind;

std::string Quoted(std::string_view text) { return fmt::format("\"{}\"", EscapeForLog(text, 60)); }

std::string Found(const TomlValue& value) {
  switch (value.kind) {
    case TomlKind::kString:
      return "the text " + Quoted(value.text);
    case TomlKind::kInteger:
      return fmt::format("the integer {}", value.integer);
    case TomlKind::kFloat:
      return "the number " + value.text;
    case TomlKind::kBoolean:
      return value.boolean ? "true" : "false";
    case TomlKind::kDate:
    case TomlKind::kArray:
    case TomlKind::kTable:
      return FoundType(value);
  }
  return {};
}

std::string FoundType(const TomlValue& value) {
  switch (value.kind) {
    case TomlKind::kString:
      return "a text";
    case TomlKind::kInteger:
      return "an integer";
    case TomlKind::kFloat:
      return "a number";
    case TomlKind::kBoolean:
      return "true or false";
    case TomlKind::kDate:
      return "a date or time";
    case TomlKind::kArray:
      return "a list";
    case TomlKind::kTable:
      return "a table";
  }
  return {};
}

std::string WordList(const std::vector<std::string_view>& words, std::string_view last_joint) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? fmt::format(" {} ", last_joint) : ", ";
    out += fmt::format("\"{}\"", words[i]);
  }
  return out;
}

std::string DidYouMean(std::string_view text, const std::vector<std::string_view>& words) {
  const std::string_view nearest = ClosestMatch(text, words);
  return nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest);
}

std::string TomlQuote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace mxward
