// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>

#include "cli/commands.h"
#include "cli/exit_status.h"

namespace mxward::cli {
namespace {

constexpr std::string_view kSlice = "2000";

// A file that gets its name when it is complete, and is for its owner alone: it tells who writes to
// whom. What is no regular file (/dev/stdout, a pipe) is written to as it is.
class OutputFile {
 public:
  static Result<OutputFile> Open(const std::string& path) {
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
  OutputFile(OutputFile&& other) noexcept
      : path_(std::move(other.path_)),
        part_(std::exchange(other.part_, "")),
        stream_(std::exchange(other.stream_, nullptr)) {}
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile() {
    if (stream_ != nullptr) std::fclose(stream_);
    if (!part_.empty()) unlink(part_.c_str());
  }

  void Line(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stream_);
    std::fputc('\n', stream_);
  }

  Result<void> Finish() {
    bool good = std::fflush(stream_) == 0 && std::ferror(stream_) == 0;
    if (good && !part_.empty()) good = fsync(fileno(stream_)) == 0;
    if (!good) return Failed();
    if (std::fclose(std::exchange(stream_, nullptr)) != 0) return Failed();
    if (!part_.empty() && std::rename(part_.c_str(), path_.c_str()) != 0) return Failed();
    part_.clear();
    return {};
  }

 private:
  OutputFile() = default;
  tl::unexpected<Error> Failed() const {
    return Fail(ErrorCode::kIo, (part_.empty() ? path_ : part_) + ": " + std::strerror(errno));
  }

  std::string path_;
  std::string part_;  // empty: nothing to be renamed
  std::FILE* stream_ = nullptr;
};

using Line = std::function<void(std::string_view text)>;

int WriteRecords(Context& context, Backend& backend, const Line& line) {
  std::string after;
  std::int64_t records = 0;
  bool first = true;
  do {
    const auto reply =
        backend.Ask("GET", "/v1/export", {{"limit", std::string(kSlice)}, {"after", after}});
    // Without its last line, what was written so far does not pass for all.
    if (!reply) return context.Report(reply.error());
    if (std::exchange(first, false)) line(reply->json["header"].Dump());
    for (const Json& item : reply->json["items"].items()) {
      line(item.Dump());
      ++records;
    }
    after = reply->json["next"].text();
  } while (!after.empty());
  Json end;
  end.Set("mxward", "end").Set("records", records);
  line(end.Dump());
  return kExitYes;
}

int WriteHashKey(Context& context, Backend& backend, const Line& line) {
  const auto reply = backend.Ask("GET", "/v1/hash-key");
  if (!reply) return context.Report(reply.error());
  line(reply->json["hash_key"].text());
  return kExitYes;
}

}  // namespace

int RunExport(Context& context, const Words& words) {
  const auto backend = context.OpenBackend(Context::Needs::kReading);
  if (backend == nullptr) return kExitTrouble;
  const auto write = words.Has("--hash-key") ? &WriteHashKey : &WriteRecords;
  if (!words.Has("--output")) {
    return write(context, *backend, [&](std::string_view text) { context.output().Line(text); });
  }
  auto file = OutputFile::Open(words.Get("--output"));
  if (!file) return context.Report(file.error());
  const int status = write(context, *backend, [&](std::string_view text) { file->Line(text); });
  if (status != kExitYes) return status;
  const auto finished = file->Finish();
  return finished ? kExitYes : context.Report(finished.error());
}

}  // namespace mxward::cli
