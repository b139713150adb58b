// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "cli/doctor/checks.h"

namespace mxward::cli::doctor {
namespace {

using enum Severity;

constexpr std::array kChecks = {
    Check{"config", "the configuration has no mistakes", kWrong, &CheckConfig},
    Check{"daemon", "mxward runs", kWrong, &CheckDaemon},
    Check{"config-loaded", "mxward runs with what the file says", kWarning, &CheckConfigLoaded},
    Check{"filter", "the filter answers", kWrong, &CheckFilter},
    Check{"mta", "the mail server asks mxward", kWrong, &CheckMta},
    Check{"socket-path", "the mail server looks for the socket where it is", kWrong,
          &CheckSocketPath},
    Check{"socket-access", "the mail server's user gets to the socket", kWrong, &CheckSocketAccess},
    Check{"default-action", "mail goes on while mxward is down", kWarning, &CheckDefaultAction},
    Check{"timeouts", "the mail server waits long enough", kWarning, &CheckTimeouts},
    Check{"protocol", "the milter protocol is recent", kWarning, &CheckProtocol},
    Check{"postscreen", "what postscreen lets through is judged", kWrong, &CheckPostscreen},
    Check{"postscreen-tests", "postscreen does not delay as well", kWarning, &CheckPostscreenTests},
    Check{"other-greylisters", "nobody else greylists", kWarning, &CheckOtherGreylisters},
    Check{"reinjection", "mail that comes back from a content filter is left alone", kWarning,
          &CheckReinjection},
    Check{"non-smtpd", "mail of this machine is left alone", kWarning, &CheckNonSmtpd},
    Check{"submission", "who sends mail as a user", kNote, &CheckSubmission},
    Check{"mynetworks", "the mail server's networks are trusted", kWarning, &CheckMynetworks},
    Check{"resolver", "DNS lists are not asked through a public resolver", kWrong, &CheckResolver},
    Check{"lists", "the DNS lists pass their self-tests", kWrong, &CheckLists},
    Check{"names", "the mail server finds its clients' names", kWrong, &CheckNames},
    Check{"nat", "clients show their own addresses", kWrong, &CheckNat},
    Check{"database", "the database is mxward's alone", kWrong, &CheckDatabase},
    Check{"saved-copy", "hash key and entries are saved beside the database", kWarning,
          &CheckSavedCopy},
    Check{"space", "the database has room", kWarning, &CheckSpace},
    Check{"clock", "the clock is right", kWarning, &CheckClock},
    Check{"files", "mxward may open enough files", kWarning, &CheckFiles},
    Check{"log", "somebody takes the log", kWarning, &CheckLog}};

}  // namespace

std::span<const Check> Checks() { return kChecks; }

}  // namespace mxward::cli::doctor
