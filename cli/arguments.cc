// SPDX-License-Identifier: Apache-2.0
// The only file that includes CLI11.
#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <deque>
#include <map>

#include "base/text.h"
#include "base/version.h"
#include "cli/exit_status.h"
#include "config/loader.h"

namespace mxward::cli {
namespace {

constexpr std::array<std::string_view, 3> kFormats = {"table", "json", "tsv"};
constexpr std::array<std::string_view, 3> kColorModes = {"auto", "always", "never"};

std::vector<std::string_view> CommonNames() {
  std::vector<std::string_view> names = {"--help"};
  for (const Switch& one : CommonSwitches()) names.push_back(one.name);
  return names;
}

std::string Quoted(std::string_view text) { return "\"" + EscapeForLog(text, 80) + "\""; }

std::string Offer(std::string_view text, const std::vector<std::string_view>& words) {
  const std::string_view nearest = ClosestMatch(text, words);
  return nearest.empty() ? "" : "; did you mean \"" + std::string(nearest) + "\"?";
}

// The second words of the commands that begin with this one.
std::vector<std::string> CommandsBelow(const std::string& name) {
  std::vector<std::string> below;
  for (const Command& command : Commands()) {
    if (command.name.starts_with(name + " ")) {
      below.emplace_back(command.name.substr(name.size() + 1));
    }
  }
  return below;
}

// CLI11 wants a variable for each option; these live as long as it does.
class Parser {
 public:
  Parser();
  Arguments Parse(int argc, const char* const* argv);

 private:
  struct Row {
    const Command* command = nullptr;
    CLI::App* app = nullptr;
    std::map<std::string, std::string> values;                 // of arguments and switches
    std::map<std::string, std::vector<std::string>> repeated;  // of repeatable ones
    std::map<std::string, bool> flags;
  };
  // The same options in front of the command and behind it.
  void AddCommon(CLI::App& app);
  CLI::App* ParentOf(std::string_view name);
  void AddCommand(const Command& command);

  // Where the command is added, and its name there.
  std::pair<CLI::App*, std::string> PlaceOf(const Command& command);

  const Row* ParsedRow() const;
  CLI::App* ParsedFamily() const;
  std::string Help() const;
  std::string Complaint() const;
  std::string CommandComplaint() const;
  std::string ReadWords(const Row& row, Arguments& arguments) const;
  std::string ReadCommon(Arguments& arguments) const;

  CLI::App app_{"Queries and controls mxward(8), the greylisting milter. See mxwardctl(8).",
                "mxwardctl"};
  std::deque<Row> rows_;
  std::map<std::string, CLI::App*, std::less<>> families_;
  std::string config_ = kDefaultConfigPath;
  std::string socket_;
  std::string format_ = "table";
  std::string color_ = "auto";
  bool no_header_ = false;
};

Parser::Parser() {
  app_.require_subcommand(1);
  app_.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app_.allow_extras();
  app_.set_help_flag("-h,--help", "show help; after a command, that command's");
  app_.set_version_flag("-V,--version", "mxwardctl " + std::string(kVersion), "show the version");
  AddCommon(app_);
  for (const Command& command : Commands()) AddCommand(command);
}

// A command that stands before it in the table, or a family, which is added before its first
// command, so that the help has the order of the table.
CLI::App* Parser::ParentOf(std::string_view name) {
  const auto command = std::find_if(rows_.begin(), rows_.end(),
                                    [&](const Row& row) { return row.command->name == name; });
  if (command != rows_.end()) return command->app;
  const auto known = families_.find(name);
  if (known != families_.end()) return known->second;
  const auto families = Families();
  const auto family = std::find_if(families.begin(), families.end(),
                                   [&](const Family& one) { return one.name == name; });
  CLI::App* app = app_.add_subcommand(std::string(family->name), std::string(family->summary));
  families_.emplace(family->name, app);
  app->group("Commands");
  app->require_subcommand(1);
  app->allow_extras();
  app->set_help_flag("-h,--help", "show help; after a command, that command's");
  AddCommon(*app);
  return app;
}

std::pair<CLI::App*, std::string> Parser::PlaceOf(const Command& command) {
  const std::size_t blank = command.name.find(' ');
  if (blank == std::string_view::npos) return {&app_, std::string(command.name)};
  return {ParentOf(command.name.substr(0, blank)), std::string(command.name.substr(blank + 1))};
}

void Parser::AddCommon(CLI::App& app) {
  const std::map<std::string_view, std::string*> values = {
      {"--config", &config_}, {"--socket", &socket_}, {"--format", &format_}, {"--color", &color_}};
  for (const Switch& one : CommonSwitches()) {
    const std::string name(one.name);
    const std::string help(one.help);
    CLI::Option* option =
        one.value.empty()
            ? app.add_flag(name, no_header_, help)
            : app.add_option(name, *values.at(one.name), help)->type_name(std::string(one.value));
    option->group("Options of all commands");
    if (one.name == "--config") option->default_str(kDefaultConfigPath);
  }
}

void Parser::AddCommand(const Command& command) {
  Row& row = rows_.emplace_back();
  row.command = &command;
  const auto [parent, word] = PlaceOf(command);
  row.app = parent->add_subcommand(word, std::string(command.summary));
  row.app->group("Commands");
  row.app->allow_extras();
  row.app->set_help_flag("-h,--help", "show this");
  for (const Argument& argument : command.arguments) {
    const std::string name(argument.name);
    const std::string help(argument.help);
    CLI::Option* option = argument.repeatable ? row.app->add_option(name, row.repeated[name], help)
                                              : row.app->add_option(name, row.values[name], help);
    option->required(argument.needed);
  }
  for (const Switch& one : command.switches) {
    const std::string name(one.name);
    const std::string help(one.help);
    if (one.value.empty()) {
      row.app->add_flag(name, row.flags[name], help);
    } else if (one.repeatable) {
      row.app->add_option(name, row.repeated[name], help)
          ->type_name(std::string(one.value))
          ->allow_extra_args(false);
    } else {
      row.app->add_option(name, row.values[name], help)->type_name(std::string(one.value));
    }
  }
  AddCommon(*row.app);
}

// The last one: "limits" is parsed, too, when "limits reset" is.
const Parser::Row* Parser::ParsedRow() const {
  const auto row =
      std::find_if(rows_.rbegin(), rows_.rend(), [](const Row& one) { return one.app->parsed(); });
  return row == rows_.rend() ? nullptr : &*row;
}

CLI::App* Parser::ParsedFamily() const {
  const auto family = std::find_if(families_.begin(), families_.end(),
                                   [](const auto& one) { return one.second->parsed(); });
  return family == families_.end() ? nullptr : family->second;
}

std::string Parser::Help() const {
  if (const Row* row = ParsedRow()) {
    const CLI::App* parent = row->app->get_parent();
    return row->app->help(parent == &app_ ? "mxwardctl" : "mxwardctl " + parent->get_name());
  }
  const CLI::App* family = ParsedFamily();
  return family == nullptr ? app_.help() : family->help("mxwardctl");
}

// Why there is no command.
std::string Parser::CommandComplaint() const {
  const CLI::App* family = ParsedFamily();
  const std::string prefix = family == nullptr ? "" : family->get_name() + " ";
  std::vector<std::string> names;
  for (const Command& command : Commands()) {
    if (command.name.starts_with(prefix)) names.emplace_back(command.name);
  }
  if (family == nullptr) {
    for (const auto& [name, app] : families_) names.push_back(name);
  }
  for (const std::string& word : (family == nullptr ? app_ : *family).remaining()) {
    if (word.starts_with('-')) {
      return "unknown option " + Quoted(word) + Offer(word, CommonNames());
    }
    return "unknown command " + Quoted(prefix + word) +
           Offer(prefix + word, {names.begin(), names.end()});
  }
  if (family == nullptr) return "a command is missing";
  std::string choice;
  for (const std::string& name : names) choice += (choice.empty() ? "" : ", ") + name;
  return "a command is missing: one of " + choice;
}

// Words that nothing took: CLI11 knows no near misses.
std::string Parser::Complaint() const {
  const Row* row = ParsedRow();
  if (row == nullptr) return CommandComplaint();
  std::vector<std::string> left = app_.remaining();
  for (const CLI::App* app : {static_cast<const CLI::App*>(row->app->get_parent()),
                              static_cast<const CLI::App*>(row->app)}) {
    if (app == &app_) continue;
    const std::vector<std::string> behind = app->remaining();
    left.insert(left.end(), behind.begin(), behind.end());
  }
  const std::string name(row->command->name);
  // What "limits" took does not count for "limits reset".
  for (const Row& other : rows_) {
    if (&other == row || !other.app->parsed()) continue;
    for (const auto& [word, value] : other.values) {
      if (other.app->count(word) == 0) continue;
      return name + ": unexpected " + Quoted(word.starts_with('-') ? word : value) + " before it";
    }
  }
  if (left.empty()) return "";
  if (!left.front().starts_with('-')) {
    const std::vector<std::string> below = CommandsBelow(name);
    return name + ": unexpected " + Quoted(left.front()) +
           Offer(left.front(), {below.begin(), below.end()});
  }
  std::vector<std::string_view> names = CommonNames();
  for (const Switch& one : row->command->switches) names.push_back(one.name);
  return name + ": unknown option " + Quoted(left.front()) + Offer(left.front(), names);
}

std::string Parser::ReadWords(const Row& row, Arguments& arguments) const {
  for (const auto& [name, value] : row.values) {
    if (row.app->count(name) == 0) continue;
    // An unset variable of a script must not read as "for ever", or "all".
    if (value.empty() && name != "--note") return name + " is empty";
    arguments.words.Add(name, value);
  }
  for (const auto& [name, values] : row.repeated) {
    for (const std::string& value : values) arguments.words.Add(name, value);
  }
  for (const auto& [name, set] : row.flags) {
    if (set) arguments.words.Add(name, "");
  }
  return "";
}

std::string Parser::ReadCommon(Arguments& arguments) const {
  const auto format = std::find(kFormats.begin(), kFormats.end(), format_);
  if (format == kFormats.end()) {
    return "--format: " + Quoted(format_) + " is not one of table, json, tsv" +
           Offer(format_, {kFormats.begin(), kFormats.end()});
  }
  const auto color = std::find(kColorModes.begin(), kColorModes.end(), color_);
  if (color == kColorModes.end()) {
    return "--color: " + Quoted(color_) + " is not one of auto, always, never" +
           Offer(color_, {kColorModes.begin(), kColorModes.end()});
  }
  arguments.format = static_cast<Format>(format - kFormats.begin());
  arguments.color = static_cast<ColorMode>(color - kColorModes.begin());
  arguments.header = !no_header_;
  arguments.files.config = config_;
  arguments.files.socket = socket_;
  const auto given = [](const CLI::App& app) { return app.count("--config") > 0; };
  arguments.files.config_given =
      given(app_) ||
      std::any_of(families_.begin(), families_.end(),
                  [&](const auto& family) { return given(*family.second); }) ||
      std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) { return given(*row.app); });
  return "";
}

Arguments Parser::Parse(int argc, const char* const* argv) {
  Arguments arguments;
  const auto refuse = [&](const std::string& why) {
    arguments.command = nullptr;
    arguments.status = kExitUsage;
    arguments.text = "mxwardctl: " + why + "\nTry \"mxwardctl --help\".\n";
  };
  try {
    app_.parse(argc, argv);
  } catch (const CLI::Success&) {
    // CallForHelp and CallForVersion: not errors.
    arguments.text = app_.count("--version") > 0 ? app_.version() + "\n" : Help();
    return arguments;
  } catch (const CLI::ParseError& error) {
    const std::string complaint = Complaint();
    refuse(complaint.empty() ? error.what() : complaint);
    return arguments;
  }
  std::string wrong = Complaint();
  const Row* row = ParsedRow();
  if (wrong.empty()) wrong = ReadWords(*row, arguments);
  if (wrong.empty()) wrong = ReadCommon(arguments);
  if (!wrong.empty()) {
    refuse(wrong);
    return arguments;
  }
  arguments.command = row->command;
  return arguments;
}

}  // namespace

Arguments ParseArguments(int argc, const char* const* argv) { return Parser().Parse(argc, argv); }

}  // namespace mxward::cli
