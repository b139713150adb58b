// SPDX-License-Identifier: Apache-2.0
#include "cli/input/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mxward::cli {

ByteSource::ByteSource(int fd, std::string name)
    : fd_(fd), name_(std::move(name)), buffer_(kChunk) {}

ByteSource::~ByteSource() { close(fd_); }

Result<std::unique_ptr<ByteSource>> ByteSource::Open(const std::string& path) {
  const bool standard = path == "-";
  const std::string name = standard ? "the standard input" : path;
  const int fd = standard ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return mxward::Fail(ErrorCode::kIo, name + ": " + std::strerror(errno));
  return Of(fd, name);
}

Result<std::unique_ptr<ByteSource>> ByteSource::Of(int fd, const std::string& name) {
  std::unique_ptr<ByteSource> source(new ByteSource(fd, name));
  struct stat info {};
  if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
    return mxward::Fail(ErrorCode::kInvalid, name + ": a directory, not a file");
  }
  if (S_ISREG(info.st_mode)) {
    source->size_ = static_cast<std::uint64_t>(info.st_size);
    source->written_ = WallTime(Seconds(info.st_mtim.tv_sec));
  }
  // As much as a signature needs, however small the pieces are in which a pipe gives it.
  while (source->rest_.size() < Decoder::kSignature && source->Fill()) {
  }
  if (!source->error_.empty()) return mxward::Fail(ErrorCode::kIo, source->error_);
  source->decoder_ = Decoder::For(source->rest_);
  return source;
}

void ByteSource::Fail(std::string_view why) {
  ended_ = true;
  error_ = name_ + ": " + std::string(why);
}

// Reads on behind what is left. False at the end.
bool ByteSource::Fill() {
  if (ended_) return false;
  const std::size_t kept = rest_.size();
  if (kept > 0 && rest_.data() != buffer_.data()) {
    std::memmove(buffer_.data(), rest_.data(), kept);
  }
  ssize_t size = 0;
  do {
    size = read(fd_, buffer_.data() + kept, buffer_.size() - kept);
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    Fail(std::strerror(errno));
    size = 0;
  }
  if (size == 0) ended_ = true;
  read_ += static_cast<std::uint64_t>(size);
  rest_ = {buffer_.data(), kept + static_cast<std::size_t>(size)};
  return size > 0;
}

std::size_t ByteSource::Read(char* out, std::size_t room) {
  if (room == 0) return 0;
  if (decoder_ == nullptr) {
    if (rest_.empty() && !Fill()) return 0;
    const std::size_t size = std::min(room, rest_.size());
    std::memcpy(out, rest_.data(), size);
    rest_.remove_prefix(size);
    return size;
  }
  char* at = out;
  while (at == out) {
    if (rest_.empty() && starved_ && !Fill()) {
      // What is not whole was cut off while it was written, or copied.
      if (!between_ && error_.empty()) Fail("ends in the middle");
      return 0;
    }
    if (between_) {
      // Padding of xz and of tapes; anything else is another stream, or nothing that counts.
      rest_.remove_prefix(std::min(rest_.find_first_not_of('\0'), rest_.size()));
      if (rest_.empty()) continue;
      while (rest_.size() < Decoder::kSignature && Fill()) {
      }
      auto next = Decoder::For(rest_);
      if (next == nullptr) {
        ended_ = true;
        rest_ = {};
        return 0;
      }
      decoder_ = std::move(next);
      between_ = false;
    }
    const Decoder::Ran ran = decoder_->Run(rest_, at, room);
    starved_ = room > 0 || ran == Decoder::Ran::kEnd;
    switch (ran) {
      case Decoder::Ran::kMore:
        break;
      case Decoder::Ran::kEnd:
        between_ = true;
        break;
      case Decoder::Ran::kBroken:
        Fail(decoder_->why());
        rest_ = {};
        break;
    }
    if (!error_.empty()) break;
  }
  return static_cast<std::size_t>(at - out);
}

}  // namespace mxward::cli
