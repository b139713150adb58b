// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/doctor/machine.h"

namespace mxward::cli::doctor {

// An X line of sendmail.cf: a filter that Sendmail knows.
struct SendmailFilter {
  std::string name;
  std::string socket;                // "local:PATH", "unix:PATH", "inet:PORT@HOST"
  std::string flags;                 // "T": mail waits while it is down; "R": mail is refused
  std::map<char, Seconds> timeouts;  // C, S, R, E, as far as they are set

  // What Sendmail waits for an answer (R) or for sending (S): 10 s when it does not say.
  Seconds Timeout(char what) const;
};

// What sendmail.cf says about filters.
struct SendmailConfig {
  std::string path;
  std::vector<SendmailFilter> filters;
  std::vector<std::string> input_filters;  // those that are used, in order
  // Daemons (O DaemonPortOptions) with a list of their own: name or port, and the filters.
  std::map<std::string, std::vector<std::string>> of_daemons;
  std::string run_as;  // "": root

  const SendmailFilter* Find(std::string_view name) const;
  // Whether a daemon asks this filter that takes mail from others.
  bool Uses(std::string_view name) const;
};

SendmailConfig ParseSendmail(std::string_view text, std::string path);

// kNotFound: no Sendmail is configured here.
Result<SendmailConfig> ReadSendmail(Machine& machine, const std::string& path);

}  // namespace mxward::cli::doctor
