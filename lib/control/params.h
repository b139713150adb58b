// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/enum_words.h"
#include "base/result.h"
#include "control/message.h"

namespace mxward::control {

// The parameters of one request: those of the query, and the members of a JSON body (strings,
// numbers and booleans; null is as if absent), which say the same. Errors are kInvalid and name the
// parameter.
class Params {
 public:
  // Refuses names that are not `known`, and offers the nearest one: a filter with a slip in its
  // name would otherwise match everything. with_body: the body holds parameters, too.
  static Result<Params> Of(const Request& request, std::span<const std::string_view> known,
                           bool with_body = true);

  // Nothing when the parameter is absent.
  std::optional<std::string_view> Text(std::string_view name) const;
  // Neither absent nor empty.
  Result<std::string_view> NeededText(std::string_view name) const;
  // "1", "true", "yes", "0", "false", "no"; false when absent.
  Result<bool> Flag(std::string_view name) const;
  Result<std::optional<Seconds>> Duration(std::string_view name) const;
  Result<std::int64_t> Integer(std::string_view name, std::int64_t fallback, std::int64_t min,
                               std::int64_t max) const;
  // One of the words, as its index; nothing when absent.
  Result<std::optional<std::size_t>> Word(std::string_view name,
                                          std::span<const std::string_view> words) const;

  // One of the words of an enum.
  template <class E>
  Result<std::optional<E>> Word(std::string_view name) const {
    MXWARD_TRY(const auto index, Word(name, kWordsOf<E>));
    if (!index) return std::optional<E>();
    return std::optional(kEnumWordsOf<E>[*index].value);
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace mxward::control
