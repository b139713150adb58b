// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace mxward {

// The words for the values of an enum: what files, logs and the control socket call them. The table
// stands beside the enum, in its namespace:
//
//   constexpr auto EnumWordsOf(Mode) {
//     return EnumWords<Mode>({{Mode::kEnforce, "enforce"}, {Mode::kObserve, "observe"}});
//   }
//
// A value that has no word is left out. All of it is constant: usable from any thread.

template <class E>
struct EnumWord {
  E value;
  std::string_view word;
};

template <class E, std::size_t kCount>
constexpr std::array<EnumWord<E>, kCount> EnumWords(const EnumWord<E> (&words)[kCount]) {
  std::array<EnumWord<E>, kCount> out{};
  for (std::size_t i = 0; i < kCount; ++i) out[i] = words[i];
  return out;
}

template <class E>
inline constexpr auto kEnumWordsOf = EnumWordsOf(E{});

// "" for a value without a word.
template <class E>
constexpr std::string_view WordOf(E value) {
  const auto index = static_cast<std::size_t>(value);
  const auto& words = kEnumWordsOf<E>;
  if (index < words.size() && words[index].value == value) return words[index].word;
  for (const auto& one : words) {
    if (one.value == value) return one.word;
  }
  return {};
}

template <class E>
constexpr std::optional<E> FromWord(std::string_view word) {
  for (const auto& one : kEnumWordsOf<E>) {
    if (one.word == word) return one.value;
  }
  return std::nullopt;
}

// In the order of the table.
template <class E>
inline constexpr auto kWordsOf = [] {
  std::array<std::string_view, kEnumWordsOf<E>.size()> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = kEnumWordsOf<E>[i].word;
  return out;
}();

}  // namespace mxward
