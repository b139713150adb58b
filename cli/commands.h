// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.h"

// What the rows of the command table run; a file for each family. See mxwardctl(8).

namespace mxward::cli {

// status_commands.cc
int RunStatus(Context& context, const Words& words);
int RunStats(Context& context, const Words& words);
int RunVersion(Context& context, const Words& words);
// report_command.cc
int RunReport(Context& context, const Words& words);
// list_commands.cc
int RunList(Context& context, const Words& words);
int RunPending(Context& context, const Words& words);
int RunEntries(Context& context, const Words& words);
// top_command.cc
int RunWatch(Context& context, const Words& words);
int RunTop(Context& context, const Words& words);
// client_commands.cc
int RunClients(Context& context, const Words& words);
int RunClientsTop(Context& context, const Words& words);
// limit_commands.cc
int RunLimits(Context& context, const Words& words);
int RunLimitsReset(Context& context, const Words& words);
// rule_commands.cc
int RunRules(Context& context, const Words& words);
// show_command.cc
int RunShow(Context& context, const Words& words);
// entry_commands.cc
int RunAllow(Context& context, const Words& words);
int RunBlock(Context& context, const Words& words);
int RunForget(Context& context, const Words& words);
// export_command.cc
int RunExport(Context& context, const Words& words);
// import_command.cc
int RunImport(Context& context, const Words& words);
// service_commands.cc
int RunPause(Context& context, const Words& words);
int RunReload(Context& context, const Words& words);
// explain_command.cc
int RunExplain(Context& context, const Words& words);
// dnsbl_commands.cc
int RunDnsblList(Context& context, const Words& words);
int RunDnsblTest(Context& context, const Words& words);
int RunDnsblCheck(Context& context, const Words& words);
// config_commands.cc
int RunCheckConfig(Context& context, const Words& words);
int RunDumpConfig(Context& context, const Words& words);
// doctor_command.cc
int RunDoctor(Context& context, const Words& words);
// probe_command.cc
int RunProbe(Context& context, const Words& words);
// completion_command.cc
int RunCompletion(Context& context, const Words& words);
// replay_command.cc
int RunReplay(Context& context, const Words& words);

}  // namespace mxward::cli
