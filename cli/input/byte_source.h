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
#include "cli/input/decoder.h"

namespace mxward::cli {

// The bytes of a file or of the standard input, without what compressed them: whole streams of
// gzip, bzip2, xz or zstd, one behind the other. Bounded memory. Not thread-safe.
class ByteSource {
 public:
  // "-": the standard input. Refuses folders.
  static Result<std::unique_ptr<ByteSource>> Open(const std::string& path);
  // Of an open descriptor, which is closed at the end.
  static Result<std::unique_ptr<ByteSource>> Of(int fd, const std::string& name);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // At least one byte, and at most so many; 0 at the end, or where it cannot be read on (error()).
  std::size_t Read(char* out, std::size_t room);
  const std::string& error() const { return error_; }

  // How far the file is read, and how long it is, as it lies on the disk; 0: nobody knows.
  std::uint64_t position() const { return read_; }
  std::uint64_t size() const { return size_; }
  // When it was last written; nothing for what is not a file.
  const std::optional<WallTime>& written() const { return written_; }
  const std::string& name() const { return name_; }
  bool compressed() const { return decoder_ != nullptr; }

 private:
  explicit ByteSource(int fd, std::string name);
  bool Fill();
  void Fail(std::string_view why);

  static constexpr std::size_t kChunk = 256 << 10;

  int fd_;
  std::string name_;
  std::uint64_t size_ = 0;
  std::optional<WallTime> written_;
  std::unique_ptr<Decoder> decoder_;
  bool between_ = false;  // two streams: the last one is over
  std::vector<char> buffer_;
  std::string_view rest_;  // of the buffer
  bool starved_ = true;    // the decoder has given all that it could
  std::uint64_t read_ = 0;
  bool ended_ = false;
  std::string error_;
};

}  // namespace mxward::cli
