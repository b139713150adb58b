// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "cli/doctor/checks.h"

namespace mxward::cli::doctor {
namespace {

using enum Severity;

constexpr std::array kChecks = {
    Check{"config", "the configuration is valid", kError, &CheckConfig},
    Check{"daemon", "mxward is running", kError, &CheckDaemon},
    Check{"config-loaded", "mxward runs with the current configuration file", kWarning,
          &CheckConfigLoaded},
    Check{"filter", "the milter responds", kError, &CheckFilter},
    Check{"mta", "the mail server uses mxward", kError, &CheckMta},
    Check{"socket-path", "the mail server expects the socket where it is", kError,
          &CheckSocketPath},
    Check{"socket-access", "the mail server's user can reach the socket", kError,
          &CheckSocketAccess},
    Check{"default-action", "mail is accepted while mxward is down", kWarning, &CheckDefaultAction},
    Check{"timeouts", "the mail server waits long enough", kWarning, &CheckTimeouts},
    Check{"protocol", "the milter protocol is recent", kWarning, &CheckProtocol},
    Check{"postscreen", "mail that passes postscreen is checked", kError, &CheckPostscreen},
    Check{"postscreen-tests", "postscreen does not delay mail as well", kWarning,
          &CheckPostscreenTests},
    Check{"other-greylisters", "no other program greylists", kWarning, &CheckOtherGreylisters},
    Check{"reinjection", "mail reinjected by a content filter is left alone", kWarning,
          &CheckReinjection},
    Check{"non-smtpd", "locally submitted mail is left alone", kWarning, &CheckNonSmtpd},
    Check{"submission", "submission services", kNote, &CheckSubmission},
    Check{"mynetworks", "the mail server's networks are trusted", kWarning, &CheckMynetworks},
    Check{"tls", "sessions without TLS are judged rightly", kWarning, &CheckTls},
    Check{"resolver", "DNS lists are not queried through a public resolver", kError,
          &CheckResolver},
    Check{"lists", "the DNS lists pass their self-tests", kError, &CheckLists},
    Check{"names", "the mail server finds names for its clients", kError, &CheckNames},
    Check{"nat", "clients show their own addresses", kError, &CheckNat},
    Check{"database", "the database is mxward's alone", kError, &CheckDatabase},
    Check{"saved-copy", "hash key and entries are saved next to the database", kWarning,
          &CheckSavedCopy},
    Check{"space", "the database has room", kWarning, &CheckSpace},
    Check{"clock", "the clock is synchronised", kWarning, &CheckClock},
    Check{"files", "mxward may open enough files", kWarning, &CheckFiles},
    Check{"log", "the log is received", kWarning, &CheckLog}};

}  // namespace

std::span<const Check> Checks() { return kChecks; }

}  // namespace mxward::cli::doctor
