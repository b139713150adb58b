// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/mta_lines.h"

namespace mxward::cli::doctor {

std::string PostfixMilterValue(std::string_view address) {
  return "{ " + std::string(address) +
         ", connect_timeout=5s, command_timeout=15s, default_action=accept }";
}

std::string MainCfLine(const ListenAddress& listen) {
  return "smtpd_milters = " + PostfixMilterValue(listen.ToPostfix());
}

std::string SendmailMcLine(const ListenAddress& listen) {
  const bool local = listen.kind == ListenAddress::Kind::kUnix;
  return "INPUT_MAIL_FILTER(`mxward', `S=" +
         (local ? "local:" + listen.path : listen.ToLibmilter()) + ", T=S:10s;R:10s')";
}

}  // namespace mxward::cli::doctor
