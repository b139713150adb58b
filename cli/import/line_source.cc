// SPDX-License-Identifier: Apache-2.0
#include "cli/import/line_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mxward::cli {
namespace {

constexpr std::size_t kChunk = 64 << 10;

}  // namespace

Result<LineSource> LineSource::Open(const std::string& path) {
  if (path == "-") return LineSource(STDIN_FILENO, /*owned=*/false, "standard input");
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Fail(ErrorCode::kIo, path + ": " + std::strerror(errno));
  return LineSource(fd, /*owned=*/true, path);
}

LineSource::LineSource(int fd, bool owned, std::string name)
    : fd_(fd), owned_(owned), name_(std::move(name)) {
  struct stat info {};
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
    size_ = static_cast<std::uint64_t>(info.st_size);
  }
}

LineSource::LineSource(LineSource&& other) noexcept
    : fd_(other.fd_),
      owned_(std::exchange(other.owned_, false)),
      name_(std::move(other.name_)),
      size_(other.size_),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      read_(other.read_),
      ended_(other.ended_) {}

LineSource::~LineSource() {
  if (owned_) close(fd_);
}

// False at the end.
Result<bool> LineSource::Fill() {
  buffer_.erase(0, std::exchange(begin_, 0));
  const std::size_t kept = buffer_.size();
  buffer_.resize(kept + kChunk);
  ssize_t size = 0;
  do {
    size = read(fd_, buffer_.data() + kept, kChunk);
  } while (size < 0 && errno == EINTR);
  const int cause = errno;
  buffer_.resize(kept + (size > 0 ? static_cast<std::size_t>(size) : 0));
  if (size < 0) return Fail(ErrorCode::kIo, name_ + ": " + std::strerror(cause));
  read_ += static_cast<std::uint64_t>(size);
  return size > 0;
}

Result<LineSource::Got> LineSource::Next(std::string* line) {
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
