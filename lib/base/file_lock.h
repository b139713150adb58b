// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace mxward {

// A flock(2) on a file, held until destruction or the end of the process. The file keeps
// the holder's process id, for the error text of the next one. It is never deleted: a lock on a
// deleted file keeps nobody out.
class FileLock {
 public:
  // kUnavailable when somebody holds it; the message names the pid.
  // Waits for those who hold it shared, for at most ten seconds.
  static Result<FileLock> Acquire(const std::string& path, bool create);
  // Together with others who only read. The file is not created.
  static Result<FileLock> AcquireShared(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace mxward
