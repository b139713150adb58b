// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/doctor/check.h"
#include "cli/doctor/host_facts.h"

// What the rows of the table of checks run. mxwardctl(8) says what each looks for.

namespace mxward::cli::doctor {

// daemon_checks.cc
void CheckConfig(const HostFacts& facts, Report& report);
void CheckDaemon(const HostFacts& facts, Report& report);
void CheckConfigLoaded(const HostFacts& facts, Report& report);
void CheckLog(const HostFacts& facts, Report& report);
void CheckClock(const HostFacts& facts, Report& report);
// database_checks.cc
void CheckDatabase(const HostFacts& facts, Report& report);
void CheckSavedCopy(const HostFacts& facts, Report& report);
void CheckSpace(const HostFacts& facts, Report& report);
void CheckFiles(const HostFacts& facts, Report& report);
// mta_check.cc
void CheckMta(const HostFacts& facts, Report& report);
// socket_checks.cc
void CheckSocketPath(const HostFacts& facts, Report& report);
void CheckSocketAccess(const HostFacts& facts, Report& report);
// filter_checks.cc
void CheckFilter(const HostFacts& facts, Report& report);
void CheckDefaultAction(const HostFacts& facts, Report& report);
void CheckTimeouts(const HostFacts& facts, Report& report);
void CheckProtocol(const HostFacts& facts, Report& report);
// postscreen_checks.cc
void CheckPostscreen(const HostFacts& facts, Report& report);
void CheckPostscreenTests(const HostFacts& facts, Report& report);
// other_greylisters.cc
void CheckOtherGreylisters(const HostFacts& facts, Report& report);
// mail_flow_checks.cc
void CheckReinjection(const HostFacts& facts, Report& report);
void CheckNonSmtpd(const HostFacts& facts, Report& report);
void CheckSubmission(const HostFacts& facts, Report& report);
void CheckMynetworks(const HostFacts& facts, Report& report);
// tls_check.cc
void CheckTls(const HostFacts& facts, Report& report);
// dns_checks.cc
void CheckResolver(const HostFacts& facts, Report& report);
void CheckLists(const HostFacts& facts, Report& report);
void CheckNames(const HostFacts& facts, Report& report);
void CheckNat(const HostFacts& facts, Report& report);

}  // namespace mxward::cli::doctor
