// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/backend.h"
#include "cli/output/output.h"

namespace mxward {
struct Config;
}

namespace mxward::cli {

// The words after a command, by the names that its table row gives to arguments and switches.
class Words {
 public:
  void Add(const std::string& name, std::string value) {
    values_[name].push_back(std::move(value));
  }
  bool Has(std::string_view name) const { return values_.find(name) != values_.end(); }
  // "" when absent; the last one when there are several.
  std::string Get(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second.back();
  }
  std::vector<std::string> All(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>() : found->second;
  }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// What a command works with. All of it outlives the command.
class Context {
 public:
  struct Files {
    std::string config;         // path
    bool config_given = false;  // by --config: it has to be there
    std::string socket;         // from --socket; empty: as the config says
  };
  Context(Output& output, const Clock& clock, Files files)
      : output_(output), clock_(clock), files_(std::move(files)) {}
  virtual ~Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  Output& output() { return output_; }
  const Clock& clock() const { return clock_; }
  const Files& files() const { return files_; }

  // The config file; what is wrong with it has been said when there is none.
  std::shared_ptr<const Config> LoadConfig();

  enum class Needs { kReading, kDaemon };
  // The daemon; for kReading the store itself while no daemon runs, and that is said. Nothing (and
  // why has been said) when neither can be had.
  virtual std::unique_ptr<Backend> OpenBackend(Needs needs);
  // Asks one question; the exit status is what `use` makes of the answer, or that of the trouble,
  // which has been said.
  int Ask(Needs needs, const Question& question, const std::function<int(const Json& answer)>& use);
  // Shows an answer: for people by `table`, as it is in the other formats.
  void Show(const Json& answer, const std::function<void(Output& output)>& table);
  // Lets time pass.
  virtual void Sleep(Millis duration);

  // Says what the API made of a request; returns the exit status for it. What it refuses as invalid
  // was typed by somebody.
  int Report(const Error& error);
  // An error in the words after the command.
  int UsageError(std::string_view message);

 private:
  std::string SocketPath();
  // There is none at the usual place, which is not an error.
  bool ConfigIsMissing() const;

  Output& output_;
  const Clock& clock_;
  Files files_;
  bool config_tried_ = false;
  std::shared_ptr<const Config> config_;
};

// A word of input by its place, "KIND". Words knows it by its name.
struct Argument {
  std::string_view name;
  std::string_view help;
  bool needed = true;
  bool repeatable = false;        // several words; the last argument
  std::string_view choices = "";  // the words it can be, with blanks between them; "" for any
};

// "--for", followed by "TIME". Words knows it by its name with the dashes.
struct Switch {
  std::string_view name;
  std::string_view value;  // "" for a flag
  std::string_view help;
  bool repeatable = false;
  std::string_view choices = "";  // as of an argument
};

// The first word of several commands: "dnsbl" of "dnsbl test".
struct Family {
  std::string_view name;
  std::string_view summary;
};

// A row of the command table. Data of constant lifetime.
struct Command {
  std::string_view name;  // one word, or that of a family or another command and one more
  std::string_view summary;
  std::span<const Argument> arguments;
  std::span<const Switch> switches;
  int (*run)(Context& context, const Words& words);  // returns the exit status
};

// In the order of the manual.
std::span<const Command> Commands();
std::span<const Family> Families();
// What every command takes; --help, too, which stands for itself.
std::span<const Switch> CommonSwitches();

}  // namespace mxward::cli
