// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace mxward::cli {

// The lines of a file or of the standard input, in bounded memory. Not thread-safe.
class LineSource {
 public:
  // "-": the standard input.
  static Result<LineSource> Open(const std::string& path);
  LineSource(LineSource&& other) noexcept;
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;
  LineSource& operator=(LineSource&&) = delete;
  ~LineSource();

  enum class Got : std::uint8_t { kLine, kTooLong, kEnd };
  // The next line, without its end. Of one that is longer than kMaxLine nothing is kept.
  Result<Got> Next(std::string* line);

  std::uint64_t bytes_read() const { return read_; }
  // Of a regular file.
  std::optional<std::uint64_t> size() const { return size_; }

  // mysqldump writes lines of a megabyte.
  static constexpr std::size_t kMaxLine = 2 << 20;

 private:
  LineSource(int fd, bool owned, std::string name);
  Result<bool> Fill();

  int fd_;
  bool owned_;
  std::string name_;
  std::optional<std::uint64_t> size_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what is not yet given out
  std::uint64_t read_ = 0;
  bool ended_ = false;
};

}  // namespace mxward::cli
