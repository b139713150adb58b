// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/doctor/machine.h"

namespace mxward::cli::doctor {

// The machine this runs on. Not thread-safe.
class RealMachine : public Machine {
 public:
  // The clock outlives it. control_socket: where the daemon would answer.
  RealMachine(const Clock& clock, std::string control_socket)
      : clock_(clock), control_socket_(std::move(control_socket)) {}

  Result<std::string> Read(const std::string& path) override;
  Result<File> Look(const std::string& path) override;
  Result<std::string> RealPath(const std::string& path) override;
  Result<Space> SpaceAt(const std::string& path) override;
  Result<std::string> Run(const std::string& program,
                          const std::vector<std::string>& words) override;
  std::optional<Account> FindAccount(const std::string& name) override;
  std::string UserName(uid_t user) override;
  std::string GroupName(gid_t group) override;
  std::optional<bool> ClockInStep() override;
  WallTime Now() override { return clock_.Now(); }
  std::vector<IpAddress> OwnAddresses() override;
  Result<void> AskFilter(const std::string& address) override;
  Result<Json> AskDaemon(const std::string& path) override;
  Result<Process> FindDaemon() override;

 private:
  Result<Process> AskForDaemon();

  const Clock& clock_;
  std::string control_socket_;
  std::optional<Result<Process>> daemon_;  // asked for once
};

}  // namespace mxward::cli::doctor
