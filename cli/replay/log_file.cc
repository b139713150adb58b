// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/log_file.h"

#include <cstring>

namespace mxward::cli {

Result<std::unique_ptr<LogFile>> LogFile::Open(const std::string& path) {
  MXWARD_TRY(auto source, ByteSource::Open(path));
  return std::unique_ptr<LogFile>(new LogFile(std::move(source)));
}

Result<std::unique_ptr<LogFile>> LogFile::Of(int fd, const std::string& name) {
  MXWARD_TRY(auto source, ByteSource::Of(fd, name));
  return std::unique_ptr<LogFile>(new LogFile(std::move(source)));
}

// Reads on behind what is still there. False when nothing came.
bool LogFile::Fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const std::size_t size = source_->Read(buffer_.data() + end_, buffer_.size() - end_);
  end_ += size;
  return size > 0;
}

bool LogFile::Next(std::string_view& line) {
  std::size_t searched = 0;
  for (;;) {
    const char* start = buffer_.data() + begin_;
    const auto* newline =
        static_cast<const char*>(std::memchr(start + searched, '\n', end_ - begin_ - searched));
    if (newline != nullptr) {
      line = {start, static_cast<std::size_t>(newline - start)};
      begin_ += line.size() + 1;
      break;
    }
    searched = end_ - begin_;
    if (searched >= buffer_.size()) {
      // Longer than the buffer: all but its beginning is dropped.
      end_ = begin_ + kLongestLine;
      searched = kLongestLine;
    }
    if (Fill()) continue;
    if (begin_ == end_) return false;
    line = {buffer_.data() + begin_, end_ - begin_};
    begin_ = end_;
    break;
  }
  line = line.substr(0, kLongestLine);
  return true;
}

}  // namespace mxward::cli
