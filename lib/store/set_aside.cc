// SPDX-License-Identifier: Apache-2.0
#include "store/set_aside.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/units.h"

namespace mxward::store {
namespace {

constexpr std::string_view kAsideName = "data.mdb.damaged-";

// Their names sort by their age.
std::vector<std::string> NamesAside(const std::string& folder) {
  std::vector<std::string> names;
  DIR* const directory = opendir(folder.c_str());
  if (directory == nullptr) return names;
  while (const dirent* entry = readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name.substr(0, kAsideName.size()) == kAsideName) names.emplace_back(name);
  }
  closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Result<std::string> SetAside(const std::string& folder, WallTime now) {
  // 2026-11-30T04:05:06Z, without what a shell or another file system would stumble over.
  std::string date = FormatTime(now);
  date.erase(std::remove(date.begin(), date.end(), ':'), date.end());
  const std::string first = folder + "/" + std::string(kAsideName) + date;
  std::string path = first;
  for (int i = 2; access(path.c_str(), F_OK) == 0 && i < 100; ++i) {
    path = first + "-" + (i < 10 ? "0" : "") + std::to_string(i);
  }
  const std::string data = folder + "/data.mdb";
  if (rename(data.c_str(), path.c_str()) != 0) {
    return Fail(ErrorCode::kIo, data + ": cannot be renamed: " + std::strerror(errno));
  }
  // It knows the readers and the last transaction of the file that was.
  unlink((folder + "/lock.mdb").c_str());
  const std::vector<std::string> names = NamesAside(folder);
  for (std::size_t i = 0; i + kKeptAside < names.size(); ++i) {
    unlink((folder + "/" + names[i]).c_str());
  }
  const Descriptor directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0 && fsync(directory.get()) != 0) errno = 0;
  return path;
}

}  // namespace mxward::store
