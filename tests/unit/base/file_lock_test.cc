// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.h"

#include <sys/stat.h>
#include <unistd.h>

#include "catch.h"
#include "fake/temp_dir.h"

namespace mxward {
namespace {

TEST_CASE("the second one to lock a file hears who holds it", "[base]") {
  const TempDir dir;
  const std::string path = dir.path() + "/lock";
  auto first = FileLock::Acquire(path, /*create=*/true);
  REQUIRE(first);
  auto second = FileLock::Acquire(path, /*create=*/true);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kUnavailable);
  CHECK(second.error().message ==
        path + ": held by another mxward (pid " + std::to_string(getpid()) + ")");
}

TEST_CASE("a lock ends with its object, and the file stays", "[base]") {
  const TempDir dir;
  const std::string path = dir.path() + "/lock";
  { REQUIRE(FileLock::Acquire(path, /*create=*/true)); }
  CHECK(access(path.c_str(), F_OK) == 0);
  CHECK(FileLock::Acquire(path, /*create=*/false));
}

TEST_CASE("without leave to create, a missing lock file is not found", "[base]") {
  const TempDir dir;
  const auto lock = FileLock::Acquire(dir.path() + "/lock", /*create=*/false);
  REQUIRE_FALSE(lock);
  CHECK(lock.error().code == ErrorCode::kNotFound);
  CHECK(access((dir.path() + "/lock").c_str(), F_OK) != 0);
}

TEST_CASE("a lock file that is a symbolic link is not followed", "[base]") {
  const TempDir dir;
  const std::string path = dir.path() + "/lock";
  REQUIRE(symlink("/etc/passwd", path.c_str()) == 0);
  CHECK_FALSE(FileLock::Acquire(path, /*create=*/true));
}

}  // namespace
}  // namespace mxward
