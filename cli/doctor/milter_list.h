// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mxward::cli::doctor {

// One filter of Postfix's smtpd_milters: "unix:PATH", "inet:HOST:PORT", or with settings of its own
// "{ unix:PATH, connect_timeout=5s, default_action=accept }" (Postfix 3.0 and later).
struct PostfixMilter {
  std::string address;
  std::map<std::string, std::string, std::less<>> settings;
  std::string text;  // as written

  // "" when it has none of its own.
  std::string Setting(std::string_view name) const;
  // As it would be written with this setting.
  PostfixMilter With(std::string_view name, std::string_view value) const;
};

// Words of a Postfix list, which commas and blanks separate; braces hold blanks together. Postfix's
// own parser is as lenient.
std::vector<std::string> SplitPostfixList(std::string_view text);
// Without the braces around it; blanks within them go as well.
std::string_view WithoutBraces(std::string_view text);

std::vector<PostfixMilter> ParseMilterList(std::string_view text);
std::string FormatMilterList(const std::vector<PostfixMilter>& milters);

}  // namespace mxward::cli::doctor
