// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "base/clock.h"
#include "base/enum_words.h"
#include "base/ip_address.h"
#include "base/result.h"
#include "config/field.h"

namespace mxward {

// What a value of the configuration may be: the kinds that more than one field has. Each reads,
// bounds, writes and describes a value; see Bind() in field.h. What only one field has stands
// beside that field. At the end are the functions that rows are written with. Pure.

// A text that stands for a T.
template <class T>
struct TextKind {
  // The message completes "greylist.text: ...".
  Result<T> (*parse)(std::string_view text);
  std::string (*text)(const T& value);
  std::string_view what = "a text in quotes";
  bool secret = false;        // never shown, not even its mistakes; parse() does not quote it
  bool also_integer = false;  // 20 is as good as "20"

  std::optional<T> Read(const TomlValue& value, FieldReader& reader) const {
    const bool integer = also_integer && value.kind == TomlValue::Kind::kInteger;
    if (!integer && value.kind != TomlValue::Kind::kString) {
      reader.WrongType(value, secret);
      return std::nullopt;
    }
    auto parsed = parse(integer ? std::to_string(value.integer) : value.text);
    if (parsed) return *std::move(parsed);
    reader.Problem(value.place, parsed.error().message);
    return std::nullopt;
  }
  OptionText Write(const T& value) const {
    const std::string whole = text(value);
    OptionText out = OptionText::Quoted(secret ? kHiddenKey : std::string_view(whole));
    if (secret) out.secret = whole;
    return out;
  }
  std::string Describe() const { return std::string(what); }
};

struct FlagKind {
  static std::optional<bool> Read(const TomlValue& value, FieldReader& reader);
  static OptionText Write(bool value) { return OptionText::One(value ? "true" : "false"); }
  static std::string Describe() { return "true or false"; }
};

// T: int or std::int64_t.
template <class T>
struct IntegerKind {
  T min;
  T max;
  std::string_view not_zero = {};  // why 0 is refused, where it is

  std::optional<T> Read(const TomlValue& value, FieldReader& reader) const {
    if (value.kind != TomlValue::Kind::kInteger) {
      reader.WrongType(value);
      return std::nullopt;
    }
    if (value.integer == 0 && !not_zero.empty()) {
      reader.Problem(value.place, not_zero);
      return std::nullopt;
    }
    if (!reader.WithinBounds(value, min, max)) return std::nullopt;
    return static_cast<T>(value.integer);
  }
  static OptionText Write(T value) { return OptionText::One(std::to_string(value)); }
  std::string Describe() const {
    return "an integer from " + std::to_string(min) + " to " + std::to_string(max) +
           (not_zero.empty() ? "" : ", not 0");
  }
  std::optional<Edges> edges() const;
};

// T: Millis, or Seconds for whole seconds only.
template <class T>
struct DurationKind {
  Millis min;
  Millis max;

  std::optional<T> Read(const TomlValue& value, FieldReader& reader) const;
  static OptionText Write(T value);
  std::string Describe() const;
  std::optional<Edges> edges() const;
};

// In bytes.
struct SizeKind {
  std::uint64_t min;
  std::uint64_t max;

  std::optional<std::uint64_t> Read(const TomlValue& value, FieldReader& reader) const;
  static OptionText Write(std::uint64_t value);
  std::string Describe() const;
  std::optional<Edges> edges() const;
};

// "\"a\", \"b\" or \"c\""
std::string DescribeWords(std::span<const std::string_view> words, std::string_view last_joint);

// One of the words of an enum.
template <class E>
struct WordKind {
  static std::optional<E> Read(const TomlValue& value, FieldReader& reader) {
    const auto found = FromWord<E>(value.text);
    if (found && value.kind == TomlValue::Kind::kString) return found;
    reader.WrongWord(value, kWordsOf<E>);
    return std::nullopt;
  }
  // "": the value for none of the words.
  static OptionText Write(E value) {
    const std::string_view word = WordOf(value);
    return word.empty() ? OptionText() : OptionText::Quoted(word);
  }
  static std::string Describe() { return DescribeWords(kWordsOf<E>, "or"); }
  static std::vector<std::string_view> words() { return {kWordsOf<E>.begin(), kWordsOf<E>.end()}; }
};

// Whether a list of one item may be written without brackets.
enum class Brackets : std::uint8_t { kAlways, kOptional };

// The items of a list, or the one without brackets; nullptr: it is neither.
std::vector<const TomlValue*> ItemsOf(const TomlValue& value, Brackets brackets);

// Several words of an enum, at least one.
template <class E>
struct WordListKind {
  Brackets brackets = Brackets::kAlways;
  bool plain_if_one = false;  // how it is written

  std::optional<std::vector<E>> Read(const TomlValue& value, FieldReader& reader) const {
    const bool list = value.kind == TomlValue::Kind::kArray;
    if (list && value.items.empty()) reader.EmptyList(value.place);
    if (!list && brackets == Brackets::kAlways) reader.WrongType(value);
    std::vector<E> out;
    for (const TomlValue* item : ItemsOf(value, brackets)) {
      const auto one = FromWord<E>(item->text);
      if (item->kind != TomlValue::Kind::kString) {
        reader.WrongItem(value, *item);
      } else if (!one) {
        reader.WrongWord(*item, kWordsOf<E>);
      } else if (std::find(out.begin(), out.end(), *one) == out.end()) {
        out.push_back(*one);
      }
    }
    return reader.failed() ? std::nullopt : std::optional(std::move(out));
  }
  OptionText Write(const std::vector<E>& value) const {
    OptionText out;
    out.is_list = !plain_if_one || value.size() > 1;
    for (const E one : value) out.items.push_back(OptionText::Quoted(WordOf(one)).OneLine());
    return out;
  }
  std::string Describe() const {
    if (brackets == Brackets::kOptional) {
      return DescribeWords(kWordsOf<E>, "or") + ", or a list of them";
    }
    return "a list with any of " + DescribeWords(kWordsOf<E>, "and");
  }
  static std::vector<std::string_view> words() { return WordKind<E>::words(); }
};

// A list, and which of the words stand in it that may.
template <class T>
struct ListWithWords {
  std::vector<T> items;
  std::vector<std::string_view> words;

  bool Has(std::string_view word) const {
    return std::find(words.begin(), words.end(), word) != words.end();
  }
};

// A list of texts, each of which stands for a T, and words that stand for something else.
template <class T>
struct ListKind {
  std::function<Result<T>(std::string_view)> parse;
  std::string (*text)(const T& item);
  std::string_view items_name;  // "domains"
  Brackets brackets = Brackets::kAlways;
  bool may_be_empty = true;
  std::vector<std::string_view> known_words = {};

  std::optional<ListWithWords<T>> ReadWithWords(const TomlValue& value, FieldReader& reader) const;
  OptionText WriteWithWords(const ListWithWords<T>& value) const {
    std::vector<std::string> out;
    for (const std::string_view word : value.words) {
      out.push_back(OptionText::Quoted(word).OneLine());
    }
    for (const T& item : value.items) out.push_back(OptionText::Quoted(text(item)).OneLine());
    return OptionText::List(std::move(out));
  }

  std::optional<std::vector<T>> Read(const TomlValue& value, FieldReader& reader) const {
    auto read = ReadWithWords(value, reader);
    if (!read) return std::nullopt;
    return std::move(read->items);
  }
  OptionText Write(const std::vector<T>& value) const { return WriteWithWords({value, {}}); }
  std::string Describe() const { return "a list of " + std::string(items_name); }
  std::vector<std::string_view> words() const { return known_words; }
};

// The same where there are words.
template <class T>
struct WordyListKind {
  ListKind<T> list;

  std::optional<ListWithWords<T>> Read(const TomlValue& value, FieldReader& reader) const {
    return list.ReadWithWords(value, reader);
  }
  OptionText Write(const ListWithWords<T>& value) const { return list.WriteWithWords(value); }
  std::string Describe() const { return list.Describe(); }
  std::vector<std::string_view> words() const { return list.known_words; }
};

// An IP address or prefix. words: those that may stand in its place, for the message.
Result<Prefix> ParsePrefix(std::string_view text, const std::vector<std::string_view>& words);

// A word of a list that stands for a bool of the owner.
template <class Owner>
struct FlagWord {
  std::string_view word;
  Member<Owner, bool> at;
};

// The list at kPath together with the bools that words in it stand for. kFlags is an array of
// FlagWord with static storage.
template <const auto& kFlags, auto... kPath>
constexpr auto AtWithFlags() {
  using Owner = decltype(field_internal::OwnerOf(std::get<0>(std::tuple(kPath...))));
  using Items = typename decltype(At<kPath...>().get(std::declval<const Owner&>()))::value_type;
  using Value = ListWithWords<typename Items::value_type>;
  return Member<Owner, Value>{[](Owner& owner, Value value) {
                                for (const auto& flag : kFlags)
                                  flag.at.set(owner, value.Has(flag.word));
                                At<kPath...>().set(owner, std::move(value.items));
                              },
                              [](const Owner& owner) -> std::optional<Value> {
                                Value out;
                                out.items = *At<kPath...>().get(owner);
                                for (const auto& flag : kFlags) {
                                  if (*flag.at.get(owner)) out.words.push_back(flag.word);
                                }
                                return out;
                              }};
}

// What rows are written with.

// A text's canonical form, or what is wrong with it.
using CheckText = Result<std::string> (*)(std::string_view text);

inline std::string Same(const std::string& text) { return text; }

template <class Owner>
SlotPtr<Owner> Text(Member<Owner, std::string> at, CheckText check) {
  return Bind(at, TextKind<std::string>{.parse = check, .text = Same});
}
template <class Owner>
SlotPtr<Owner> Secret(Member<Owner, std::string> at, CheckText check) {
  return Bind(at, TextKind<std::string>{.parse = check, .text = Same, .secret = true});
}
template <class Owner>
SlotPtr<Owner> Flag(Member<Owner, bool> at) {
  return Bind(at, FlagKind());
}
template <class Owner, class T>
SlotPtr<Owner> Integer(Member<Owner, T> at, std::type_identity_t<T> min,
                       std::type_identity_t<T> max, std::string_view not_zero = {}) {
  return Bind(at, IntegerKind<T>{min, max, not_zero});
}
template <class Owner, class T>
SlotPtr<Owner> Duration(Member<Owner, T> at, Millis min, Millis max) {
  return Bind(at, DurationKind<T>{min, max});
}
template <class Owner>
SlotPtr<Owner> Size(Member<Owner, std::uint64_t> at, std::uint64_t min, std::uint64_t max) {
  return Bind(at, SizeKind{min, max});
}
template <class Owner, class E>
SlotPtr<Owner> Word(Member<Owner, E> at) {
  return Bind(at, WordKind<E>());
}
template <class Owner, class E>
SlotPtr<Owner> Words(Member<Owner, std::vector<E>> at, WordListKind<E> kind = {}) {
  return Bind(at, kind);
}
template <class Owner>
SlotPtr<Owner> TextList(Member<Owner, std::vector<std::string>> at, CheckText check,
                        std::string_view items_name) {
  return Bind(at, ListKind<std::string>{check, Same, items_name});
}
template <const auto& kFlags, class Owner>
SlotPtr<Owner> TextList(Member<Owner, ListWithWords<std::string>> at, CheckText check,
                        std::string_view items_name) {
  ListKind<std::string> kind{check, Same, items_name};
  for (const auto& flag : kFlags) kind.known_words.push_back(flag.word);
  return Bind(at, WordyListKind<std::string>{std::move(kind)});
}
ListKind<Prefix> PrefixListKind(const std::vector<std::string_view>& words);
template <class Owner>
SlotPtr<Owner> PrefixList(Member<Owner, std::vector<Prefix>> at) {
  return Bind(at, PrefixListKind({}));
}
template <const auto& kFlags, class Owner>
SlotPtr<Owner> PrefixList(Member<Owner, ListWithWords<Prefix>> at) {
  std::vector<std::string_view> words;
  for (const auto& flag : kFlags) words.push_back(flag.word);
  return Bind(at, WordyListKind<Prefix>{PrefixListKind(words)});
}

template <class T>
std::optional<Edges> IntegerKind<T>::edges() const {
  const auto at = [](std::int64_t integer) {
    TomlValue value;
    value.kind = TomlValue::Kind::kInteger;
    value.integer = integer;
    return value;
  };
  return Edges{at(std::int64_t{min} - 1), at(min), at(max), at(std::int64_t{max} + 1)};
}

// "; did you mean ..." of a list's words.
std::string NearestWord(std::string_view text, const std::vector<std::string_view>& words);

template <class T>
std::optional<ListWithWords<T>> ListKind<T>::ReadWithWords(const TomlValue& value,
                                                           FieldReader& reader) const {
  const bool list = value.kind == TomlValue::Kind::kArray;
  if (!list && (brackets == Brackets::kAlways || value.kind != TomlValue::Kind::kString)) {
    reader.WrongType(value);
    return std::nullopt;
  }
  if (list && value.items.empty() && !may_be_empty) {
    reader.EmptyList(value.place);
    return std::nullopt;
  }
  ListWithWords<T> out;
  for (const TomlValue* item : ItemsOf(value, brackets)) {
    if (item->kind != TomlValue::Kind::kString) {
      reader.WrongItem(value, *item);
      continue;
    }
    const auto word = std::find(known_words.begin(), known_words.end(), item->text);
    if (word != known_words.end()) {
      out.words.push_back(*word);
      continue;
    }
    auto parsed = parse(item->text);
    if (parsed) {
      out.items.push_back(*std::move(parsed));
    } else {
      reader.Problem(item->place, parsed.error().message + NearestWord(item->text, known_words));
    }
  }
  return reader.failed() ? std::nullopt : std::optional(std::move(out));
}

}  // namespace mxward
