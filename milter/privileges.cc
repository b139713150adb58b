// SPDX-License-Identifier: Apache-2.0
#include "milter/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/system_group.h"

namespace mxward {
namespace {

tl::unexpected<Error> SystemFail(const std::string& context) {
  return Fail(ErrorCode::kIo, context + ": " + std::strerror(errno));
}

}  // namespace

void RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Result<bool> MakeRunFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0755) == 0) return true;
  if (errno == EEXIST) return false;
  return SystemFail(path + ": cannot make the folder");
}

Result<void> DropPrivileges(const Config& config, const std::vector<std::string>& own) {
  if (geteuid() != 0 || config.user.empty()) return {};
  const passwd* user = getpwnam(config.user.c_str());
  if (user == nullptr) {
    return Fail(ErrorCode::kInvalid, "user: there is no user \"" + config.user + "\"");
  }
  const uid_t uid = user->pw_uid;
  gid_t gid = user->pw_gid;
  if (!config.group.empty()) {
    const auto group = FindGroup(config.group);
    if (!group) return Fail("group", group.error());
    gid = *group;
  }
  if (mkdir(config.store.path.c_str(), 0750) != 0 && errno != EEXIST) {
    return SystemFail(config.store.path + ": cannot make the folder");
  }
  for (const char* name : {"", "/data.mdb", "/lock.mdb", "/mxward.lock"}) {
    const std::string path = config.store.path + name;
    if (lchown(path.c_str(), uid, gid) != 0 && errno != ENOENT) return SystemFail(path);
  }
  for (const std::string& path : own) {
    // The group of a socket was chosen already.
    if (lchown(path.c_str(), uid, static_cast<gid_t>(-1)) != 0 && errno != ENOENT) {
      return SystemFail(path);
    }
  }
  if (setgid(gid) != 0 || initgroups(config.user.c_str(), gid) != 0 || setuid(uid) != 0) {
    return SystemFail("becoming user " + config.user);
  }
  if (setuid(0) == 0) return Fail(ErrorCode::kInternal, "root's privileges could not be dropped");
  return {};
}

}  // namespace mxward
