// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bench_setup.h"

#include <sys/resource.h>
#include <sys/statfs.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>

namespace mxward {
namespace {

constexpr std::uint64_t kTmpfsMagic = 0x01021994;

}  // namespace

void PrepareBench(const std::string& directory) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;  // inherited by the filters, too
  setrlimit(RLIMIT_NOFILE, &files);
  std::filesystem::create_directories(directory);
  struct statfs system {};
  if (statfs(directory.c_str(), &system) == 0 &&
      static_cast<std::uint64_t>(system.f_type) == kTmpfsMagic) {
    std::printf("warning: %s is in memory, commits cost nothing there\n", directory.c_str());
  }
}

Result<std::unique_ptr<ChildProcess>> StartNullFilter(const std::string& program,
                                                      const std::string& mode,
                                                      const std::string& directory,
                                                      const std::string& name) {
  const std::string socket = directory + "/" + name + ".sock";
  auto process =
      ChildProcess::Start({program, "--mode", mode, socket}, directory + "/" + name + ".log");
  if (!process) return process;
  auto ready = AwaitFilter(**process, socket, std::chrono::seconds(10));
  if (!ready) return Fail(name, ready.error());
  return process;
}

}  // namespace mxward
