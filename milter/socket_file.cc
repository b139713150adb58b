// SPDX-License-Identifier: Apache-2.0
#include "milter/socket_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/system_group.h"

namespace mxward {

Result<SocketFile> SocketFile::Claim(std::string path) {
  struct stat info;
  if (lstat(path.c_str(), &info) == 0 && !S_ISSOCK(info.st_mode)) {
    return Fail(ErrorCode::kInvalid, path + ": exists and is not a socket");
  }
  const std::string directory = path.substr(0, path.rfind('/') + 1);
  if (stat(directory.c_str(), &info) != 0) {
    return Fail(ErrorCode::kIo, directory + ": " + std::strerror(errno));
  }
  MXWARD_TRY(auto lock, FileLock::Acquire(path + ".lock", /*create=*/true));
  return SocketFile(std::move(path), std::move(lock));
}

Result<void> SocketFile::GiveTo(const std::string& group) {
  made_ = true;
  struct stat info;
  if (lstat(path_.c_str(), &info) == 0) {
    device_ = info.st_dev;
    inode_ = info.st_ino;
  }
  if (group.empty()) return {};
  const auto id = FindGroup(group);
  if (!id) return Fail("milter.socket_group", id.error());
  if (lchown(path_.c_str(), static_cast<uid_t>(-1), *id) != 0) {
    return Fail(ErrorCode::kIo,
                path_ + ": cannot give it to group " + group + ": " + std::strerror(errno));
  }
  return {};
}

SocketFile::State SocketFile::Look() const {
  struct stat info;
  if (lstat(path_.c_str(), &info) != 0) return errno == ENOENT ? State::kGone : State::kThere;
  return info.st_dev == device_ && info.st_ino == inode_ ? State::kThere : State::kTaken;
}

void SocketFile::Remove() {
  if (std::exchange(made_, false) && Look() == State::kThere) unlink(path_.c_str());
}

}  // namespace mxward
