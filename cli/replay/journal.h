// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace mxward::cli {

// Of the systemd journal what came of facility mail, read by journalctl(1), which is found in PATH.
// Both mail servers log there where no other syslog daemon is installed.
class Journal {
 public:
  // since, until: as journalctl takes them; "" for the first and the last entry.
  static Result<std::unique_ptr<Journal>> Start(const std::string& since, const std::string& until);
  // Ends journalctl if it still runs.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Its entries, in the export format; the caller closes it. REQUIRES: called once
  int TakeOutput();
  // After the end of the output: whether all went well. What went wrong journalctl has said on the
  // standard error.
  Result<void> Wait();

 private:
  Journal(pid_t child, int output) : child_(child), output_(output) {}

  pid_t child_;
  int output_;
};

}  // namespace mxward::cli
