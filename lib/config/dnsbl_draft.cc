// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "config/dnsbl_reader.h"
#include "config/entry_reader.h"
#include "config/value_text.h"

namespace mxward {
namespace {

using Kind = TomlValue::Kind;

constexpr std::size_t kMaxFilters = 100;
constexpr std::size_t kMaxMeaning = 100;

// Reads one value into a draft. Each kind of key has its own operator.
class DnsblReader {
 public:
  DnsblReader(const DnsblField& field, const TomlValue& value, DnsblDraft& draft,
              std::vector<PlacedProblem>& problems)
      : key_("dnsbl", field.key, DescribeKind(field), field.example, problems),
        value_(value),
        draft_(draft) {}

  void operator()(const DnsblTextKind& kind) {
    draft_.*kind.at = key_.Text(value_, kind.check, kind.secret);
  }

  void operator()(const DnsblFlagKind& kind) { draft_.*kind.at = key_.Flag(value_); }

  void operator()(const DnsblWeightKind& kind) {
    if (value_.kind != Kind::kInteger) return key_.WrongType(value_);
    if (value_.integer == 0) {
      return Problem(value_.place,
                     "0 would ask the list for nothing; to ask and only log, write observe = true");
    }
    draft_.*kind.at = ReadScore(value_);
  }

  void operator()(const DnsblCodesKind& kind) {
    std::vector<DnsblDraftCode> codes;
    if (value_.kind == Kind::kArray) {
      for (const TomlValue& item : value_.items) {
        if (auto filter = ReadFilterItem(item)) codes.push_back({*std::move(filter), {}, {}});
      }
    } else if (value_.kind == Kind::kTable) {
      for (const TomlEntry& entry : value_.entries) ReadCode(entry, codes);
    } else {
      return key_.WrongType(value_);
    }
    if (value_.items.empty() && value_.entries.empty()) {
      return Problem(value_.place, "is empty: no answer would count; " + key_.Such());
    }
    if (codes.size() > kMaxFilters) return TooMany();
    draft_.*kind.at = std::move(codes);
  }

  void operator()(const DnsblFiltersKind& kind) {
    if (value_.kind != Kind::kArray) return key_.WrongType(value_);
    std::vector<CodeFilter> filters;
    for (const TomlValue& item : value_.items) {
      if (auto filter = ReadFilterItem(item)) filters.push_back(*std::move(filter));
    }
    if (filters.size() > kMaxFilters) return TooMany();
    draft_.*kind.at = std::move(filters);
  }

  void operator()(const DnsblSubjectsKind& kind) {
    const bool one = value_.kind == Kind::kString;
    if (!one && value_.kind != Kind::kArray) return key_.WrongType(value_);
    if (!one && value_.items.empty()) {
      return Problem(value_.place,
                     "is empty; the list must be asked about something: " + key_.Such());
    }
    std::vector<DnsblOf> subjects;
    if (one) {
      AddSubject(value_, subjects);
    } else {
      for (const TomlValue& item : value_.items) AddSubject(item, subjects);
    }
    const auto client = std::find(subjects.begin(), subjects.end(), DnsblOf::kClient);
    if (client != subjects.end() && subjects.size() > 1) {
      return Problem(value_.place,
                     "\"client\" stands alone: a list knows addresses or names, not both; "
                     "describe a list that has both in two entries");
    }
    if (!subjects.empty()) draft_.*kind.at = std::move(subjects);
  }

 private:
  void Problem(Place place, std::string_view message) { key_.Problem(place, message); }

  void TooMany() {
    Problem(value_.place, fmt::format("has more than {} code filters; ranges such as "
                                      "127.0.0.[2..11] make them fewer",
                                      kMaxFilters));
  }

  std::optional<int> ReadScore(const TomlValue& value) {
    return key_.WithinBounds(value, -kMaxDnsblScore, kMaxDnsblScore);
  }

  std::optional<CodeFilter> ReadFilter(std::string_view text, Place place) {
    auto filter = CodeFilter::Parse(text);
    if (!filter) {
      Problem(place, filter.error().message);
      return std::nullopt;
    }
    return *std::move(filter);
  }

  std::optional<CodeFilter> ReadFilterItem(const TomlValue& item) {
    if (item.kind == Kind::kString) return ReadFilter(item.text, item.place);
    Problem(item.place, fmt::format("needs code filters in quotes, such as \"127.0.0.2\"; found {}",
                                    Found(item)));
    return std::nullopt;
  }

  void ReadCode(const TomlEntry& entry, std::vector<DnsblDraftCode>& out) {
    const bool torn = entry.value.kind == Kind::kTable &&
                      entry.key.find('.') == std::string::npos;  // 127.0.0.2 without quotes
    if (torn) {
      return Problem(entry.place, "an answer stands in quotes: \"127.0.0.2\" = 4");
    }
    auto filter = ReadFilter(entry.key, entry.place);
    DnsblDraftCode code;
    if (entry.value.kind == Kind::kInteger) {
      code.score = ReadScore(entry.value);
    } else if (entry.value.kind == Kind::kString) {
      code.meaning = ReadMeaning(entry.value);
    } else if (entry.value.kind == Kind::kTable) {
      ReadCodeTable(entry.value, code);
    } else {
      return Problem(entry.value.place, fmt::format("{} needs a score, such as 4; found {}",
                                                    Quoted(entry.key), Found(entry.value)));
    }
    if (!filter) return;
    code.filter = *std::move(filter);
    out.push_back(std::move(code));
  }

  void ReadCodeTable(const TomlValue& table, DnsblDraftCode& code) {
    for (const TomlEntry& entry : table.entries) {
      const bool score = entry.key == "score";
      if (!score && entry.key != "meaning") {
        Problem(entry.place,
                fmt::format("a code has \"score\" and \"meaning\", no {}{}", Quoted(entry.key),
                            DidYouMean(entry.key, {"score", "meaning"})));
      } else if (entry.value.kind != (score ? Kind::kInteger : Kind::kString)) {
        Problem(entry.value.place, fmt::format("{} needs {}; found {}", entry.key,
                                               score ? "an integer, such as 4" : "a text in quotes",
                                               Found(entry.value)));
      } else if (score) {
        code.score = ReadScore(entry.value);
      } else {
        code.meaning = ReadMeaning(entry.value);
      }
    }
  }

  std::string ReadMeaning(const TomlValue& value) {
    const bool plain = std::all_of(value.text.begin(), value.text.end(),
                                   [](char c) { return c >= ' ' && c <= '~'; });
    if (!plain || value.text.empty() || value.text.size() > kMaxMeaning) {
      Problem(value.place, fmt::format("a meaning is printable ASCII, 1 to {} characters; found {}",
                                       kMaxMeaning, Quoted(value.text)));
    }
    return value.text;
  }

  void AddSubject(const TomlValue& value, std::vector<DnsblOf>& out) {
    const auto index = key_.Word(value, DnsblOfWords());
    if (!index) return;
    const auto of = static_cast<DnsblOf>(*index);
    if (std::find(out.begin(), out.end(), of) == out.end()) out.push_back(of);
  }

  KeyReader key_;
  const TomlValue& value_;
  DnsblDraft& draft_;
};

}  // namespace

DnsblDraft ReadDnsblDraft(const TomlValue& table, std::vector<PlacedProblem>& problems) {
  DnsblDraft draft;
  ReadKeys(table, "dnsbl", DnsblFields(), problems,
           [&](const DnsblField& field, const TomlValue& value) {
             std::visit(DnsblReader(field, value, draft, problems), field.kind);
           });
  return draft;
}

}  // namespace mxward
