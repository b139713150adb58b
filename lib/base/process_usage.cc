// SPDX-License-Identifier: Apache-2.0
#include "base/process_usage.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>

namespace mxward {
namespace {

std::chrono::microseconds ToMicros(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

struct DirectoryCloser {
  void operator()(DIR* directory) const { closedir(directory); }
};

std::uint64_t CountEntries(const char* path) {
  const std::unique_ptr<DIR, DirectoryCloser> directory(opendir(path));
  if (directory == nullptr) return 0;
  std::uint64_t count = 0;
  while (const dirent* entry = readdir(directory.get())) {
    if (entry->d_name[0] != '.') ++count;
  }
  return count;
}

}  // namespace

ProcessUsage GetProcessUsage() {
  ProcessUsage usage;
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0)
    usage.cpu = ToMicros(used.ru_utime) + ToMicros(used.ru_stime);
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  if (std::ifstream statm("/proc/self/statm"); statm >> total_pages >> resident_pages) {
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    usage.virtual_bytes = total_pages * page;
    usage.resident_bytes = resident_pages * page;
  }
  usage.open_files = CountEntries("/proc/self/fd");
  if (usage.open_files > 0) --usage.open_files;  // the one that was counted through
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.max_files = limit.rlim_cur;
  usage.threads = CountEntries("/proc/self/task");
  return usage;
}

}  // namespace mxward
