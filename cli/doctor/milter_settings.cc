// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/milter_settings.h"

#include <charconv>

namespace mxward::cli::doctor {

std::string Effective(const PostfixInstance& instance, const OurMilter& ours,
                      std::string_view name) {
  std::string own = ours.milter.Setting(name);
  return own.empty() ? instance.Get(*ours.service, "milter_" + std::string(name)) : own;
}

Millis LongestAnswer(const Config& config) { return config.dns.deadline + config.store.deadline; }

std::optional<Seconds> ParsePostfixTime(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  switch (end == text.data() + text.size() ? 's' : *end) {
    case 'w':
      return Seconds(number * 7 * 86400);
    case 'd':
      return Seconds(number * 86400);
    case 'h':
      return Seconds(number * 3600);
    case 'm':
      return Seconds(number * 60);
    default:
      return Seconds(number);
  }
}

bool IsTooShort(const Config& config, std::string_view time) {
  const auto parsed = ParsePostfixTime(time);
  return parsed && *parsed <= LongestAnswer(config);
}

bool IsOldProtocol(std::string_view version) {
  int number = kProtocol;
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number < kProtocol;
}

std::vector<std::string> MendSettings(const Site& site, const PostfixInstance& instance,
                                      const OurMilter& ours) {
  PostfixMilter right = ours.milter;
  for (const std::string_view name : {"connect_timeout", "command_timeout"}) {
    if (site.config == nullptr) break;
    if (IsTooShort(*site.config, Effective(instance, ours, name))) right = right.With(name, "15s");
  }
  if (Effective(instance, ours, "default_action") != "accept") {
    right = right.With("default_action", "accept");
  }
  if (IsOldProtocol(Effective(instance, ours, "protocol"))) {
    right = right.With("protocol", std::to_string(kProtocol));
  }
  return {instance.SetCommand(*ours.service, "smtpd_milters",
                              MiltersWithout(instance, ours, right.text)),
          instance.ReloadCommand()};
}

}  // namespace mxward::cli::doctor
