// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>

#include "base/file_lock.h"
#include "base/result.h"

namespace mxward {

// The file of the milter's unix socket, and what libmilter does not see to when it makes one. Used
// by one thread at a time.
class SocketFile {
 public:
  enum class State : std::uint8_t {
    kThere,
    kGone,   // nothing is at its path: the MTA cannot connect
    kTaken,  // something else is
  };
  // Before the socket is made: no other instance may serve it from here on, and libmilter would
  // remove whatever socket stands there, even one that is being served, and say nothing of what
  // went wrong. kUnavailable: another instance has it.
  static Result<SocketFile> Claim(std::string path);

  // After it was made. An empty group: as its folder gives it.
  Result<void> GiveTo(const std::string& group);
  // Of what was made, by now.
  State Look() const;
  // libmilter does so itself, but not for root. Only what was made is removed, and once.
  void Remove();

 private:
  SocketFile(std::string path, FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  FileLock lock_;
  bool made_ = false;
  dev_t device_ = 0;
  ino_t inode_ = 0;  // of what was made
};

}  // namespace mxward
