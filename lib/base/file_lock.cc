// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

namespace mxward {

namespace {

constexpr int kTries = 200;
constexpr std::chrono::milliseconds kBetweenTries{50};

Result<int> OpenLockFile(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (fd >= 0) return fd;
  const int reason = errno;
  const auto code = reason == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  std::string message = path + ": " + std::strerror(reason);
  struct stat info;
  if (reason == EACCES && lstat(path.c_str(), &info) == 0 && info.st_uid != geteuid()) {
    message +=
        ": it belongs to the user with number " + std::to_string(info.st_uid) +
        ", as which mxward was started before; remove it if no mxward as that user is running";
  }
  return Fail(code, message);
}

// Closes fd; errno is that of flock(2).
tl::unexpected<Error> NotLocked(const std::string& path, int fd) {
  const int reason = errno;
  char holder[24] = "";
  const ssize_t size = pread(fd, holder, sizeof holder - 1, 0);
  close(fd);
  if (reason != EWOULDBLOCK) return Fail(ErrorCode::kIo, path + ": " + std::strerror(reason));
  std::string pid(holder, size > 0 ? static_cast<std::size_t>(size) : 0);
  pid = pid.substr(0, pid.find_first_not_of("0123456789"));
  return Fail(ErrorCode::kUnavailable,
              path + ": held by another mxward" + (pid.empty() ? "" : " (pid " + pid + ")"));
}

// Readers release it soon; a daemon does not.
bool LockAlone(int fd) {
  for (int i = 0; i < kTries; ++i) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK || flock(fd, LOCK_SH | LOCK_NB) != 0) return false;
    flock(fd, LOCK_UN);
    std::this_thread::sleep_for(kBetweenTries);
  }
  errno = EWOULDBLOCK;
  return false;
}

}  // namespace

Result<FileLock> FileLock::Acquire(const std::string& path, bool create) {
  MXWARD_TRY(const auto fd, OpenLockFile(path, O_RDWR | (create ? O_CREAT : 0)));
  if (!LockAlone(fd)) return NotLocked(path, fd);
  if (create) {
    const std::string pid = std::to_string(getpid()) + "\n";
    // What the file says is only a help for people; the lock is the flock.
    if (ftruncate(fd, 0) == 0 && pwrite(fd, pid.data(), pid.size(), 0) < 0) errno = 0;
  }
  return FileLock(fd);
}

Result<FileLock> FileLock::AcquireShared(const std::string& path) {
  MXWARD_TRY(const auto fd, OpenLockFile(path, O_RDONLY));
  if (flock(fd, LOCK_SH | LOCK_NB) != 0) return NotLocked(path, fd);
  return FileLock(fd);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace mxward
