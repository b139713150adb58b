// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.h"

#include <sys/stat.h>
#include <unistd.h>

#include <future>
#include <optional>

#include "base/clock.h"
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

TEST_CASE("a lock of another user's is named with the cure", "[base]") {
  if (geteuid() != 0) {
    SUCCEED("needs root");
    return;
  }
  const TempDir dir;
  const std::string path = dir.path() + "/lock";
  REQUIRE(FileLock::Acquire(path, /*create=*/true));
  REQUIRE(chmod(dir.path().c_str(), 0755) == 0);
  REQUIRE(seteuid(65534) == 0);
  const auto refused = FileLock::Acquire(path, /*create=*/true);
  REQUIRE(seteuid(0) == 0);
  REQUIRE(!refused);
  CHECK(refused.error().message ==
        path +
            ": Permission denied: it belongs to the user with number 0, as which mxward was "
            "started before; remove it if no mxward as that user is running");
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

TEST_CASE("readers share a lock, and who wants it alone waits for them", "[base]") {
  const TempDir dir;
  const std::string path = dir.path() + "/lock";
  { REQUIRE(FileLock::Acquire(path, /*create=*/true)); }
  std::optional<Result<FileLock>> first = FileLock::AcquireShared(path);
  std::optional<Result<FileLock>> second = FileLock::AcquireShared(path);
  REQUIRE(first->has_value());
  REQUIRE(second->has_value());
  auto alone =
      std::async(std::launch::async, [&] { return FileLock::Acquire(path, true).has_value(); });
  CHECK(alone.wait_for(Millis(150)) == std::future_status::timeout);
  first.reset();
  second.reset();
  CHECK(alone.get());
}

TEST_CASE("nobody reads beside the one who has it alone", "[base]") {
  const TempDir dir;
  const std::string path = dir.path() + "/lock";
  const auto daemon = FileLock::Acquire(path, /*create=*/true);
  REQUIRE(daemon);
  const auto reader = FileLock::AcquireShared(path);
  REQUIRE_FALSE(reader);
  CHECK(reader.error().code == ErrorCode::kUnavailable);
}

TEST_CASE("a lock file that is a symbolic link is not followed", "[base]") {
  const TempDir dir;
  const std::string path = dir.path() + "/lock";
  REQUIRE(symlink("/etc/passwd", path.c_str()) == 0);
  CHECK_FALSE(FileLock::Acquire(path, /*create=*/true));
}

}  // namespace
}  // namespace mxward
