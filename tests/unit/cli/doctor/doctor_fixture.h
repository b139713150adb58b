// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/doctor/check.h"
#include "cli/doctor/host_facts.h"
#include "config/dump.h"
#include "tests/unit/cli/doctor/fake_machine.h"

namespace mxward {

// The doctor on a machine of cardboard, where all is well until a test breaks it. One check, or the
// whole command.
class DoctorFixture {
 public:
  static constexpr const char* kConfig = "/etc/mxward/mxward.toml";
  static constexpr const char* kMain = "/etc/postfix";

  DoctorFixture() { Configure(""); }

  // The file, which the daemon runs with as well.
  void Configure(const std::string& toml) {
    machine.texts[kConfig] = toml;
    const auto config = ParseConfig(toml, kConfig);
    if (!config) return;
    Json options = Json::Array();
    for (const ListedOption& option : ListOptions(*config)) {
      Json item;
      item.Set("name", option.section.empty() ? option.key : option.section + "." + option.key);
      item.Set("value", option.value).Set("needs_restart", option.needs_restart);
      options.Push(std::move(item));
    }
    machine.answers["/v1/config"] = Json().Set("options", std::move(options)).Dump();
  }
  std::map<std::string, std::string>& main_cf() { return machine.main_cf[kMain]; }
  std::string& master_cf() { return machine.services[kMain]; }
  std::string& overrides() { return machine.overrides[kMain]; }

  // What one check finds now: findings, then what it could not check.
  void Check(const std::string& id) {
    cli::doctor::HostFactsOptions options;
    options.config_path = kConfig;
    options.sendmail = sendmail;
    const auto facts = cli::doctor::GatherHostFacts(machine, options);
    const auto checks = cli::doctor::Checks();
    const auto check =
        std::find_if(checks.begin(), checks.end(), [&](const auto& one) { return one.id == id; });
    if (check == checks.end()) throw std::invalid_argument(id);
    cli::doctor::Report report(check->severity);
    check->run(facts, report);
    findings = report.findings();
    unchecked = report.unchecked();
  }
  bool Silent(const std::string& id) {
    Check(id);
    return findings.empty() && unchecked.empty();
  }
  // The one finding; an empty one when there are none or several.
  cli::doctor::Finding Found(const std::string& id) {
    Check(id);
    return findings.size() == 1 && unchecked.empty() ? findings.front() : cli::doctor::Finding();
  }
  // The commands of the one finding, a line each.
  std::string Mend(const std::string& id) {
    std::string lines;
    for (const std::string& line : Found(id).fix) lines += line + "\n";
    return lines;
  }

  // The command line behind "mxwardctl doctor"; the exit status.
  int Run(std::vector<std::string> words) {
    words.insert(words.begin(), {"mxwardctl", "doctor"});
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    const cli::Arguments arguments =
        cli::ParseArguments(static_cast<int>(argv.size()), argv.data());
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    int status = arguments.status;
    if (arguments.command == nullptr) {
      err_stream << arguments.text;
    } else {
      cli::Output output(out_stream, err_stream, {arguments.format, false, arguments.header});
      cli::Context context(output, machine.clock, arguments.files);
      status = cli::RunDoctorOn(machine, context, arguments.words);
    }
    out = out_stream.str();
    err = err_stream.str();
    return status;
  }

  FakeMachine machine;
  std::string sendmail;  // its sendmail.cf; "": the usual place
  std::vector<cli::doctor::Finding> findings;
  std::vector<std::string> unchecked;
  std::string out;
  std::string err;
};

}  // namespace mxward
