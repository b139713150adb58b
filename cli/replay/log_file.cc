// SPDX-License-Identifier: Apache-2.0
// The only file that includes zlib.
#include "cli/replay/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace mxward::cli {
namespace {

// Who else compresses logs, and how to read them all the same.
struct Foreign {
  std::string_view magic;
  std::string_view reader;
};
constexpr std::array kForeign = {Foreign{"\xfd"
                                         "7zXZ",
                                         "xzcat"},
                                 Foreign{"\x28\xb5\x2f\xfd", "zstdcat"}, Foreign{"BZh", "bzcat"}};

Result<void> RefuseForeign(const std::string& path, std::string_view begin) {
  for (const Foreign& one : kForeign) {
    if (!begin.starts_with(one.magic)) continue;
    return Fail(ErrorCode::kInvalid, path + ": only gzip is read directly; use \"" +
                                         std::string(one.reader) + " FILE | mxwardctl replay -\"");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<LogFile>> LogFile::Open(const std::string& path) {
  const bool standard = path == "-";
  const std::string name = standard ? "the standard input" : path;
  const int fd = standard ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Fail(ErrorCode::kIo, name + ": " + std::strerror(errno));
  std::unique_ptr<LogFile> file(new LogFile(name));
  struct stat info {};
  if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
    close(fd);
    return Fail(ErrorCode::kInvalid, name + ": a directory, not a log");
  }
  if (S_ISREG(info.st_mode)) {
    file->size_ = static_cast<std::uint64_t>(info.st_size);
    file->written_ = WallTime(Seconds(info.st_mtim.tv_sec));
  }
  file->file_ = gzdopen(fd, "rb");
  if (file->file_ == nullptr) {
    close(fd);
    return Fail(ErrorCode::kIo, name + ": out of memory");
  }
  gzbuffer(file->file_, 256 << 10);
  file->Fill();
  if (!file->error_.empty()) return Fail(ErrorCode::kIo, file->error_);
  const std::string_view begin(file->buffer_.data(), std::min<std::size_t>(file->end_, 8));
  MXWARD_TRY(RefuseForeign(name, begin));
  return file;
}

LogFile::~LogFile() {
  if (file_ != nullptr) gzclose_r(file_);
}

// Reads on behind what is still there. False when nothing came.
bool LogFile::Fill() {
  if (ended_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const int read =
      gzread(file_, buffer_.data() + end_, static_cast<unsigned>(buffer_.size() - end_));
  if (read > 0) {
    end_ += static_cast<std::size_t>(read);
    return true;
  }
  ended_ = true;
  int code = Z_OK;
  const char* message = gzerror(file_, &code);
  if (read == 0 && (code == Z_OK || code == Z_STREAM_END)) return false;
  const bool cut = code == Z_BUF_ERROR;
  error_ = path_ + ": " +
           (cut               ? "ends in the middle"
            : code == Z_ERRNO ? std::strerror(errno)
                              : message);
  return false;
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

std::uint64_t LogFile::position() const {
  const auto at = gzoffset(file_);
  return at > 0 ? static_cast<std::uint64_t>(at) : 0;
}

}  // namespace mxward::cli
