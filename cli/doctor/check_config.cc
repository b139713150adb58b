// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/checks.h"

namespace mxward::cli::doctor {

void CheckConfig(const Site& site, Report& report) {
  if (site.config_hidden) {
    report.Unchecked(site.config_problems.front().message);
    return;
  }
  for (const ConfigProblem& problem : site.config_problems) {
    report.Found(problem.ToString(),
                 "mxward does not start with it, and a running one keeps what it had before.",
                 {"# correct the file: see mxward.toml(5)",
                  "mxwardctl check-config " + ShellQuoted(site.config_path)});
  }
}

}  // namespace mxward::cli::doctor
