// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {
namespace {

// What keeps somebody from a socket.
struct Obstacle {
  std::string path;  // the folder that may not be entered, or the socket itself
  Machine::File file;
};

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

// The first obstacle on the way of `account` from the folder `root`, which counts, to the socket at
// `path` below it: folders want "x", the socket wants "w" (unix(7)). Nothing: the way is free.
// kNotFound: there is no such socket. kUnavailable: the user may not see it.
Result<std::optional<Obstacle>> FirstObstacle(Machine& machine, const Machine::Account& account,
                                              const std::string& root, const std::string& path) {
  MXWARD_TRY(const auto real_root, machine.RealPath(root));
  MXWARD_TRY(const auto real_path, machine.RealPath(path));
  std::string here = real_root;
  const std::string base = here == "/" ? "" : here;
  // A symbolic link may lead out of it; then all of the way counts.
  std::size_t done = real_path.starts_with(base + "/") ? base.size() : 0;
  if (done == 0) here = "/";
  for (;;) {
    MXWARD_TRY(const auto file, machine.Look(here));
    const bool last = here == real_path;
    if (!May(account, file, last ? kWrite : kEnter)) return std::optional(Obstacle{here, file});
    if (last) return std::optional<Obstacle>();
    done = std::min(real_path.find('/', done + 1), real_path.size());
    here = real_path.substr(0, done);
  }
}

// "drwxr-x--- mxward postfix", as ls(1) shows it.
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

constexpr const char* kInVain = "It cannot connect, and falls back to default_action for all mail.";

std::string HowPostfixLooks(const PostfixInstance& instance, const OurMilter& ours) {
  const bool absolute = ours.milter.address.find(":/") != std::string::npos;
  std::string text = ours.service->Label() + " of " + instance.Name() + " expects mxward at ";
  text += ours.path.empty() ? ours.milter.address : ours.path;
  if (ours.path.empty()) return text;
  if (absolute && ours.service->chroot) {
    text += " (" + ours.milter.address + " inside its chroot)";
  } else if (!absolute) {
    text += " (" + ours.milter.address + " below queue_directory)";
  }
  return text;
}

void CheckSocketPathOf(const HostFacts& facts, const PostfixInstance& instance, Report& report) {
  // Services that look at the same place are one mistake.
  std::map<std::string, bool> seen;
  for (const OurMilter& ours : OurMilters(facts, instance)) {
    if (ours.reaches || !seen.emplace(ours.path + "\n" + ours.milter.text, true).second) continue;
    Route route = RouteTo(facts, instance, ours.service->chroot);
    std::vector<std::string> fix = std::move(route.before);
    if (route.address != ours.milter.address) {
      fix.push_back(
          instance.SetCommand(*ours.service, "smtpd_milters",
                              MiltersWith(facts, instance, *ours.service, route.address)));
      fix.push_back(instance.ReloadCommand());
    }
    report.Found(
        HowPostfixLooks(instance, ours) + ", and mxward listens at " + AddressText(*facts.listen),
        kInVain, std::move(fix));
  }
}

}  // namespace

void CheckSocketPath(const HostFacts& facts, Report& report) {
  if (!facts.listen || facts.listen->kind == ListenAddress::Kind::kFd) return;
  for (const PostfixInstance& instance : facts.postfix.instances) {
    CheckSocketPathOf(facts, instance, report);
  }
  const SendmailFilter* filter = OurFilter(facts);
  if (filter == nullptr || Reaches(facts, *filter)) return;
  report.Found("Sendmail expects mxward at " + filter->socket + ", and mxward listens at " +
                   AddressText(*facts.listen),
               "It cannot connect, and falls back to F= for all mail.",
               {"# in /etc/mail/sendmail.mc: " + SendmailMcLine(*facts.listen),
                "make -C /etc/mail && systemctl restart sendmail"});
}

namespace {

std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

// The commands that let a group of the mail server's user through.
std::vector<std::string> LetThrough(const HostFacts& facts, const Obstacle& obstacle,
                                    const std::string& socket, const std::string& group) {
  if (obstacle.file.kind != Machine::File::Kind::kFolder) {
    return {facts.EditConfig("[milter] socket_group = \"" + group + "\", socket_mode = \"0660\""),
            facts.RestartCommand()};
  }
  const std::string folder = ShellQuoted(obstacle.path);
  if (obstacle.path != FolderOf(socket)) return {"chmod o+x " + folder};
  // The set-group-ID bit hands the group on to the socket.
  return {"chgrp " + ShellQuoted(group) + " " + folder, "chmod 2750 " + folder,
          facts.RestartCommand()};
}

void Walk(const HostFacts& facts, const std::string& whose, const std::string& user,
          const std::string& root, const std::string& path, Report& report) {
  const auto account = facts.machine.FindAccount(user);
  if (!account) {
    report.Unchecked("there is no user " + user);
    return;
  }
  const auto obstacle = FirstObstacle(facts.machine, *account, root, path);
  if (!obstacle) {
    if (obstacle.error().code == ErrorCode::kUnavailable) {
      report.Unchecked(obstacle.error().message);
    } else if (facts.running()) {
      report.Found("the socket " + path + " is missing", "No mail server can connect to mxward.",
                   {facts.RestartCommand()});
    }
    return;
  }
  if (!*obstacle) return;
  const std::string group =
      account->groups.empty() ? user : facts.machine.GroupName(account->groups.front());
  report.Found(
      whose + " runs as " + user + ", which may not " +
          ((*obstacle)->file.kind == Machine::File::Kind::kFolder ? "enter " : "write to ") +
          (*obstacle)->path + " (" + DescribeFile(facts.machine, (*obstacle)->file) + ")",
      "It cannot connect to mxward: \"Permission denied\" in its log.",
      LetThrough(facts, **obstacle, path, group));
}

// Sendmail refuses sockets that others could have put there.
void CheckFoldersForSendmail(const HostFacts& facts, const std::string& path, Report& report) {
  constexpr mode_t kGroupOrOthersWrite = 0022;
  for (std::size_t end = path.find('/', 1); end != std::string::npos;
       end = path.find('/', end + 1)) {
    const std::string folder = path.substr(0, end);
    const auto file = facts.machine.Look(folder);
    if (!file || (file->mode & kGroupOrOthersWrite) == 0) continue;
    report.Found(
        "Sendmail refuses sockets below a directory that others may write to: " + folder + " (" +
            DescribeFile(facts.machine, *file) + ")",
        "It says \"local socket name ... unsafe\" and does not start, or does not use mxward.",
        {"chmod go-w " + ShellQuoted(folder)});
    return;
  }
}

}  // namespace

void CheckSocketAccess(const HostFacts& facts, Report& report) {
  if (!facts.listen) return;
  for (const PostfixInstance& instance : facts.postfix.instances) {
    std::set<std::string> seen;
    for (const OurMilter& ours : OurMilters(facts, instance)) {
      if (ours.path.empty() || !ours.reaches) continue;
      if (!seen.insert(ours.root + "\n" + ours.path).second) continue;
      Walk(facts, "smtpd of " + instance.Name(), instance.Get("mail_owner"), ours.root, ours.path,
           report);
    }
  }
  const SendmailFilter* filter = OurFilter(facts);
  if (filter == nullptr || facts.listen->kind != ListenAddress::Kind::kUnix ||
      !Reaches(facts, *filter)) {
    return;
  }
  const std::string& user = facts.sendmail->run_as;
  Walk(facts, "Sendmail", user.empty() ? "root" : user, "/", facts.listen->path, report);
  CheckFoldersForSendmail(facts, facts.listen->path, report);
}

}  // namespace mxward::cli::doctor
