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

struct gzFile_s;

namespace mxward::cli {

// A file to be read line by line, plain or compressed by gzip.
class LogFile {
 public:
  // path: "-" is standard input. Refuses folders, and what other programs compressed.
  static Result<std::unique_ptr<LogFile>> Open(const std::string& path);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // False at the end, or where the file cannot be read further (error()). The line has no line end,
  // and lives until the next call. Of a line longer than kLongestLine the rest is left out.
  bool Next(std::string_view& line);
  const std::string& error() const { return error_; }

  // How far the file is read, and how long it is, as it lies on the disk; 0: nobody knows.
  std::uint64_t position() const;
  std::uint64_t size() const { return size_; }
  // When it was last written; nothing for what is not a file.
  const std::optional<WallTime>& written() const { return written_; }
  const std::string& path() const { return path_; }

  static constexpr std::size_t kLongestLine = 64 << 10;

 private:
  explicit LogFile(std::string path) : path_(std::move(path)), buffer_(kBuffer) {}
  bool Fill();

  static constexpr std::size_t kBuffer = 1 << 20;

  std::string path_;
  gzFile_s* file_ = nullptr;
  std::uint64_t size_ = 0;
  std::optional<WallTime> written_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of what is not handed out
  std::size_t end_ = 0;
  bool ended_ = false;
  std::string error_;
};

}  // namespace mxward::cli
