// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/doctor/examination.h"
#include "cli/doctor/machine.h"
#include "cli/doctor/our_milter.h"
#include "cli/doctor/real_machine.h"
#include "cli/exit_status.h"
#include "config/control_socket.h"

namespace mxward::cli {
namespace {

// Where the daemon would answer, without a word about a configuration that cannot be read: that is
// for a check to say.
std::string ControlSocket(const Context::Files& files) {
  if (!files.socket.empty()) return files.socket;
  return ConfiguredControlSocket(files.config).value_or(DefaultConfig().control.socket);
}

// "" when all of them are checks.
std::string Unknown(const std::vector<std::string>& names) {
  std::vector<std::string_view> known;
  for (const doctor::Check& check : doctor::Checks()) known.push_back(check.id);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string_view near = ClosestMatch(name, known);
    return "there is no check \"" + name + "\"" +
           (near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?");
  }
  return "";
}

int WriteLines(Context& context, const doctor::HostFacts& facts) {
  Output& output = context.output();
  if (!facts.listen || facts.listen->kind == ListenAddress::Kind::kFd) {
    output.Say("it is not known where mxward listens");
    return kExitTrouble;
  }
  const std::string main_cf = doctor::MainCfLine(*facts.listen);
  const std::string sendmail_mc = doctor::SendmailMcLine(*facts.listen);
  if (output.format() != Format::kTable) {
    Json answer;
    answer.Set("main.cf", main_cf).Set("sendmail.mc", sendmail_mc);
    output.Document(answer);
    return kExitOk;
  }
  output.Line("Postfix, in main.cf, then \"postfix reload\":");
  output.Line("  " + Printable(main_cf));
  output.Line("");
  output.Line("Sendmail, in sendmail.mc, then rebuild sendmail.cf and restart:");
  output.Line("  " + Printable(sendmail_mc));
  return kExitOk;
}

}  // namespace

int RunDoctorOn(doctor::Machine& machine, Context& context, const Words& words) {
  for (const char* name : {"--only", "--skip"}) {
    if (const auto unknown = Unknown(words.All(name)); !unknown.empty()) {
      return context.UsageError(std::string(name) + ": " + unknown);
    }
  }
  doctor::HostFactsOptions options;
  options.config_path = context.files().config;
  options.config_given = context.files().config_given;
  options.postfix = words.All("--postfix");
  options.sendmail = words.Get("--sendmail");
  const doctor::HostFacts facts = doctor::GatherHostFacts(machine, options);
  if (words.Has("--lines")) return WriteLines(context, facts);
  const auto examined = doctor::Examine(facts, words.All("--only"), words.All("--skip"));
  doctor::WriteExamination(context.output(), examined, context.clock().Now());
  const doctor::Tally tally = doctor::Count(examined);
  if (tally.wrong > 0 || (words.Has("--strict") && tally.warnings > 0)) return kExitNegative;
  return tally.unchecked > 0 ? kExitTrouble : kExitOk;
}

int RunDoctor(Context& context, const Words& words) {
  doctor::RealMachine machine(context.clock(), ControlSocket(context.files()));
  return RunDoctorOn(machine, context, words);
}

}  // namespace mxward::cli
