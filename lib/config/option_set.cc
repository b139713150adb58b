// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "config/options.h"
#include "config/value_text.h"

namespace mxward {
namespace {

using Kind = TomlValue::Kind;

std::vector<std::string_view> WordsOf(std::span<const FlagWord> words) {
  std::vector<std::string_view> out;
  for (const FlagWord& word : words) out.push_back(word.word);
  return out;
}

// Reads one value into one option. Each kind has its own Read.
class Setter {
 public:
  Setter(const Option& option, const TomlValue& value, Config& config,
         std::vector<PlacedProblem>& problems)
      : option_(option), value_(value), config_(config), problems_(problems) {}

  void operator()(const TextKind& kind) {
    if (!Is(value_, Kind::kString)) return WrongType();
    if (auto text = kind.check(value_.text)) {
      kind.at.of(config_) = *std::move(text);
    } else {
      Problem(value_, text.error().message);
    }
  }

  void operator()(const FlagKind& kind) {
    if (!Is(value_, Kind::kBoolean)) {
      return Problem(value_, "needs true or false, without quotes; found " + Found(value_));
    }
    kind.at.of(config_) = value_.boolean;
  }

  void operator()(const IntegerKind& kind) {
    if (!Is(value_, Kind::kInteger)) return WrongType();
    const std::int64_t value = value_.integer;
    if (value < kind.min || value > kind.max) {
      return OutOfBounds(std::to_string(kind.min), std::to_string(kind.max), std::to_string(value));
    }
    std::visit(
        [&](const auto& at) {
          auto& field = at.of(config_);
          field = static_cast<std::remove_reference_t<decltype(field)>>(value);
        },
        kind.at);
  }

  void operator()(const DurationKind& kind) {
    if (Is(value_, Kind::kInteger)) {
      return Problem(value_, fmt::format("needs a unit, in quotes: \"{0}s\" or \"{0}m\"? Found the "
                                         "integer {0}",
                                         value_.integer));
    }
    if (!Is(value_, Kind::kString)) return WrongType();
    const auto duration = ParseDuration(value_.text);
    if (!duration) return Problem(value_, duration.error().message);
    if (*duration < kind.min || *duration > kind.max) {
      return OutOfBounds(FormatDuration(kind.min), FormatDuration(kind.max), value_.text);
    }
    std::visit([&](const auto& at) { StoreDuration(at, *duration); }, kind.at);
  }

  void operator()(const SizeKind& kind) {
    if (!Is(value_, Kind::kString)) return WrongType();
    const auto size = ParseSize(value_.text);
    if (!size) return Problem(value_, size.error().message);
    if (*size < kind.min || *size > kind.max) {
      return OutOfBounds(FormatSize(kind.min), FormatSize(kind.max), value_.text);
    }
    kind.at.of(config_) = *size;
  }

  void operator()(const FileModeKind& kind) {
    const std::string& text = value_.text;
    const bool octal = std::all_of(text.begin(), text.end(),
                                   [](char digit) { return digit >= '0' && digit <= '7'; });
    const bool length = text.size() == 3 || (text.size() == 4 && text.front() == '0');
    if (!Is(value_, Kind::kString) || !octal || !length) return WrongType();
    std::uint32_t mode = 0;
    for (const char digit : text) mode = mode * 8 + static_cast<std::uint32_t>(digit - '0');
    kind.at.of(config_) = mode;
  }

  void operator()(const WordKind& kind) {
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i < kind.count; ++i) words.push_back(kind.word(i));
    const bool text = Is(value_, Kind::kString);
    const auto found = std::find(words.begin(), words.end(), value_.text);
    if (text && found != words.end()) {
      kind.set(config_, static_cast<std::size_t>(found - words.begin()));
    } else {
      Problem(value_, fmt::format("must be {}; found {}{}", WordList(words, "or"), Found(value_),
                                  text ? DidYouMean(value_.text, words) : ""));
    }
  }

  void operator()(const FlagListKind& kind) {
    if (!Is(value_, Kind::kArray)) return WrongType();
    const auto words = WordsOf(kind.words);
    if (value_.items.empty()) {
      return Problem(value_, fmt::format("needs at least one of {}", WordList(words, "and")));
    }
    for (const FlagWord& word : kind.words) word.at.of(config_) = false;
    for (const TomlValue& item : value_.items) {
      if (Is(item, Kind::kString) && SetFlag(kind.words, item.text)) continue;
      Problem(item, fmt::format("may hold {}; found {}{}", WordList(words, "and"), Found(item),
                                DidYouMean(item.text, words)));
    }
  }

  void operator()(const TextListKind& kind) {
    if (!Is(value_, Kind::kArray)) return WrongType();
    std::vector<std::string> out;
    for (const FlagWord& word : kind.words) word.at.of(config_) = false;
    for (const TomlValue& item : value_.items) {
      if (!Is(item, Kind::kString)) {
        WrongItem(item);
      } else if (SetFlag(kind.words, item.text)) {
        continue;
      } else if (auto text = kind.check(item.text)) {
        out.push_back(*std::move(text));
      } else {
        Problem(item, text.error().message + DidYouMean(item.text, WordsOf(kind.words)));
      }
    }
    kind.at.of(config_) = std::move(out);
  }

  void operator()(const PrefixListKind& kind) {
    if (!Is(value_, Kind::kArray)) return WrongType();
    std::vector<Prefix> out;
    for (const FlagWord& word : kind.words) word.at.of(config_) = false;
    for (const TomlValue& item : value_.items) {
      if (!Is(item, Kind::kString)) {
        WrongItem(item);
      } else if (!SetFlag(kind.words, item.text)) {
        AddPrefix(kind, item, out);
      }
    }
    kind.at.of(config_) = std::move(out);
  }

  void operator()(const CertificateListKind& kind) {
    if (!Is(value_, Kind::kArray)) return WrongType();
    std::vector<TrustedCertificate> out;
    for (const TomlValue& item : value_.items) {
      if (!Is(item, Kind::kTable)) {
        WrongItem(item);
      } else {
        out.push_back(ReadCertificate(item));
      }
    }
    kind.at.of(config_) = std::move(out);
  }

 private:
  static bool Is(const TomlValue& value, Kind kind) { return value.kind == kind; }

  void ProblemAt(Place place, const std::string& message) {
    problems_.push_back({place, option_.FullName() + ": " + message});
  }
  void Problem(const TomlValue& value, const std::string& message) {
    ProblemAt(value.place, message);
  }

  std::string Example() const {
    return option_.example.empty() ? DefaultOf(option_).OneLine() : std::string(option_.example);
  }

  void WrongType() {
    Problem(value_, fmt::format("needs {}, such as {}; found {}", DescribeKind(option_), Example(),
                                Found(value_)));
  }
  void WrongItem(const TomlValue& item) {
    Problem(item, fmt::format("needs {}, such as {}; found {} in it", DescribeKind(option_),
                              Example(), Found(item)));
  }
  void OutOfBounds(const std::string& min, const std::string& max, std::string_view found) {
    Problem(value_,
            fmt::format("must be from {} to {}; found {}", min, max, EscapeForLog(found, 60)));
  }

  void StoreDuration(const Member<Millis>& at, Millis duration) { at.of(config_) = duration; }
  void StoreDuration(const Member<Seconds>& at, Millis duration) {
    const auto seconds = std::chrono::floor<Seconds>(duration);
    if (seconds != duration) return Problem(value_, "must be whole seconds");
    at.of(config_) = seconds;
  }

  bool SetFlag(std::span<const FlagWord> words, std::string_view text) {
    for (const FlagWord& word : words) {
      if (word.word != text) continue;
      word.at.of(config_) = true;
      return true;
    }
    return false;
  }

  void AddPrefix(const PrefixListKind& kind, const TomlValue& item, std::vector<Prefix>& out) {
    const bool plain =
        std::all_of(item.text.begin(), item.text.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (plain) {
      auto prefix = Prefix::Parse(item.text);
      if (prefix) return out.push_back(*prefix);
      // Something with a slash or of digits was meant as a prefix: say what is wrong with it.
      if (item.text.size() <= 60 &&
          item.text.find_first_not_of("0123456789abcdefABCDEF.:/") == std::string::npos) {
        return Problem(item, prefix.error().message);
      }
    }
    const auto words = WordsOf(kind.words);
    Problem(item,
            fmt::format("{} is no IP address or prefix{}{}", Quoted(item.text),
                        words.empty() ? "" : ", nor one of the words " + WordList(words, "and"),
                        DidYouMean(item.text, words)));
  }

  TrustedCertificate ReadCertificate(const TomlValue& table) {
    TrustedCertificate out;
    const std::vector<std::string_view> keys = {"subject", "issuer"};
    for (const TomlEntry& entry : table.entries) {
      const bool subject = entry.key == "subject";
      if (!subject && entry.key != "issuer") {
        ProblemAt(entry.place, fmt::format("a certificate has \"subject\" and \"issuer\", no {}{}",
                                           Quoted(entry.key), DidYouMean(entry.key, keys)));
      } else if (!Is(entry.value, Kind::kString) || entry.value.text.empty()) {
        Problem(entry.value, fmt::format("{} needs a text that is not empty; found {}", entry.key,
                                         Found(entry.value)));
      } else {
        (subject ? out.subject : out.issuer) = entry.value.text;
      }
    }
    for (const std::string_view key : keys) {
      const bool there = std::any_of(table.entries.begin(), table.entries.end(),
                                     [&](const TomlEntry& entry) { return entry.key == key; });
      if (!there) Problem(table, fmt::format("a certificate needs its {} as well", key));
    }
    return out;
  }

  const Option& option_;
  const TomlValue& value_;
  Config& config_;
  std::vector<PlacedProblem>& problems_;
};

TomlValue TextValue(std::string_view text) {
  TomlValue value;
  value.kind = Kind::kString;
  value.text = text;
  return value;
}

struct DefaultToValue {
  TomlValue operator()(std::string_view text) const { return TextValue(text); }
  TomlValue operator()(bool flag) const {
    TomlValue value;
    value.kind = Kind::kBoolean;
    value.boolean = flag;
    return value;
  }
  TomlValue operator()(std::int64_t integer) const {
    TomlValue value;
    value.kind = Kind::kInteger;
    value.integer = integer;
    return value;
  }
  TomlValue operator()(std::span<const std::string_view> items) const {
    TomlValue value;
    value.kind = Kind::kArray;
    for (const std::string_view item : items) value.items.push_back(TextValue(item));
    return value;
  }
};

// Copies one option. Each kind has its own way.
class Copier {
 public:
  Copier(const Config& from, Config& to) : from_(from), to_(to) {}

  void operator()(const FlagListKind& kind) { CopyWords(kind.words); }
  void operator()(const WordKind& kind) { kind.set(to_, kind.get(from_)); }
  void operator()(const TextListKind& kind) {
    Copy(kind.at);
    CopyWords(kind.words);
  }
  void operator()(const PrefixListKind& kind) {
    Copy(kind.at);
    CopyWords(kind.words);
  }
  // All others are one field.
  template <class OneField>
  void operator()(const OneField& kind) {
    Copy(kind.at);
  }

 private:
  template <class T>
  void Copy(const Member<T>& at) {
    at.of(to_) = at.in(from_);
  }
  template <class... T>
  void Copy(const std::variant<Member<T>...>& at) {
    std::visit([this](const auto& member) { Copy(member); }, at);
  }
  void CopyWords(std::span<const FlagWord> words) {
    for (const FlagWord& word : words) Copy(word.at);
  }

  const Config& from_;
  Config& to_;
};

}  // namespace

void SetOption(const Option& option, const TomlValue& value, Config& config,
               std::vector<PlacedProblem>& problems) {
  std::visit(Setter(option, value, config, problems), option.kind);
}

void SetDefault(const Option& option, Config& config) {
  // A unit test holds every default against its own check.
  std::vector<PlacedProblem> none;
  SetOption(option, std::visit(DefaultToValue(), option.fallback), config, none);
}

void CopyOption(const Option& option, const Config& from, Config& to) {
  std::visit(Copier(from, to), option.kind);
}

Config AfterReload(const Config& running, Config file) {
  for (const Section& section : Sections()) {
    for (const Option& option : section.options) {
      if (option.applies == Applies::kOnRestart) CopyOption(option, running, file);
    }
  }
  return file;
}

}  // namespace mxward
