// SPDX-License-Identifier: Apache-2.0
#include "cli/import/line_source.h"

#include <algorithm>
#include <utility>

namespace mxward::cli {
namespace {

constexpr std::size_t kChunk = 64 << 10;

}  // namespace

Result<LineSource> LineSource::Open(const std::string& path) {
  MXWARD_TRY(auto bytes, ByteSource::Open(path));
  LineSource source(std::move(bytes));
  MXWARD_TRY(const bool any, source.Fill());
  source.ended_ = !any;
  if (!SqliteSource::Begins(source.buffer_)) return source;
  // SQLite reads its files itself.
  if (path == "-" || source.bytes_->compressed()) {
    return Fail(ErrorCode::kInvalid,
                source.bytes_->name() +
                    ": an SQLite database, which has to be a file that is not compressed");
  }
  MXWARD_TRY(source.database_, SqliteSource::Open(path));
  return source;
}

// False at the end.
Result<bool> LineSource::Fill() {
  buffer_.erase(0, std::exchange(begin_, 0));
  const std::size_t kept = buffer_.size();
  buffer_.resize(kept + kChunk);
  const std::size_t size = bytes_->Read(buffer_.data() + kept, kChunk);
  buffer_.resize(kept + size);
  if (!bytes_->error().empty()) return Fail(ErrorCode::kIo, bytes_->error());
  return size > 0;
}

Result<LineSource::Got> LineSource::Next(std::string* line) {
  if (database_ != nullptr) {
    MXWARD_TRY(const bool more, database_->Next(line));
    return more ? Got::kLine : Got::kEnd;
  }
  bool too_long = false;
  std::size_t searched = 0;
  for (;;) {
    const std::size_t end = buffer_.find('\n', begin_ + searched);
    if (end != std::string::npos || (ended_ && begin_ < buffer_.size())) {
      const std::size_t stop = std::min(end, buffer_.size());
      const std::size_t size = stop - begin_;
      if (size > kMaxLine) too_long = true;
      if (!too_long) line->assign(buffer_, begin_, size);
      begin_ = std::min(stop + 1, buffer_.size());
      return too_long ? Got::kTooLong : Got::kLine;
    }
    if (ended_) return too_long ? Got::kTooLong : Got::kEnd;
    if (buffer_.size() - begin_ > kMaxLine) {
      too_long = true;
      begin_ = buffer_.size();
    }
    searched = buffer_.size() - begin_;
    MXWARD_TRY(const auto more, Fill());
    ended_ = !more;
  }
}

}  // namespace mxward::cli
