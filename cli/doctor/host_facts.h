// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/doctor/machine.h"
#include "cli/doctor/postfix.h"
#include "cli/doctor/sendmail.h"
#include "config/listen_address.h"
#include "config/loader.h"

namespace mxward::cli::doctor {

// What several checks look at, gathered once. The machine outlives it.
struct HostFacts {
  explicit HostFacts(Machine& looked_at) : machine(looked_at) {}

  Machine& machine;
  std::string config_path;
  bool config_given = false;  // by --config: it has to be there
  // Null when the file does not load; then the problems say why.
  std::shared_ptr<const Config> config;
  std::vector<ConfigProblem> config_problems;
  bool config_hidden = false;  // the user may not read it
  // Of the daemon: /v1/status.
  Result<Json> status = Json();
  // Where the daemon listens, or else where the configuration says. Nothing if neither is known.
  std::optional<ListenAddress> listen;
  PostfixSearch postfix;
  std::optional<SendmailConfig> sendmail;
  std::string sendmail_trouble;  // why sendmail.cf could not be read, if it is there

  bool running() const { return status.has_value(); }
  // The user whose files and sockets mxward's are: the daemon's, the configured one, or "mxward".
  std::string UserName() const;
  std::string RestartCommand() const { return "systemctl restart mxward"; }
  // "# in /etc/mxward/mxward.toml: TEXT"
  std::string EditConfig(const std::string& text) const {
    return "# in " + config_path + ": " + text;
  }
};

struct HostFactsOptions {
  std::string config_path;
  bool config_given = false;
  std::vector<std::string> postfix;  // folders of main.cf; none: all that are found
  std::string sendmail;              // sendmail.cf; "": where it usually is
};

HostFacts GatherHostFacts(Machine& machine, const HostFactsOptions& options);

}  // namespace mxward::cli::doctor
