// SPDX-License-Identifier: Apache-2.0
#include "base/system_group.h"

#include <grp.h>

#include <cerrno>
#include <charconv>
#include <vector>

namespace mxward {

Result<gid_t> FindGroup(const std::string& name) {
  gid_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc() && end == name.data() + name.size()) return number;
  std::vector<char> buffer(4096);
  group entry{};
  group* found = nullptr;
  while (getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == ERANGE) {
    buffer.resize(buffer.size() * 2);
  }
  if (found == nullptr) return Fail(ErrorCode::kInvalid, "there is no group \"" + name + "\"");
  return found->gr_gid;
}

}  // namespace mxward
