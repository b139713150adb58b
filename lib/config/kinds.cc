// SPDX-License-Identifier: Apache-2.0
#include "config/kinds.h"

#include <fmt/format.h>

#include <chrono>

#include "base/units.h"
#include "config/value_text.h"

namespace mxward {
namespace {

TomlValue TomlText(std::string text) {
  TomlValue value;
  value.kind = TomlValue::Kind::kString;
  value.text = std::move(text);
  return value;
}

}  // namespace

std::optional<bool> FlagKind::Read(const TomlValue& value, FieldReader& reader) {
  if (value.kind == TomlValue::Kind::kBoolean) return value.boolean;
  reader.Problem(value.place, "needs true or false, without quotes; found " + Found(value));
  return std::nullopt;
}

template <class T>
std::optional<T> DurationKind<T>::Read(const TomlValue& value, FieldReader& reader) const {
  if (value.kind == TomlValue::Kind::kInteger) {
    reader.Problem(value.place, fmt::format("needs a unit, in quotes: \"{0}s\" or \"{0}m\"? Found "
                                            "the integer {0}",
                                            value.integer));
    return std::nullopt;
  }
  if (value.kind != TomlValue::Kind::kString) {
    reader.WrongType(value);
    return std::nullopt;
  }
  const auto duration = ParseDuration(value.text);
  if (!duration) {
    reader.Problem(value.place, duration.error().message);
    return std::nullopt;
  }
  if (*duration < min || *duration > max) {
    reader.OutOfRange(value.place, FormatDuration(min), FormatDuration(max), value.text);
    return std::nullopt;
  }
  const T stored = std::chrono::floor<T>(*duration);
  if (stored != *duration) {
    reader.Problem(value.place, "must be whole seconds");
    return std::nullopt;
  }
  return stored;
}

template <class T>
OptionText DurationKind<T>::Write(T value) {
  return OptionText::Quoted(FormatDuration(value));
}

template <class T>
std::string DurationKind<T>::Describe() const {
  return fmt::format("a duration in quotes, from {} to {}", FormatDuration(min),
                     FormatDuration(max));
}

template <class T>
std::optional<Edges> DurationKind<T>::edges() const {
  const auto at = [](Millis duration) { return TomlText(FormatDuration(duration)); };
  return Edges{at(min - Millis(1)), at(min), at(max), at(max + Millis(1))};
}

template struct DurationKind<Seconds>;
template struct DurationKind<Millis>;

std::optional<std::uint64_t> SizeKind::Read(const TomlValue& value, FieldReader& reader) const {
  if (value.kind != TomlValue::Kind::kString) {
    reader.WrongType(value);
    return std::nullopt;
  }
  const auto size = ParseSize(value.text);
  if (!size) {
    reader.Problem(value.place, size.error().message);
    return std::nullopt;
  }
  if (*size < min || *size > max) {
    reader.OutOfRange(value.place, FormatSize(min), FormatSize(max), value.text);
    return std::nullopt;
  }
  return *size;
}

OptionText SizeKind::Write(std::uint64_t value) { return OptionText::Quoted(FormatSize(value)); }

std::string SizeKind::Describe() const {
  return fmt::format("a size in quotes, from {} to {}", FormatSize(min), FormatSize(max));
}

std::optional<Edges> SizeKind::edges() const {
  const auto at = [](std::uint64_t size) { return TomlText(FormatSize(size)); };
  return Edges{at(min - 1), at(min), at(max), at(max + 1)};
}

std::string DescribeWords(std::span<const std::string_view> words, std::string_view last_joint) {
  return WordList({words.begin(), words.end()}, last_joint);
}

std::vector<const TomlValue*> ItemsOf(const TomlValue& value, Brackets brackets) {
  std::vector<const TomlValue*> out;
  if (value.kind != TomlValue::Kind::kArray) {
    if (brackets == Brackets::kOptional) out.push_back(&value);
    return out;
  }
  for (const TomlValue& item : value.items) out.push_back(&item);
  return out;
}

std::string NearestWord(std::string_view text, const std::vector<std::string_view>& words) {
  return DidYouMean(text, words);
}

Result<Prefix> ParsePrefix(std::string_view text, const std::vector<std::string_view>& words) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (plain) {
    auto prefix = Prefix::Parse(text);
    if (prefix) return prefix;
    // Something with a slash or of digits was meant as a prefix: say what is wrong with it.
    if (text.size() <= 60 &&
        text.find_first_not_of("0123456789abcdefABCDEF.:/") == std::string_view::npos) {
      return prefix;
    }
  }
  return Fail(ErrorCode::kInvalid,
              fmt::format("{} is no IP address or prefix{}", Quoted(text),
                          words.empty() ? "" : ", nor one of the words " + WordList(words, "and")));
}

ListKind<Prefix> PrefixListKind(const std::vector<std::string_view>& words) {
  return {.parse = [words](std::string_view text) { return ParsePrefix(text, words); },
          .text = [](const Prefix& prefix) { return prefix.ToString(); },
          .items_name = "IP addresses and prefixes",
          .known_words = words};
}

}  // namespace mxward
