// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "config/dnsbl_profiles.h"
#include "config/dnsbl_section.h"
#include "config/dump.h"
#include "config/entry_array.h"
#include "config/options.h"
#include "config/value_text.h"

namespace mxward {
namespace {

constexpr std::size_t kSampleWidth = 94;
constexpr std::size_t kManualWidth = 78;
constexpr std::string_view kRestart = "A change needs a restart.";

constexpr std::string_view kIntroduction =
    "The configuration of mxward. mxward.toml(5) explains it at length, and is right where this "
    "file is of an older version. Every option stands here with its default, commented out: take "
    "the # away from those that you change. An empty file works too.\n"
    "After a change: mxward --check-config --config FILE, then mxwardctl reload. mxwardctl "
    "dump-config shows what is in force.";

constexpr std::string_view kProfilesDescription =
    "Each code is followed by its suggested score; codes that have the profile's weight follow "
    "weight.";

std::string Comment(std::string_view text) {
  std::string out;
  for (const std::string& line : Wrap(text, kSampleWidth - 2)) out += "# " + line + "\n";
  return out;
}

std::string Capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

// "A size in quotes, from 1M to 16T."
std::string KindSentence(const FieldDoc& field) { return Capitalised(field.kind) + "."; }

// Text lines of mdoc: sentences begin on a line of their own, and nothing in them is markup.
std::string Mdoc(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t end = 0;
    do {
      end = text.find(". ", end + 1);
    } while (end != std::string_view::npos && end + 2 < text.size() && text[end + 2] >= 'a' &&
             text[end + 2] <= 'z');
    const std::string_view sentence =
        end == std::string_view::npos ? text : text.substr(0, end + 1);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
    for (const std::string& line : Wrap(sentence, kManualWidth)) {
      if (line.front() == '.' || line.front() == '\'') out += "\\&";
      for (const char c : line) out += c == '\\' ? "\\e" : std::string(1, c);
      out += '\n';
    }
  }
  return out;
}

// What no default shows: how a value looks that is empty by default.
std::string ExampleSentence(const FieldDoc& field) {
  if (field.example.empty() || field.example == field.default_value.OneLine()) return {};
  return fmt::format("Example: {}", field.example);
}

std::string ManualField(const FieldDoc& field) {
  std::string out = fmt::format(".It Ic {}\n", field.key);
  out += Mdoc(KindSentence(field));
  const OptionText& value = field.default_value;
  if (value.is_list && value.items.size() > 8) {
    out += Mdoc(fmt::format("The default has {} items:", value.items.size()));
    out += Mdoc(fmt::format("{}.", fmt::join(value.items, ", ")));
  } else {
    out += Mdoc(fmt::format("Default: {}.", value.OneLine()));
  }
  out += Mdoc(ExampleSentence(field));
  out += ".Pp\n" + Mdoc(field.description);
  if (field.needs_restart) out += Mdoc(kRestart);
  return out;
}

// "127.0.0.2 (spam source) 4"
std::string CodeText(const DnsblDraftCode& code, const DnsblDraft& draft) {
  const std::string meaning = code.meaning.empty() ? "" : fmt::format(" ({})", code.meaning);
  return fmt::format("{}{} {}", code.filter.text(), meaning,
                     code.score.value_or(draft.weight.value_or(0)));
}

std::string ManualProfile(const DnsblProfile& profile) {
  const DnsblDraft& draft = profile.draft;
  std::vector<std::string> codes;
  for (const DnsblDraftCode& code : *draft.codes) codes.push_back(CodeText(code, draft));
  std::vector<std::string_view> of;
  for (const DnsblOf one : draft.of.value_or(std::vector{DnsblOf::kClient})) {
    of.push_back(WordOf(one));
  }
  std::string out = fmt::format(".It Ic {}\n", profile.name) + Mdoc(profile.about);
  out +=
      Mdoc(fmt::format("Zone {}, queried about {}{}.", draft.zone.value_or(""), WordList(of, "and"),
                       draft.ipv6.value_or(true) || of.front() != "client" ? "" : ", IPv4 only"));
  return out + Mdoc(fmt::format("Scores: {}.", fmt::join(codes, ", ")));
}

std::string ManualProfiles() {
  std::string out = ".Ss Profiles of DNS lists\n" + Mdoc(kProfilesDescription);
  out += ".Bl -tag -width Ds\n";
  for (const DnsblProfile& profile : DnsblProfiles()) out += ManualProfile(profile);
  return out + ".El\n";
}

std::string ManualArray(const EntryArray& array) {
  std::string out = fmt::format(".Ss [[{}]]\n", array.name) + Mdoc(array.description);
  out += ".Bl -tag -width Ds\n";
  for (const FieldDoc& field : array.docs()) out += ManualField(field);
  return out + ".El\n";
}

// Entries are no options with a default: examples of them, which stay comments.
std::string SampleArray(const EntryArray& array) {
  std::string out = "\n" + Comment(array.description) + Comment("Examples:") + "#\n";
  std::string_view examples = array.examples;
  while (!examples.empty()) {
    const std::size_t end = examples.find('\n');
    const std::string_view line = examples.substr(0, end);
    out += line.empty() ? "#\n" : fmt::format("#   {}\n", line);
    examples.remove_prefix(end + 1);
  }
  return out;
}

std::string SampleProfiles() {
  std::vector<std::string_view> names;
  for (const DnsblProfile& profile : DnsblProfiles()) names.push_back(profile.name);
  return "#\n" + Comment(fmt::format("The profiles: {}.", fmt::join(names, ", ")));
}

}  // namespace

std::string SampleFile() {
  std::string out = "# SPDX-License-Identifier: Apache-2.0\n#\n";
  std::string_view paragraphs = kIntroduction;
  while (!paragraphs.empty()) {
    const std::size_t end = std::min(paragraphs.find('\n'), paragraphs.size());
    out += Comment(paragraphs.substr(0, end));
    paragraphs.remove_prefix(std::min(end + 1, paragraphs.size()));
    if (!paragraphs.empty()) out += "#\n";
  }
  for (const Section& section : Sections()) {
    if (!section.name.empty()) {
      out += fmt::format("\n[{}]\n{}", section.name, Comment(section.description));
    }
    for (const Option& option : section.options) {
      out += '\n' + Comment(option.description);
      const FieldDoc field = DocOf(option);
      std::string kind = KindSentence(field);
      if (field.needs_restart) kind += fmt::format(" {}", kRestart);
      out += Comment(kind) + Comment(ExampleSentence(field));
      std::string lines = AssignmentLines(option.key, DefaultOf(option));
      // "#key", not "# key": people and programs can distinguish comments from options.
      for (std::size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) {
        lines.insert(at, "#");
      }
      out += lines;
    }
  }
  for (const EntryArray& array : EntryArrays()) {
    out += SampleArray(array);
    if (array.name == "dnsbl") out += SampleProfiles();
  }
  return out;
}

std::string ManualOptions() {
  std::string out;
  for (const Section& section : Sections()) {
    out += section.name.empty() ? ".Ss Top of the file\n" : fmt::format(".Ss [{}]\n", section.name);
    out += Mdoc(section.description);
    out += ".Bl -tag -width Ds\n";
    for (const Option& option : section.options) out += ManualField(DocOf(option));
    out += ".El\n";
  }
  for (const EntryArray& array : EntryArrays()) out += ManualArray(array);
  return out + ManualProfiles();
}

}  // namespace mxward
