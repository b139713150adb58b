// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace mxward {

// An exclusive flock(2) on a file, held until destruction or the end of the process. The file keeps
// the holder's process id, for the error text of the next one. It is never deleted: a lock on a
// deleted file keeps nobody out.
class FileLock {
 public:
  // kUnavailable when somebody holds it; the message names the pid.
  static Result<FileLock> Acquire(const std::string& path, bool create);
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
