// SPDX-License-Identifier: Apache-2.0
#include "cli/output/output.h"

#include <algorithm>
#include <ostream>

#include "base/text.h"

namespace mxward::cli {
namespace {

std::string_view CodeOf(Color color) {
  switch (color) {
    case Color::kNone:
      return "";
    case Color::kGreen:
      return "\033[32m";
    case Color::kYellow:
      return "\033[33m";
    case Color::kRed:
      return "\033[31m";
    case Color::kBold:
      return "\033[1m";
    case Color::kDim:
      return "\033[2m";
  }
  return "";
}

void AppendFlat(std::string& out, const std::string& name, const Json& value) {
  if (value.is_object()) {
    for (const JsonMember& member : value.members()) {
      AppendFlat(out, name.empty() ? member.name : name + "." + member.name, member.value);
    }
  } else if (value.is_array()) {
    std::size_t place = 0;
    for (const Json& item : value.items()) {
      AppendFlat(out, name + "." + std::to_string(place++), item);
    }
  } else {
    out += Printable(name) + "\t" + FieldText(value) + "\n";
  }
}

// A message may quote what a stranger sent. What it has escaped already stays as it is.
std::string Harmless(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      out += EscapeForLog({&c, 1});
    }
  }
  return out;
}

}  // namespace

void Output::Write(std::string_view text) { out_ << text; }

void Output::Line(std::string_view text) { out_ << text << '\n'; }

void Output::Say(std::string_view text) {
  out_.flush();
  err_ << "mxwardctl: " << Harmless(text) << '\n';
  err_.flush();
}

void Output::Transient(std::string_view text) {
  err_ << '\r' << Harmless(text) << "\033[K";
  err_.flush();
}

void Output::Flush() { out_.flush(); }

bool Output::Good() const { return out_.good(); }

std::string Output::Paint(std::string text, Color color) const {
  if (!options_.color || color == Color::kNone) return text;
  return std::string(CodeOf(color)) + text + "\033[0m";
}

void Output::Document(const Json& answer) {
  if (format() == Format::kJson) {
    Line(answer.DumpIndented());
    return;
  }
  if (header()) Line("name\tvalue");
  std::string lines;
  AppendFlat(lines, "", answer);
  Write(lines);
}

std::string Printable(std::string_view text) { return EscapeForLog(text, std::string_view::npos); }

std::string FieldText(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_array()) {
    std::string list;
    for (const Json& item : value.items()) list += (list.empty() ? "" : ",") + FieldText(item);
    return list;
  }
  return value.is_text() ? Printable(value.text()) : value.Dump();
}

void WriteFacts(Output& output, const Facts& facts) {
  std::size_t width = 0;
  for (const auto& [name, text] : facts) width = std::max(width, name.size());
  for (const auto& [name, text] : facts) {
    std::string line = name;
    line.append(width - name.size() + 2, ' ');
    output.Line(line += text);
  }
}

}  // namespace mxward::cli
