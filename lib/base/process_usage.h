// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace mxward {

// What this process takes of the machine.
struct ProcessUsage {
  std::chrono::microseconds cpu{};  // user and system, since start
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t max_files = 0;
  std::uint64_t threads = 0;
};

// What cannot be found out (no /proc) is 0. Takes some 50 us, more with thousands of open files.
ProcessUsage GetProcessUsage();

}  // namespace mxward
