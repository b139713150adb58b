// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/doctor/check.h"
#include "cli/doctor/site.h"

// What the rows of the table of checks run; a file each. mxwardctl(8) says what each looks for.

namespace mxward::cli::doctor {

// mxward itself
void CheckConfig(const Site& site, Report& report);
void CheckDaemon(const Site& site, Report& report);
void CheckConfigLoaded(const Site& site, Report& report);
void CheckFilter(const Site& site, Report& report);
void CheckLog(const Site& site, Report& report);
void CheckDatabase(const Site& site, Report& report);
void CheckSavedCopy(const Site& site, Report& report);
void CheckSpace(const Site& site, Report& report);
void CheckFiles(const Site& site, Report& report);
// the way from the mail server to it
void CheckMta(const Site& site, Report& report);
void CheckSocketPath(const Site& site, Report& report);
void CheckSocketAccess(const Site& site, Report& report);
void CheckDefaultAction(const Site& site, Report& report);
void CheckTimeouts(const Site& site, Report& report);
void CheckProtocol(const Site& site, Report& report);
// what else the mail server does
void CheckPostscreen(const Site& site, Report& report);
void CheckPostscreenTests(const Site& site, Report& report);
void CheckOtherGreylisters(const Site& site, Report& report);
void CheckReinjection(const Site& site, Report& report);
void CheckNonSmtpd(const Site& site, Report& report);
void CheckSubmission(const Site& site, Report& report);
void CheckMynetworks(const Site& site, Report& report);
// surroundings
void CheckResolver(const Site& site, Report& report);
void CheckLists(const Site& site, Report& report);
void CheckNames(const Site& site, Report& report);
void CheckNat(const Site& site, Report& report);
void CheckClock(const Site& site, Report& report);

}  // namespace mxward::cli::doctor
