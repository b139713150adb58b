// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.h"

// What the rows of the command table run; a file for each family. See mxwardctl(8).

namespace mxward::cli {
namespace doctor {
class Machine;
}

// status.cc
int RunStatus(Context& context, const Words& words);
int RunStats(Context& context, const Words& words);
int RunVersion(Context& context, const Words& words);
// report.cc
int RunReport(Context& context, const Words& words);
// lists.cc
int RunList(Context& context, const Words& words);
int RunPending(Context& context, const Words& words);
int RunEntries(Context& context, const Words& words);
int RunRules(Context& context, const Words& words);
int RunLimits(Context& context, const Words& words);
int RunLimitsReset(Context& context, const Words& words);
// watch.cc
int RunWatch(Context& context, const Words& words);
// top.cc
int RunTop(Context& context, const Words& words);
// clients.cc
int RunClients(Context& context, const Words& words);
int RunClientsTop(Context& context, const Words& words);
// show.cc
int RunShow(Context& context, const Words& words);
// entries.cc
int RunAllow(Context& context, const Words& words);
int RunBlock(Context& context, const Words& words);
int RunForget(Context& context, const Words& words);
// export.cc
int RunExport(Context& context, const Words& words);
// import.cc
int RunImport(Context& context, const Words& words);
// service.cc
int RunPause(Context& context, const Words& words);
int RunEvidenceEnable(Context& context, const Words& words);
int RunReload(Context& context, const Words& words);
// explain.cc
int RunExplain(Context& context, const Words& words);
// dnsbl.cc
int RunDnsblList(Context& context, const Words& words);
int RunDnsblTest(Context& context, const Words& words);
int RunDnsblCheck(Context& context, const Words& words);
// spf.cc
int RunSpfCheck(Context& context, const Words& words);
int RunSpfShow(Context& context, const Words& words);
// config.cc
int RunCheckConfig(Context& context, const Words& words);
int RunDumpConfig(Context& context, const Words& words);
// doctor.cc
int RunDoctor(Context& context, const Words& words);
int RunDoctorOn(doctor::Machine& machine, Context& context, const Words& words);  // any machine
// probe.cc
int RunProbe(Context& context, const Words& words);
// completion.cc
int RunCompletion(Context& context, const Words& words);
// replay.cc
int RunReplay(Context& context, const Words& words);

}  // namespace mxward::cli
