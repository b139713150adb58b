// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/input/byte_source.h"

namespace mxward::cli {

// A file to be read line by line, plain or compressed (byte_source.h).
class LogFile {
 public:
  // path: "-" is standard input. Refuses folders.
  static Result<std::unique_ptr<LogFile>> Open(const std::string& path);
  // Of an open descriptor, which is closed at the end.
  static Result<std::unique_ptr<LogFile>> Of(int fd, const std::string& name);

  // False at the end, or where the file cannot be read further (error()). The line has no line end,
  // and lives until the next call. Of a line longer than kLongestLine the rest is left out.
  bool Next(std::string_view& line);
  const std::string& error() const { return source_->error(); }

  // How far the file is read, and how long it is, as it lies on the disk; 0: nobody knows.
  std::uint64_t position() const { return source_->position(); }
  std::uint64_t size() const { return source_->size(); }
  // When it was last written; nothing for what is not a file.
  const std::optional<WallTime>& written() const { return source_->written(); }
  const std::string& path() const { return source_->name(); }

  static constexpr std::size_t kLongestLine = 64 << 10;

 private:
  explicit LogFile(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)), buffer_(kBuffer) {}
  bool Fill();

  static constexpr std::size_t kBuffer = 1 << 20;

  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of what is not handed out
  std::size_t end_ = 0;
};

}  // namespace mxward::cli
