// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"
#include "cli/doctor/permission.h"

namespace mxward::cli::doctor {
namespace {

std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

// The commands that let a group of the mail server's user through.
std::vector<std::string> LetThrough(const Site& site, const Obstacle& obstacle,
                                    const std::string& socket, const std::string& group) {
  if (obstacle.file.kind != Machine::File::Kind::kFolder) {
    return {site.EditConfig("[milter] socket_group = \"" + group + "\", socket_mode = \"0660\""),
            site.RestartCommand()};
  }
  const std::string folder = ShellQuoted(obstacle.path);
  if (obstacle.path != FolderOf(socket)) return {"chmod o+x " + folder};
  // The set-group-ID bit hands the group on to the socket.
  return {"chgrp " + ShellQuoted(group) + " " + folder, "chmod 2750 " + folder,
          site.RestartCommand()};
}

void Walk(const Site& site, const std::string& whose, const std::string& user,
          const std::string& root, const std::string& path, Report& report) {
  const auto account = site.machine.FindAccount(user);
  if (!account) {
    report.Unchecked("there is no user " + user);
    return;
  }
  const auto obstacle = FirstObstacle(site.machine, *account, root, path);
  if (!obstacle) {
    if (obstacle.error().code == ErrorCode::kUnavailable) {
      report.Unchecked(obstacle.error().message);
    } else if (site.running()) {
      report.Found("the socket " + path + " is gone", "Nobody can ask mxward.",
                   {site.RestartCommand()});
    }
    return;
  }
  if (!*obstacle) return;
  const std::string group =
      account->groups.empty() ? user : site.machine.GroupName(account->groups.front());
  report.Found(
      whose + " runs as " + user + ", who may not " +
          ((*obstacle)->file.kind == Machine::File::Kind::kFolder ? "enter " : "write to ") +
          (*obstacle)->path + " (" + DescribeFile(site.machine, (*obstacle)->file) + ")",
      "It cannot ask mxward: \"Permission denied\" in its log.",
      LetThrough(site, **obstacle, path, group));
}

// Sendmail refuses sockets that others could have put there.
void CheckFoldersForSendmail(const Site& site, const std::string& path, Report& report) {
  constexpr mode_t kGroupOrOthersWrite = 0022;
  for (std::size_t end = path.find('/', 1); end != std::string::npos;
       end = path.find('/', end + 1)) {
    const std::string folder = path.substr(0, end);
    const auto file = site.machine.Look(folder);
    if (!file || (file->mode & kGroupOrOthersWrite) == 0) continue;
    report.Found(
        "Sendmail refuses sockets below a folder that others may write to: " + folder + " (" +
            DescribeFile(site.machine, *file) + ")",
        "It says \"local socket name ... unsafe\" and does not start, or does not ask mxward.",
        {"chmod go-w " + ShellQuoted(folder)});
    return;
  }
}

}  // namespace

void CheckSocketAccess(const Site& site, Report& report) {
  if (!site.listen) return;
  for (const PostfixInstance& instance : site.postfix.instances) {
    std::set<std::string> seen;
    for (const OurMilter& ours : OurMilters(site, instance)) {
      if (ours.path.empty() || !ours.reaches) continue;
      if (!seen.insert(ours.root + "\n" + ours.path).second) continue;
      Walk(site, "smtpd of " + instance.Name(), instance.Get("mail_owner"), ours.root, ours.path,
           report);
    }
  }
  const SendmailFilter* filter = OurFilter(site);
  if (filter == nullptr || site.listen->kind != ListenAddress::Kind::kUnix ||
      !Reaches(site, *filter)) {
    return;
  }
  const std::string& user = site.sendmail->run_as;
  Walk(site, "Sendmail", user.empty() ? "root" : user, "/", site.listen->path, report);
  CheckFoldersForSendmail(site, site.listen->path, report);
}

}  // namespace mxward::cli::doctor
