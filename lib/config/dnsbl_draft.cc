// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "config/dnsbl_reader.h"
#include "config/value_text.h"

namespace mxward {
namespace {

using Kind = TomlValue::Kind;

constexpr std::size_t kMaxFilters = 100;
constexpr std::size_t kMaxMeaning = 100;

// Reads one value into a draft. Each kind of key has its own operator.
class Reader {
 public:
  Reader(const DnsblField& field, const TomlValue& value, DnsblDraft& draft,
         std::vector<PlacedProblem>& problems)
      : field_(field), value_(value), draft_(draft), problems_(problems) {}

  void operator()(const DnsblTextKind& kind) {
    if (value_.kind != Kind::kString) return WrongType(value_, kind.secret);
    if (auto text = kind.check(value_.text)) {
      draft_.*kind.at = *std::move(text);
    } else {
      Problem(value_.place, text.error().message);
    }
  }

  void operator()(const DnsblFlagKind& kind) {
    if (value_.kind != Kind::kBoolean) {
      return Problem(value_.place, "needs true or false, without quotes; found " + Found(value_));
    }
    draft_.*kind.at = value_.boolean;
  }

  void operator()(const DnsblWeightKind& kind) {
    if (value_.kind != Kind::kInteger) return WrongType(value_);
    if (value_.integer == 0) {
      return Problem(value_.place,
                     "0 would ask the list for nothing; to ask and only log, write observe = true");
    }
    if (auto score = ReadScore(value_)) draft_.*kind.at = *score;
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
      return WrongType(value_);
    }
    if (value_.items.empty() && value_.entries.empty()) {
      return Problem(value_.place, "is empty: no answer would count; " + Such());
    }
    if (codes.size() > kMaxFilters) return TooMany();
    draft_.*kind.at = std::move(codes);
  }

  void operator()(const DnsblFiltersKind& kind) {
    if (value_.kind != Kind::kArray) return WrongType(value_);
    std::vector<CodeFilter> filters;
    for (const TomlValue& item : value_.items) {
      if (auto filter = ReadFilterItem(item)) filters.push_back(*std::move(filter));
    }
    if (filters.size() > kMaxFilters) return TooMany();
    draft_.*kind.at = std::move(filters);
  }

  void operator()(const DnsblSubjectsKind& kind) {
    const bool one = value_.kind == Kind::kString;
    if (!one && value_.kind != Kind::kArray) return WrongType(value_);
    if (!one && value_.items.empty()) {
      return Problem(value_.place, "is empty; the list must be asked about something: " + Such());
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
  void Problem(Place place, const std::string& message) {
    problems_.push_back({place, fmt::format("dnsbl.{}: {}", field_.key, message)});
  }

  std::string Such() const { return fmt::format("such as {} = {}", field_.key, field_.example); }

  void WrongType(const TomlValue& value, bool secret = false) {
    Problem(value.place, fmt::format("needs {}, such as {}; found {}", DescribeKind(field_),
                                     field_.example, secret ? FoundType(value) : Found(value)));
  }

  void TooMany() {
    Problem(value_.place, fmt::format("has more than {} code filters; ranges such as "
                                      "127.0.0.[2..11] make them fewer",
                                      kMaxFilters));
  }

  std::optional<int> ReadScore(const TomlValue& value) {
    if (value.integer < -kMaxDnsblScore || value.integer > kMaxDnsblScore) {
      Problem(value.place,
              fmt::format("must be from -{0} to {0}; found {1}", kMaxDnsblScore, value.integer));
      return std::nullopt;
    }
    return static_cast<int>(value.integer);
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
    const auto words = DnsblOfWords();
    const auto found = std::find(words.begin(), words.end(), value.text);
    if (value.kind != Kind::kString || found == words.end()) {
      return Problem(value.place,
                     fmt::format("must be {}; found {}{}", DescribeKind(field_), Found(value),
                                 DidYouMean(value.text, {words.begin(), words.end()})));
    }
    const auto of = static_cast<DnsblOf>(found - words.begin());
    if (std::find(out.begin(), out.end(), of) == out.end()) out.push_back(of);
  }

  const DnsblField& field_;
  const TomlValue& value_;
  DnsblDraft& draft_;
  std::vector<PlacedProblem>& problems_;
};

}  // namespace

DnsblDraft ReadDnsblDraft(const TomlValue& table, std::vector<PlacedProblem>& problems) {
  DnsblDraft draft;
  for (const TomlEntry& entry : table.entries) {
    if (const DnsblField* field = FindDnsblField(entry.key)) {
      std::visit(Reader(*field, entry.value, draft, problems), field->kind);
    } else {
      problems.push_back(
          {entry.place, fmt::format("unknown key {} in [[dnsbl]]{}", Quoted(entry.key),
                                    DidYouMean(entry.key, DnsblKeys()))});
    }
  }
  return draft;
}

}  // namespace mxward
