// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mxward::cli {

// A file that gets its name when it is complete, and is readable by its owner only: it shows who
// writes to whom. What is not a regular file (/dev/stdout, a pipe) is written to as it is.
class OutputFile {
 public:
  // kIo, with the name of the file and the cause.
  static Result<OutputFile> Open(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  OutputFile& operator=(OutputFile&&) = delete;
  // What is not finished leaves an older file as it was.
  ~OutputFile();

  void Write(std::string_view text);
  void Line(std::string_view text);

  // Says what went wrong at any time before.
  Result<void> Finish();

 private:
  OutputFile() = default;
  tl::unexpected<Error> Failed() const;

  std::string path_;
  std::string part_;  // empty: nothing to be renamed
  std::FILE* stream_ = nullptr;
};

}  // namespace mxward::cli
