// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/version.h"
#include "cli/doctor/machine.h"
#include "tests/fake/fake_clock.h"

namespace mxward {

// A machine of cardboard: what is not said is not there. By itself it is in order: Debian's
// Postfix, chrooted, asks mxward over a socket below its queue directory; the daemon runs.
class FakeMachine : public cli::doctor::Machine {
 public:
  static constexpr uid_t kMxward = 900;
  static constexpr gid_t kMxwardGroup = 901;
  static constexpr uid_t kPostfix = 103;
  static constexpr gid_t kPostfixGroup = 106;
  static constexpr const char* kSocket = "/var/spool/postfix/mxward/milter.sock";

  FakeMachine() {
    for (const char* path : {"/", "/var", "/var/spool", "/var/spool/postfix", "/var/lib", "/run",
                             "/run/mxward", "/dev"}) {
      Folder(path, 0, 0, 0755);
    }
    Folder("/var/spool/postfix/mxward", kMxward, kPostfixGroup, 02750);
    files[kSocket] = {File::Kind::kSocket, kMxward, kPostfixGroup, 0660};
    files["/dev/log"] = {File::Kind::kSocket, 0, 0, 0666};
    Folder("/var/lib/mxward", kMxward, kMxwardGroup, 0750);
    for (const char* name : {"data.mdb", "lock.mdb", "mxward.lock"}) {
      files[std::string("/var/lib/mxward/") + name] = {File::Kind::kRegular, kMxward, kMxwardGroup,
                                                       0640};
    }
    files["/var/lib/mxward/mxward.saved"] = {File::Kind::kRegular, kMxward, kMxwardGroup, 0600};
    files["/etc/postfix/main.cf"] = {};
    accounts["root"] = {0, {0}};
    accounts["postfix"] = {kPostfix, {kPostfixGroup}};
    accounts["mxward"] = {kMxward, {kMxwardGroup}};
    users = {{0, "root"}, {kMxward, "mxward"}, {kPostfix, "postfix"}};
    groups = {{0, "root"}, {kMxwardGroup, "mxward"}, {kPostfixGroup, "postfix"}};
    texts["/etc/resolv.conf"] = "nameserver 127.0.0.1\n";
    texts["/proc/4711/limits"] =
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max open files            65536                65536                files     \n";
    SetListening(std::string("unix:") + kSocket);
    answers["/v1/clients?sort=last-seen&limit=1"] = R"({"items":[]})";
    answers["/v1/dnsbl"] = R"({"items":[]})";
  }

  void Folder(const std::string& path, uid_t owner, gid_t group, mode_t mode) {
    files[path] = {File::Kind::kFolder, owner, group, mode};
  }
  // More of /v1/status: members behind a comma.
  void SetListening(const std::string& address, const std::string& more = "") {
    answers["/v1/status"] = R"({"running":true,"version":")" + std::string(kVersion) +
                            R"(","mode":"enforce","listening":")" + address +
                            R"(","config_path":"/etc/mxward/mxward.toml","log_lines_dropped":0,)" +
                            R"("store":{"used_percent":3,"limit_bytes":8589934592})" + more + "}";
  }
  void StopDaemon() {
    answers.clear();
    files.erase(kSocket);
    filter_answers = false;
  }

  Result<std::string> Read(const std::string& path) override { return Find(texts, path); }
  Result<File> Look(const std::string& path) override { return Find(files, path); }
  Result<std::string> RealPath(const std::string& path) override {
    if (hidden == path) return Hidden(path);
    if (const auto link = links.find(path); link != links.end()) return link->second;
    if (files.find(path) == files.end() && texts.find(path) == texts.end()) return Absent(path);
    return path;
  }
  Result<Space> SpaceAt(const std::string& /*path*/) override { return space; }

  // postconf as this instance has it; anything else is not installed.
  Result<std::string> Run(const std::string& program,
                          const std::vector<std::string>& words) override {
    if (program == "postmulti" && !instances.empty()) return instances;
    if (program != "postconf" || !postfix) {
      return Fail(ErrorCode::kNotFound, program + " is not installed");
    }
    if (words == std::vector<std::string>{"-dh", "config_directory"}) return "/etc/postfix\n";
    if (!postconf_error.empty()) return Fail(ErrorCode::kIo, postconf_error);
    const std::string folder = words.at(1);
    if (words.at(2) == "-M") return Find(services, folder);
    if (words.at(2) == "-Px") return overrides[folder];
    std::string all;
    for (const auto& [name, value] : main_cf[folder]) all += name + " = " + value + "\n";
    return all;
  }
  std::optional<Account> FindAccount(const std::string& name) override {
    const auto found = accounts.find(name);
    return found == accounts.end() ? std::nullopt : std::optional(found->second);
  }
  std::string UserName(uid_t user) override {
    return users.count(user) != 0 ? users[user] : std::to_string(user);
  }
  std::string GroupName(gid_t group) override {
    return groups.count(group) != 0 ? groups[group] : std::to_string(group);
  }
  std::optional<bool> ClockInStep() override { return in_step; }
  WallTime Now() override { return clock.Now(); }
  std::vector<IpAddress> OwnAddresses() override { return {IpAddress::V4(0xc0000201)}; }
  Result<void> AskFilter(const std::string& address) override {
    if (filter_answers) return {};
    return Fail(ErrorCode::kUnavailable, address + ": Connection refused");
  }
  Result<Json> AskDaemon(const std::string& path) override {
    const auto answer = Find(answers, path);
    if (!answer) return Fail(answer.error());
    return ParseJson(*answer);
  }
  Result<Process> FindDaemon() override {
    if (answers.empty()) return Absent("/run/mxward/control.sock");
    return Process{4711, daemon_user};
  }

  FakeClock clock;
  std::map<std::string, File> files;
  std::map<std::string, std::string> texts;
  std::map<std::string, std::string> links;
  std::string hidden;  // a path that may not be seen
  std::map<std::string, Account> accounts;
  std::map<uid_t, std::string> users;
  std::map<gid_t, std::string> groups;
  Space space{100ULL << 30, 200ULL << 30};
  std::optional<bool> in_step = true;
  bool filter_answers = true;
  std::map<std::string, std::string> answers;  // of the daemon, as JSON; none: it does not run
  uid_t daemon_user = kMxward;

  bool postfix = true;
  std::string postconf_error;
  std::string instances;  // what "postmulti -l" prints
  // By the folder of main.cf.
  std::map<std::string, std::map<std::string, std::string>> main_cf = {
      {"/etc/postfix",
       {{"compatibility_level", "3.6"},
        {"mail_owner", "postfix"},
        {"milter_command_timeout", "30s"},
        {"milter_connect_timeout", "30s"},
        {"milter_default_action", "tempfail"},
        {"milter_protocol", "6"},
        {"mynetworks", "127.0.0.0/8 [::1]/128 192.0.2.1/32"},
        {"non_smtpd_milters", ""},
        {"queue_directory", "/var/spool/postfix"},
        {"smtpd_milters",
         "{ unix:mxward/milter.sock, connect_timeout=5s, command_timeout=15s, "
         "default_action=accept }"},
        {"smtpd_recipient_restrictions", ""},
        {"smtpd_tls_security_level", "may"}}}};
  std::map<std::string, std::string> services = {{"/etc/postfix",
                                                  "smtp      inet n - y - - smtpd\n"
                                                  "pickup    unix n - y 60 1 pickup\n"
                                                  "cleanup   unix n - y - 0 cleanup\n"}};
  std::map<std::string, std::string> overrides;

 private:
  static tl::unexpected<Error> Absent(const std::string& what) {
    return Fail(ErrorCode::kNotFound, what + ": No such file or directory");
  }
  static tl::unexpected<Error> Hidden(const std::string& what) {
    return Fail(ErrorCode::kUnavailable, what + ": Permission denied");
  }
  template <class T>
  Result<T> Find(const std::map<std::string, T>& map, const std::string& key) const {
    if (hidden == key) return Hidden(key);
    const auto found = map.find(key);
    if (found == map.end()) return Absent(key);
    return found->second;
  }
};

}  // namespace mxward
