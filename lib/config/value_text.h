// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/toml_document.h"

namespace mxward {

// Values as text: in messages, and in TOML. Pure.

// In quotes and cut short, for a message.
std::string Quoted(std::string_view text);
// "the integer 3", "a list"
std::string Found(const TomlValue& value);
// The same of a value that may be a secret: its type only.
std::string FoundType(const TomlValue& value);
// "\"a\", \"b\" and \"c\""
std::string WordList(const std::vector<std::string_view>& words, std::string_view last_joint);
// "; did you mean \"abc\"?", or "" when no word is near.
std::string DidYouMean(std::string_view text, const std::vector<std::string_view>& words);

// A basic string of TOML. Other bytes than ASCII are taken for UTF-8, as they came from a TOML
// file.
std::string TomlQuote(std::string_view text);

}  // namespace mxward
