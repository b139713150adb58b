// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/result.h"
#include "control/json.h"

namespace mxward::cli::doctor {

// What the doctor sees of the machine. It only looks: nothing here changes anything, and nothing
// takes longer than some seconds. The tests have one of cardboard.
//
// Errors: kNotFound, there is no such thing; kUnavailable, the user may not see it; others
// for what went wrong in another way.
class Machine {
 public:
  virtual ~Machine() = default;

  // The content of a file, a megabyte of it at most.
  virtual Result<std::string> Read(const std::string& path) = 0;

  struct File {
    enum class Kind : std::uint8_t { kRegular, kFolder, kSocket, kOther } kind = Kind::kRegular;
    uid_t owner = 0;
    gid_t group = 0;
    mode_t mode = 0;  // permissions, with set-group-ID and sticky bit
  };
  // Follows symbolic links.
  virtual Result<File> Look(const std::string& path) = 0;
  // The path without symbolic links, "." and "..".
  virtual Result<std::string> RealPath(const std::string& path) = 0;

  struct Space {
    std::uint64_t free_bytes = 0;  // for ordinary users
    std::uint64_t total_bytes = 0;
  };
  virtual Result<Space> SpaceAt(const std::string& path) = 0;

  // What a program of the system prints. It gets these words and no shell, and is looked for where
  // only root can put it. A status other than 0 is an error, with what it said.
  virtual Result<std::string> Run(const std::string& program,
                                  const std::vector<std::string>& words) = 0;

  struct Account {
    uid_t user = 0;
    std::vector<gid_t> groups;  // all of them
  };
  virtual std::optional<Account> FindAccount(const std::string& name) = 0;
  // The name, or the number where there is none.
  virtual std::string UserName(uid_t user) = 0;
  virtual std::string GroupName(gid_t group) = 0;

  // Whether the kernel's clock is synchronised; nothing if that is unknown.
  virtual std::optional<bool> ClockInStep() = 0;
  virtual WallTime Now() = 0;
  virtual std::vector<IpAddress> OwnAddresses() = 0;

  // Connects to a filter and agrees on terms with it; then it is left alone again.
  virtual Result<void> AskFilter(const std::string& address) = 0;
  // The running daemon's answer to a GET. kNotFound: no daemon runs.
  virtual Result<Json> AskDaemon(const std::string& path) = 0;
  struct Process {
    pid_t id = 0;
    uid_t user = 0;
  };
  virtual Result<Process> FindDaemon() = 0;
};

}  // namespace mxward::cli::doctor
