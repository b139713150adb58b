// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "cli/replay/event.h"

namespace mxward::cli::maillog {

// A program of Postfix, by its syslog name: "postfix/smtpd", "postfix-in/submission/smtpd".
struct PostfixProgram {
  std::string_view daemon;       // "smtpd", "qmgr"; empty: not Postfix
  std::string_view daemon_port;  // that clients connect to, if the name shows it: "587", "465"
};
PostfixProgram ParsePostfixProgram(std::string_view program);

// Which daemon of Postfix says this, where the log does not: rsyslog's RFC 5424 format has
// "postfix" for all. Empty for what does not matter.
std::string_view PostfixDaemonOf(std::string_view text);

// What a daemon of Postfix said (postlogd(8), smtpd(8), qmgr(8), postscreen(8)). Pure; any bytes.
//
// A client whose name is "unknown" has the class none: Postfix writes that of one without a PTR, of
// a name that does not lead back and of a name that could not be looked up. Where it knows of a
// name, it has warned about it just before (kNameTrouble: forged or tempfail).
Event ParsePostfix(std::string_view daemon, std::string_view text);

}  // namespace mxward::cli::maillog
