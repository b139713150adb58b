// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/descriptor.h"
#include "base/result.h"

namespace mxward::store {

// The file FOLDER/mxward.running, which is there while a daemon uses the database: one that is
// found at a start says that the last end was not orderly. A line of five bytes, changed in place:
//
//   0 format "1"
//   1 "e" within a minute of the start, then "s"
//   2 a digit: how many times in a row it has crashed within a minute of its start before this
//   3 "-", or "c" when it crashes
//   4 newline
class RunMark {
 public:
  struct Found {
    bool unclean = false;  // the last end was not orderly
    int crashes = 0;       // in a row, each within a minute of its start; 9 at most
  };

  // Sets the mark, and says how the one before has ended. REQUIRES: the database's lock is held.
  static Result<RunMark> Set(const std::string& folder, Found* found);
  RunMark(RunMark&& other) noexcept = default;
  RunMark& operator=(RunMark&& other) noexcept = default;

  // It has run for a minute.
  void Settle();
  // At an orderly end, once everything is on disk.
  void Remove();

  // For a signal handler: writes byte 3.
  int fd() const { return file_->get(); }
  static constexpr int kCrashOffset = 3;

 private:
  RunMark(std::string path, int fd)
      : path_(std::move(path)), file_(std::make_unique<Descriptor>(fd)) {}

  std::string path_;
  std::unique_ptr<Descriptor> file_;
};

}  // namespace mxward::store
