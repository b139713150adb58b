// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {

// Settings of mxward's entry in smtpd_milters: "default_action", "connect_timeout",
// "command_timeout", "protocol".

// As it counts: that of the one filter, or else what is said of all ("milter_default_action").
std::string Effective(const PostfixInstance& instance, const OurMilter& ours,
                      std::string_view name);

// The longest that an answer may take: dns.deadline and store.deadline.
Millis LongestAnswer(const Config& config);
// "30s", "1m", "5": Postfix's default unit for these is the second. Nothing for what is no time.
std::optional<Seconds> ParsePostfixTime(std::string_view text);
bool IsTooShort(const Config& config, std::string_view time);

inline constexpr int kProtocol = 6;
// False for what is no number.
bool IsOldProtocol(std::string_view version);

// The commands that put all of its settings right. All at once, so that what one check advises does
// not undo what another one did. site.config may be null; then nothing is known about timeouts.
std::vector<std::string> MendSettings(const Site& site, const PostfixInstance& instance,
                                      const OurMilter& ours);

}  // namespace mxward::cli::doctor
