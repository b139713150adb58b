// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/permission.h"

#include <algorithm>

namespace mxward::cli::doctor {
namespace {

constexpr mode_t kEnter = 1;
constexpr mode_t kWrite = 2;

// The owner's bits count for the owner even where the group has more.
bool May(const Machine::Account& account, const Machine::File& file, mode_t wanted) {
  if (account.user == 0) return true;
  if (account.user == file.owner) return ((file.mode >> 6) & wanted) != 0;
  const bool member =
      std::find(account.groups.begin(), account.groups.end(), file.group) != account.groups.end();
  return ((member ? file.mode >> 3 : file.mode) & wanted) != 0;
}

}  // namespace

Result<std::optional<Obstacle>> FirstObstacle(Machine& machine, const Machine::Account& account,
                                              const std::string& root, const std::string& path) {
  const auto real_root = machine.RealPath(root);
  if (!real_root) return Fail(real_root.error());
  const auto real_path = machine.RealPath(path);
  if (!real_path) return Fail(real_path.error());
  std::string here = *real_root;
  const std::string base = here == "/" ? "" : here;
  // A symbolic link may lead out of it; then all of the way counts.
  std::size_t done = real_path->starts_with(base + "/") ? base.size() : 0;
  if (done == 0) here = "/";
  for (;;) {
    const auto file = machine.Look(here);
    if (!file) return Fail(file.error());
    const bool last = here == *real_path;
    if (!May(account, *file, last ? kWrite : kEnter)) return std::optional(Obstacle{here, *file});
    if (last) return std::optional<Obstacle>();
    done = std::min(real_path->find('/', done + 1), real_path->size());
    here = real_path->substr(0, done);
  }
}

std::string DescribeFile(Machine& machine, const Machine::File& file) {
  std::string text;
  switch (file.kind) {
    case Machine::File::Kind::kFolder:
      text = "d";
      break;
    case Machine::File::Kind::kSocket:
      text = "s";
      break;
    case Machine::File::Kind::kRegular:
    case Machine::File::Kind::kOther:
      text = "-";
      break;
  }
  for (int shift = 6; shift >= 0; shift -= 3) {
    const mode_t bits = file.mode >> shift;
    text += (bits & 4) != 0 ? 'r' : '-';
    text += (bits & 2) != 0 ? 'w' : '-';
    text += (bits & 1) != 0 ? 'x' : '-';
  }
  return text + " " + machine.UserName(file.owner) + " " + machine.GroupName(file.group);
}

}  // namespace mxward::cli::doctor
