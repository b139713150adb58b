// SPDX-License-Identifier: Apache-2.0
#include "match/regex.h"

#include <re2/re2.h>

#include <utility>

#include "base/text.h"

namespace mxward::match {
namespace {

constexpr std::int64_t kMemory = 1 << 20;  // RE2 gives an expression up that would need more

RE2::Options OptionsOfAll() {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_never_capture(true);
  options.set_log_errors(false);
  options.set_max_mem(kMemory);
  return options;
}

}  // namespace

struct Regex::Compiled {
  explicit Compiled(const std::string& expression) : regex(expression, OptionsOfAll()) {}
  RE2 regex;
};

Regex::Regex(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

Result<Regex> Regex::Compile(const std::string& expression) {
  auto compiled = std::make_unique<const Compiled>(expression);
  if (!compiled->regex.ok())
    return Fail(ErrorCode::kInvalid, EscapeForLog(compiled->regex.error()));
  return Regex(std::move(compiled));
}

bool Regex::Matches(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->regex);
}

}  // namespace mxward::match
