// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/result.h"
#include "config/config.h"
#include "config/toml_document.h"

namespace mxward {

// The option table: everything that is known about an option stands in one row of it. Parsing,
// bounds, defaults, dump-config, the sample file and the option list of mxward.toml(5) all read it.
// Rows are in options_*.cc. Constant data: usable from any thread.

// The way to one field of a Config.
template <class T>
struct Member {
  T& (*of)(Config&);
  const T& (*in)(const Config&);
};

// At<&Config::greylist, &GreylistConfig::delay>()
template <auto... kPath>
constexpr auto At() {
  using T = std::remove_reference_t<decltype((std::declval<Config&>().*....*kPath))>;
  return Member<T>{[](Config& config) -> T& { return (config.*....*kPath); },
                   [](const Config& config) -> const T& { return (config.*....*kPath); }};
}

// A text's canonical form, or what is wrong with it; the message completes "greylist.text: ...".
using CheckText = Result<std::string> (*)(std::string_view text);

// What an option is, one type a kind: where it is stored and what it may be.

struct TextKind {
  Member<std::string> at;
  CheckText check;
};

struct FlagKind {
  Member<bool> at;
};

struct IntegerKind {
  std::variant<Member<int>, Member<std::int64_t>> at;
  std::int64_t min;
  std::int64_t max;
};

struct DurationKind {
  std::variant<Member<Seconds>, Member<Millis>> at;  // into Seconds: whole seconds only
  Millis min;
  Millis max;
};

struct SizeKind {
  Member<std::uint64_t> at;
  std::uint64_t min;
  std::uint64_t max;
};

// "0660"
struct FileModeKind {
  Member<std::uint32_t> at;
};

// One of several words: a C++ enum, its type hidden behind the index of the word.
struct WordKind {
  std::size_t count;
  std::string_view (*word)(std::size_t index);
  std::size_t (*get)(const Config&);
  void (*set)(Config&, std::size_t index);
};

// A word of a list that stands for a bool.
struct FlagWord {
  std::string_view word;
  Member<bool> at;
};

// A list of such words, at least one.
struct FlagListKind {
  std::span<const FlagWord> words;
};

// A list of texts, and words that stand for some.
struct TextListKind {
  Member<std::vector<std::string>> at;
  CheckText check;              // of each item
  std::string_view items_name;  // "domains"
  std::span<const FlagWord> words = {};
};

// A list of prefixes, and words that stand for some.
struct PrefixListKind {
  Member<std::vector<Prefix>> at;
  std::span<const FlagWord> words;
};

struct CertificateListKind {
  Member<std::vector<TrustedCertificate>> at;
};

using OptionKind =
    std::variant<TextKind, FlagKind, IntegerKind, DurationKind, SizeKind, FileModeKind, WordKind,
                 FlagListKind, TextListKind, PrefixListKind, CertificateListKind>;

// As an administrator would write it; the string form without its quotes.
using DefaultValue =
    std::variant<std::string_view, bool, std::int64_t, std::span<const std::string_view>>;

enum class Applies : std::uint8_t { kOnReload, kOnRestart };

struct Option {
  std::string_view section;  // "" is the top of the file, before any [section]
  std::string_view key;
  OptionKind kind;
  DefaultValue fallback;
  Applies applies = Applies::kOnReload;
  // Plain sentences for the manual and the sample file, without markup.
  std::string_view description;
  // A value in TOML for the message about a wrong type; "": the default serves.
  std::string_view example = "";

  // "greylist.delay"
  std::string FullName() const;
};

struct Section {
  std::string_view name;  // "" is the top of the file
  std::string_view description;
  std::span<const Option> options;
};

// All sections in the order of the manual.
std::span<const Section> Sections();
const Section* FindSection(std::string_view name);
const Option* FindOption(std::string_view section, std::string_view key);

// Reads a value into config, or adds to problems what is wrong with it, item by item.
void SetOption(const Option& option, const TomlValue& value, Config& config,
               std::vector<PlacedProblem>& problems);
// The default, as if it had been in the file.
void SetDefault(const Option& option, Config& config);
// The value that it has in from.
void CopyOption(const Option& option, const Config& from, Config& to);

// What a reload puts into force: what the file says, but options that need a restart keep the value
// they run with. The table says which those are, and nothing else does.
Config AfterReload(const Config& running, Config file);

// A value in TOML: one item, or several of a list.
struct OptionText {
  bool is_list = false;
  std::vector<std::string> items;

  static OptionText One(std::string item);
  // A text, which a TOML file has in quotes.
  static OptionText Quoted(std::string_view text);
  // No value at all; a list without items is one.
  bool empty() const { return !is_list && items.empty(); }
  // "\"4m\"", "[\"name\", \"network\"]"; "" of no value.
  std::string OneLine() const;
  bool operator==(const OptionText&) const = default;
};

// The value in canonical form: two configs differ in an option exactly when this differs.
OptionText ValueOf(const Option& option, const Config& config);
// The default as the table writes it ("48h", where ValueOf says "2d").
OptionText DefaultOf(const Option& option);

// "a duration from 1s to 1d", "one of "a", "b" and "c"", "a list of prefixes"
std::string DescribeKind(const Option& option);

}  // namespace mxward
