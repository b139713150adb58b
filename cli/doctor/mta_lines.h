// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "config/listen_address.h"

namespace mxward::cli::doctor {

// The lines that put mxward in front of a mail server, in the form of README.md: bounded waits, and
// mail goes on while mxward is down. Pure.

// The value for smtpd_milters where Postfix is to connect to `address` ("unix:PATH").
std::string PostfixMilterValue(std::string_view address);
// For main.cf. REQUIRES: `listen` is no fd
std::string MainCfLine(const ListenAddress& listen);
// For sendmail.mc. REQUIRES: `listen` is no fd
std::string SendmailMcLine(const ListenAddress& listen);

}  // namespace mxward::cli::doctor
