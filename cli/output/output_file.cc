// SPDX-License-Identifier: Apache-2.0
#include "cli/output/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace mxward::cli {

Result<OutputFile> OutputFile::Open(const std::string& path) {
  struct stat info {};
  const bool in_place = stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
  OutputFile file;
  file.path_ = path;
  file.part_ = in_place ? "" : path + ".part";
  if (!in_place) unlink(file.part_.c_str());
  const int fd = in_place ? open(path.c_str(), O_WRONLY | O_CLOEXEC)
                          : open(file.part_.c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return file.Failed();
  file.stream_ = fdopen(fd, "w");
  if (file.stream_ == nullptr) return file.Failed();
  return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      part_(std::exchange(other.part_, "")),
      stream_(std::exchange(other.stream_, nullptr)) {}

OutputFile::~OutputFile() {
  if (stream_ != nullptr) std::fclose(stream_);
  if (!part_.empty()) unlink(part_.c_str());
}

void OutputFile::Write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stream_); }

void OutputFile::Line(std::string_view text) {
  Write(text);
  std::fputc('\n', stream_);
}

Result<void> OutputFile::Finish() {
  bool good = std::fflush(stream_) == 0 && std::ferror(stream_) == 0;
  if (good && !part_.empty()) good = fsync(fileno(stream_)) == 0;
  if (!good) return Failed();
  if (std::fclose(std::exchange(stream_, nullptr)) != 0) return Failed();
  if (!part_.empty() && std::rename(part_.c_str(), path_.c_str()) != 0) return Failed();
  part_.clear();
  return {};
}

tl::unexpected<Error> OutputFile::Failed() const {
  return Fail(ErrorCode::kIo, (part_.empty() ? path_ : part_) + ": " + std::strerror(errno));
}

}  // namespace mxward::cli
