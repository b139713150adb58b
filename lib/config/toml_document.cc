// SPDX-License-Identifier: Apache-2.0
#include "config/toml_document.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>

#include "base/text.h"

namespace mxward {
namespace {

// Far more than any option has; the library itself bounds nested values, but not dotted names.
constexpr int kMaxDepth = 8;
constexpr int kMaxDots = 200;
constexpr int kMaxBadLines = 20;

Place PlaceOf(const toml::source_region& source) {
  return {static_cast<int>(source.begin.line), static_cast<int>(source.begin.column)};
}

TomlValue Convert(const toml::node& node, int depth);

void ConvertTable(const toml::table& table, int depth, TomlValue& out) {
  for (const auto& [key, value] : table) {
    out.entries.push_back({std::string(key.str()), PlaceOf(key.source()), Convert(value, depth)});
  }
  std::stable_sort(out.entries.begin(), out.entries.end(),
                   [](const TomlEntry& a, const TomlEntry& b) { return a.place < b.place; });
}

TomlValue Convert(const toml::node& node, int depth) {
  TomlValue out;
  out.place = PlaceOf(node.source());
  if (const auto* table = node.as_table()) {
    if (depth < kMaxDepth) ConvertTable(*table, depth + 1, out);
  } else if (const auto* array = node.as_array()) {
    out.kind = TomlValue::Kind::kArray;
    if (depth < kMaxDepth) {
      for (const auto& item : *array) out.items.push_back(Convert(item, depth + 1));
    }
  } else if (const auto* text = node.as_string()) {
    out.kind = TomlValue::Kind::kString;
    out.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out.kind = TomlValue::Kind::kInteger;
    out.integer = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    out.kind = TomlValue::Kind::kFloat;
    out.text = fmt::format("{}", number->get());
  } else if (const auto* boolean = node.as_boolean()) {
    out.kind = TomlValue::Kind::kBoolean;
    out.boolean = boolean->get();
  } else {
    out.kind = TomlValue::Kind::kDate;
  }
  return out;
}

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

// A line of the form "key SEPARATOR value" as people write it who think of another format.
struct Assignment {
  std::string_view key;
  char separator = ' ';          // '=', ':' or a blank
  std::string_view value;        // without a comment
  std::size_t value_column = 0;  // of its first character, from 1
};

Assignment SplitAssignment(std::string_view line) {
  Assignment out;
  std::size_t at = line.find_first_not_of(" \t");
  if (at == std::string_view::npos) return out;
  std::size_t end = at;
  while (end < line.size() && IsKeyCharacter(line[end])) ++end;
  out.key = line.substr(at, end - at);
  at = line.find_first_not_of(" \t", end);
  if (at == std::string_view::npos) return out;
  if (line[at] == '=' || line[at] == ':') {
    out.separator = line[at];
    at = line.find_first_not_of(" \t", at + 1);
    if (at == std::string_view::npos) return out;
  }
  out.value = line.substr(at);
  out.value_column = at + 1;
  if (out.value.front() != '"' && out.value.front() != '\'') {
    out.value = out.value.substr(0, out.value.find('#'));
  }
  out.value = Trim(out.value);
  return out;
}

std::string HintFor(std::string_view line, int column, std::string_view description) {
  if (description.find("redefine") != std::string_view::npos) {
    return "; each section and each option may occur only once";
  }
  const Assignment found = SplitAssignment(line);
  if (found.key.empty() || found.value.empty()) return {};
  if (found.separator == '=' && column < static_cast<int>(found.value_column)) {
    return "; is a bracket or a quote above not closed?";
  }
  const char first = found.value.front();
  const bool quoted = first == '"' || first == '\'';
  if (!quoted && found.value.find_first_of("[]{}\"'") != std::string_view::npos) return {};
  if (quoted && (found.separator == '=' || found.value.size() < 2 || found.value.back() != first)) {
    return {};
  }
  const std::string lower = ToLower(found.value);
  std::string value(found.value);
  // "240 s" is meant as one word.
  if (first >= '0' && first <= '9') std::erase(value, ' ');
  if (lower == "true" || lower == "yes" || lower == "on") {
    value = "true";
  } else if (lower == "false" || lower == "no" || lower == "off") {
    value = "false";
  } else if (!quoted && found.value.find_first_not_of("123456789") != std::string_view::npos) {
    value = fmt::format("\"{}\"", value);
  }
  return fmt::format("; write {} = {}", EscapeForLog(found.key, 60), EscapeForLog(value, 60));
}

// The line with this number, without its end, or "" after the last.
std::string_view LineOf(std::string_view text, int number) {
  for (int line = 1; line < number; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string_view line = text.substr(0, text.find('\n'));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

// Whether the error is in the value of an assignment that begins and ends on this line.
bool CanPassOver(std::string_view line, int column) {
  const Assignment found = SplitAssignment(line);
  return !found.key.empty() && found.separator == '=' && found.value_column != 0 &&
         column >= static_cast<int>(found.value_column) &&
         line.find_first_of("[{") == std::string_view::npos &&
         line.find("\"\"\"") == std::string_view::npos &&
         line.find("'''") == std::string_view::npos;
}

// A DNS list's key, or a zone with one in it, must not end up in a message.
bool MayHoldSecret(std::string_view line) {
  const std::string lower = ToLower(line);
  return lower.find("key") != std::string::npos || lower.find("zone") != std::string::npos;
}

PlacedProblem Explain(const toml::parse_error& error, std::string_view text) {
  const Place place = PlaceOf(error.source());
  const std::string_view line = LineOf(text, place.line);
  if (MayHoldSecret(line)) {
    return {place,
            "invalid TOML; the text is not shown, as it may be a key. Strings need quotes at both "
            "ends: key = \"...\""};
  }
  std::string cause(error.description());
  for (std::size_t at = 0; (at = cause.find('\n', at)) != std::string::npos; at += 2) {
    cause.replace(at, 1, "\\n");
  }
  const std::string_view prefix = "Error while parsing ";
  if (cause.starts_with(prefix)) cause = cause.substr(prefix.size());
  std::string shown;
  for (const char c : cause) shown += c == '\\' ? std::string("\\") : EscapeForLog({&c, 1});
  return {place, "invalid TOML: " + shown + HintFor(line, place.column, cause)};
}

// A name of some ten thousand parts would exhaust the stack in the library.
bool HasEndlessName(std::string_view text, Place& place) {
  int line = 1;
  int dots = 0;
  char quote = 0;
  bool comment = false;
  for (const char c : text) {
    if (c == '\n') {
      ++line;
      dots = 0;
      quote = 0;
      comment = false;
    } else if (comment) {
      continue;
    } else if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#') {
      comment = true;
    } else if (c == '.' && ++dots > kMaxDots) {
      place = {line, 1};
      return true;
    }
  }
  return false;
}

}  // namespace

TomlDocument ParseToml(std::string_view text) {
  TomlDocument document;
  Place endless;
  if (HasEndlessName(text, endless)) {
    document.problems.push_back({endless, "unsupported TOML: too many dots"});
    document.readable = false;
    return document;
  }
  std::string rest(text);
  for (;;) {
    try {
      document.root = Convert(toml::parse(std::string_view(rest)), 0);
      return document;
    } catch (const toml::parse_error& error) {
      PlacedProblem problem = Explain(error, rest);
      const std::string_view line = LineOf(rest, problem.place.line);
      const bool go_on =
          CanPassOver(line, problem.place.column) && document.problems.size() < kMaxBadLines;
      document.problems.push_back(std::move(problem));
      if (!go_on) break;
      std::fill_n(rest.begin() + (line.data() - rest.data()), line.size(), ' ');
    }
  }
  document.readable = false;
  return document;
}

}  // namespace mxward
