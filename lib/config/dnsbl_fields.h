// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.h"
#include "config/entry_array.h"
#include "config/options.h"

namespace mxward {

// What a [[dnsbl]] entry may say. Reading, the manual, the sample file and dump-config go through
// the rows. Constant data: usable from any thread.

// A code as written: without a score it counts the list's weight.
struct DnsblDraftCode {
  CodeFilter filter;
  std::optional<int> score;
  std::string meaning;
};

// An entry as written, of a profile or of the user's file. What is not there is not set.
struct DnsblDraft {
  std::optional<std::string> profile;
  std::optional<std::string> name;
  std::optional<std::string> zone;           // may begin with "{key}."
  std::optional<std::string> zone_with_key;  // the same; takes the place of zone where a key is set
  std::optional<std::string> key;
  std::optional<int> weight;
  std::optional<std::vector<DnsblDraftCode>> codes;
  std::optional<std::vector<CodeFilter>> refusals;
  std::optional<std::vector<DnsblOf>> of;
  std::optional<bool> ipv4, ipv6, organisation, observe;
  // As asked below the zone; "" is none.
  std::optional<std::string> listed_v4, unlisted_v4, listed_v6, unlisted_v6;
  std::optional<std::string> listed_name, unlisted_name;
};

// What a key is, one type a kind: where it is stored and what it may be.

struct DnsblTextKind {
  std::optional<std::string> DnsblDraft::*at;
  CheckText check;      // its messages quote the text only where it is no secret
  bool secret = false;  // never shown, not even its mistakes
};

struct DnsblFlagKind {
  std::optional<bool> DnsblDraft::*at;
};

struct DnsblWeightKind {
  std::optional<int> DnsblDraft::*at;
};

struct DnsblCodesKind {
  std::optional<std::vector<DnsblDraftCode>> DnsblDraft::*at;
};

struct DnsblFiltersKind {
  std::optional<std::vector<CodeFilter>> DnsblDraft::*at;
};

struct DnsblSubjectsKind {
  std::optional<std::vector<DnsblOf>> DnsblDraft::*at;
};

using DnsblKind = std::variant<DnsblTextKind, DnsblFlagKind, DnsblWeightKind, DnsblCodesKind,
                               DnsblFiltersKind, DnsblSubjectsKind>;

using DnsblField = EntryField<DnsblConfig, DnsblKind>;

// In the order of the manual.
std::span<const DnsblField> DnsblFields();

// "an integer from -100 to 100, not 0"
std::string DescribeKind(const DnsblField& field);

// The codes of a list as assignments in TOML.
std::vector<std::string> DnsblCodeTexts(const DnsblConfig& list);

// The words of `of`.
std::span<const std::string_view> DnsblOfWords();
std::string_view DnsblOfWord(DnsblOf of);

inline constexpr int kMaxDnsblScore = 100;
// What stands for the key in a zone.
inline constexpr std::string_view kKeyMark = "{key}";
// What is shown in place of a key. A file that has it is refused.
inline constexpr std::string_view kHiddenKey = "<hidden>";

}  // namespace mxward
