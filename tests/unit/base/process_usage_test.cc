// SPDX-License-Identifier: Apache-2.0
#include "base/process_usage.h"

#include <fcntl.h>
#include <unistd.h>

#include "catch.h"

namespace mxward {
namespace {

TEST_CASE("a process knows what it takes", "[base]") {
  const ProcessUsage usage = GetProcessUsage();
  CHECK(usage.resident_bytes > 1 << 20);
  CHECK(usage.virtual_bytes >= usage.resident_bytes);
  CHECK(usage.max_files > 0);
  CHECK(usage.threads >= 1);
}

TEST_CASE("open files are counted, without the one that counting takes", "[base]") {
  const std::uint64_t before = GetProcessUsage().open_files;
  CHECK(before >= 3);
  CHECK(GetProcessUsage().open_files == before);
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  CHECK(GetProcessUsage().open_files == before + 1);
  close(fd);
}

}  // namespace
}  // namespace mxward
