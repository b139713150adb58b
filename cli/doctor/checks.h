// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/doctor/check.h"
#include "cli/doctor/site.h"

// What the rows of the table of checks run. mxwardctl(8) says what each looks for.

namespace mxward::cli::doctor {

// daemon_checks.cc
void CheckConfig(const Site& site, Report& report);
void CheckDaemon(const Site& site, Report& report);
void CheckConfigLoaded(const Site& site, Report& report);
void CheckLog(const Site& site, Report& report);
void CheckClock(const Site& site, Report& report);
// database_checks.cc
void CheckDatabase(const Site& site, Report& report);
void CheckSavedCopy(const Site& site, Report& report);
void CheckSpace(const Site& site, Report& report);
void CheckFiles(const Site& site, Report& report);
// mta_check.cc
void CheckMta(const Site& site, Report& report);
// socket_checks.cc
void CheckSocketPath(const Site& site, Report& report);
void CheckSocketAccess(const Site& site, Report& report);
// filter_checks.cc
void CheckFilter(const Site& site, Report& report);
void CheckDefaultAction(const Site& site, Report& report);
void CheckTimeouts(const Site& site, Report& report);
void CheckProtocol(const Site& site, Report& report);
// postscreen_checks.cc
void CheckPostscreen(const Site& site, Report& report);
void CheckPostscreenTests(const Site& site, Report& report);
// other_greylisters.cc
void CheckOtherGreylisters(const Site& site, Report& report);
// mail_flow_checks.cc
void CheckReinjection(const Site& site, Report& report);
void CheckNonSmtpd(const Site& site, Report& report);
void CheckSubmission(const Site& site, Report& report);
void CheckMynetworks(const Site& site, Report& report);
// dns_checks.cc
void CheckResolver(const Site& site, Report& report);
void CheckLists(const Site& site, Report& report);
void CheckNames(const Site& site, Report& report);
void CheckNat(const Site& site, Report& report);

}  // namespace mxward::cli::doctor
