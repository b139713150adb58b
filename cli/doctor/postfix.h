// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/doctor/machine.h"

namespace mxward::cli::doctor {

// An entry of master.cf(5).
struct PostfixService {
  std::string name;     // "smtp", "127.0.0.1:10025", "smtpd"
  std::string type;     // "inet", "pass", "unix"
  std::string program;  // "smtpd"
  bool chroot = false;
  std::map<std::string, std::string, std::less<>> overrides;  // "-o", with their $names expanded

  // "smtp/inet"
  std::string Label() const { return name + "/" + type; }
  // Of an inet service: the address it is bound to, "" for all; and the port, where it is one that
  // mail uses in its usual name: "smtp", "submission", "submissions", or as written.
  std::string Host() const;
  std::string Port() const;

  bool IsSmtpd() const { return program == "smtpd" && (type == "inet" || type == "pass"); }
  bool IsSubmission() const;
  bool IsOnLoopback() const;
};

// One Postfix: what postconf(1) says of it, with all $names expanded.
struct PostfixInstance {
  std::string directory;                                       // of main.cf
  bool primary = true;                                         // needs no "-c DIR"
  std::map<std::string, std::string, std::less<>> parameters;  // those that the checks need
  std::vector<PostfixService> services;

  // In main.cf, or as Postfix has it by itself.
  std::string Get(std::string_view name) const;
  // For this service: its own value first.
  std::string Get(const PostfixService& service, std::string_view name) const;
  std::string QueueDirectory() const { return Get("queue_directory"); }
  bool HasPostscreen() const;

  // Commands for a root shell that set a parameter in main.cf, or of a service where that has its
  // own, and that make Postfix read it.
  std::string SetCommand(std::string_view name, std::string_view value) const;
  std::string SetCommand(const PostfixService& service, std::string_view name,
                         std::string_view value) const;
  // In master.cf, whether it has one there or not.
  std::string OverrideCommand(const PostfixService& service, std::string_view name,
                              std::string_view value) const;
  std::string ReloadCommand() const;
  // "Postfix", or "Postfix in /etc/postfix-out".
  std::string Name() const;
};

struct PostfixSearch {
  bool installed = false;
  std::vector<PostfixInstance> instances;
  std::vector<std::string> troubles;  // with an instance that could not be read
};

// The instances in these folders, or without any all that postmulti(1) knows and has enabled.
PostfixSearch FindPostfix(Machine& machine, const std::vector<std::string>& folders);

// Of postconf -M and postconf -Px. A chroot column of "-" is Postfix's default, which compatibility
// levels below 1 have otherwise.
std::vector<PostfixService> ParseServices(std::string_view services, std::string_view overrides,
                                          bool chroot_by_default);

// "'a word'" where a shell needs the quotes.
std::string ShellQuoted(std::string_view word);

}  // namespace mxward::cli::doctor
