// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mxward::match {

// A regular expression in RE2's syntax, without regard to case, found anywhere in a text unless
// it is anchored. RE2 takes time in proportion to the text and bounded memory, whatever the
// expression and whatever the network sends. Bytes, not characters. Constant; from any thread.
class Regex {
 public:
  // The message says what is wrong with it.
  static Result<Regex> Compile(const std::string& expression);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  bool Matches(std::string_view text) const;

 private:
  struct Compiled;
  explicit Regex(std::unique_ptr<const Compiled> compiled);

  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace mxward::match
