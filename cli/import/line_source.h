// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/import/sqlite_source.h"
#include "cli/input/byte_source.h"

namespace mxward::cli {

// The lines of a file or of the standard input, plain or compressed (cli/input/byte_source.h), in
// bounded memory; of an SQLite database the rows as statements of SQL. Not thread-safe.
class LineSource {
 public:
  // "-": the standard input.
  static Result<LineSource> Open(const std::string& path);

  enum class Got : std::uint8_t { kLine, kTooLong, kEnd };
  // The next line, without its end. Of one that is longer than kMaxLine nothing is kept.
  Result<Got> Next(std::string* line);

  // Of what lies on the disk. size(): of a regular file.
  std::uint64_t bytes_read() const { return bytes_->position(); }
  std::optional<std::uint64_t> size() const {
    return bytes_->size() > 0 ? std::optional(bytes_->size()) : std::nullopt;
  }

  // mysqldump writes lines of a megabyte.
  static constexpr std::size_t kMaxLine = 2 << 20;

 private:
  explicit LineSource(std::unique_ptr<ByteSource> bytes) : bytes_(std::move(bytes)) {}
  Result<bool> Fill();

  std::unique_ptr<ByteSource> bytes_;
  std::unique_ptr<SqliteSource> database_;  // instead
  std::string buffer_;
  std::size_t begin_ = 0;  // of what is not yet given out
  bool ended_ = false;
};

}  // namespace mxward::cli
