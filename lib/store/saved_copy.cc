// SPDX-License-Identifier: Apache-2.0
#include "store/saved_copy.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"

namespace mxward::store {
namespace {

std::string CopyIn(const std::string& folder) { return folder + "/mxward.saved"; }

tl::unexpected<Error> CopyFail(const std::string& path) {
  return Fail(ErrorCode::kIo, path + ": " + std::strerror(errno));
}

}  // namespace

std::optional<SavedCopy> SavedCopy::Read(const std::string& folder) {
  const Descriptor file(open(CopyIn(folder).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0) return std::nullopt;
  SavedCopy copy;
  RecordReader reader(file.get());
  while (auto record = reader.Next()) {
    copy.records_.insert_or_assign({record->table, std::move(record->key)},
                                   std::move(record->value));
  }
  if (!reader.complete()) return std::nullopt;
  return copy;
}

Result<void> SavedCopy::Write(const std::string& folder,
                              const std::function<Result<void>(const Put& put)>& records) {
  const std::string path = CopyIn(folder);
  const std::string next = path + ".new";
  const Descriptor file(
      open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0) return CopyFail(next);
  RecordWriter writer(file.get());
  auto written = records([&writer](Table table, std::string_view key, std::string_view value) {
    return writer.Put(table, key, value);
  });
  if (written) written = writer.Finish();
  if (written && fsync(file.get()) != 0) written = CopyFail(next);
  if (written && rename(next.c_str(), path.c_str()) != 0) written = CopyFail(path);
  if (!written) {
    unlink(next.c_str());
    return written;
  }
  const Descriptor directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0 && fsync(directory.get()) != 0) return CopyFail(folder);
  return {};
}

std::optional<std::string_view> SavedCopy::Get(Table table, std::string_view key) const {
  const auto found = records_.find({table, std::string(key)});
  if (found == records_.end()) return std::nullopt;
  return found->second;
}

}  // namespace mxward::store
