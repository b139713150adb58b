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

// "" for a value without a word.
template <class E>
constexpr std::string_view WordOf(E value) {
  for (const auto& one : EnumWordsOf(E{})) {
    if (one.value == value) return one.word;
  }
  return {};
}

template <class E>
constexpr std::optional<E> FromWord(std::string_view word) {
  for (const auto& one : EnumWordsOf(E{})) {
    if (one.word == word) return one.value;
  }
  return std::nullopt;
}

// In the order of the table.
template <class E>
inline constexpr auto kWordsOf = [] {
  constexpr auto kTable = EnumWordsOf(E{});
  std::array<std::string_view, kTable.size()> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = kTable[i].word;
  return out;
}();

}  // namespace mxward
