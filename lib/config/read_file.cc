// SPDX-License-Identifier: Apache-2.0
#include "config/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/descriptor.h"
#include "base/text.h"
#include "base/units.h"

namespace mxward {
namespace {

tl::unexpected<Error> SystemError(std::string_view context, int number) {
  const ErrorCode code = number == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return Fail(code, fmt::format("{}: {}", context, std::generic_category().message(number)));
}

}  // namespace

Result<std::string> ReadConfigFile(const std::string& path, std::size_t max_bytes) {
  // O_NONBLOCK: a pipe that nobody writes to would hold up a reload for ever.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (file.get() < 0) return SystemError("cannot be opened", errno);
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return SystemError("cannot be read", errno);
  if (S_ISDIR(status.st_mode)) {
    return Fail(ErrorCode::kInvalid, "is a directory, not a file");
  }
  if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) {
    return Fail(ErrorCode::kInvalid, "is a pipe or a socket, not a file");
  }
  std::string text;
  char buffer[16384];
  for (;;) {
    const ssize_t count = read(file.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("cannot be read", errno);
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > max_bytes) {
      return Fail(ErrorCode::kInvalid,
                  fmt::format("is longer than {}: this is not a configuration file",
                              FormatSize(max_bytes)));
    }
  }
}

std::optional<PlacedProblem> CheckEncoding(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    return PlacedProblem{{1, 1}, "this is UTF-16; save the file as UTF-8"};
  }
  Place place{1, 1};
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    if (length == 0) {
      return PlacedProblem{place,
                           fmt::format("byte 0x{:02X} is not valid UTF-8; save the file as UTF-8",
                                       static_cast<unsigned char>(text.front()))};
    }
    if (text.front() == '\0') {
      return PlacedProblem{place,
                           "NUL byte: this is not a text file, or it was damaged by a crash"};
    }
    if (text.front() == '\n') {
      place = {place.line + 1, 1};
    } else {
      ++place.column;
    }
    text.remove_prefix(length);
  }
  return std::nullopt;
}

}  // namespace mxward
