// SPDX-License-Identifier: Apache-2.0
#include "store/run_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace mxward::store {
namespace {

constexpr std::size_t kMarkBytes = 5;
constexpr int kMostCrashes = 9;

}  // namespace

Result<RunMark> RunMark::Set(const std::string& folder, Found* found) {
  std::string path = folder + "/mxward.running";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (fd < 0) return Fail(ErrorCode::kIo, path + ": " + std::strerror(errno));
  RunMark mark(std::move(path), fd);
  *found = {};
  char old[kMarkBytes];
  const ssize_t size = pread(fd, old, kMarkBytes, 0);
  // What is not whole was written by one that did not get far.
  found->unclean = size > 0;
  if (size == static_cast<ssize_t>(kMarkBytes) && old[0] == '1' && old[1] == 'e' && old[2] >= '0' &&
      old[2] <= '9') {
    const int crash = old[3] == 'c' ? 1 : 0;
    found->crashes = std::min(old[2] - '0' + crash, kMostCrashes);
  }
  // One that has run for long and then crashed begins the count: its next crash is the first of
  // those that follow a start.
  const char next[] = {'1', 'e', static_cast<char>('0' + found->crashes), '-', '\n'};
  if (pwrite(fd, next, kMarkBytes, 0) != static_cast<ssize_t>(kMarkBytes) || fsync(fd) != 0) {
    return Fail(ErrorCode::kIo, mark.path_ + ": " + std::strerror(errno));
  }
  return mark;
}

void RunMark::Settle() {
  if (pwrite(file_->get(), "s0", 2, 1) != 2 || fsync(file_->get()) != 0) errno = 0;
}

void RunMark::Remove() { unlink(path_.c_str()); }

}  // namespace mxward::store
