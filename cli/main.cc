// SPDX-License-Identifier: Apache-2.0
//
// mxwardctl(8).
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

#include "cli/arguments.h"
#include "cli/exit_status.h"

namespace mxward::cli {
namespace {

std::string_view Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// https://no-color.org and https://bixense.com/clicolors
bool UseColor(ColorMode mode) {
  switch (mode) {
    case ColorMode::kAlways:
      return true;
    case ColorMode::kNever:
      return false;
    case ColorMode::kAuto:
      break;
  }
  if (!Variable("NO_COLOR").empty()) return false;
  const std::string_view force = Variable("CLICOLOR_FORCE");
  if (!force.empty() && force != "0") return true;
  return isatty(STDOUT_FILENO) == 1 && Variable("TERM") != "dumb" && Variable("CLICOLOR") != "0";
}

int Main(int argc, const char* const* argv) {
  const Arguments arguments = ParseArguments(argc, argv);
  if (arguments.command == nullptr) {
    (arguments.status == kExitOk ? std::cout : std::cerr) << arguments.text << std::flush;
    return arguments.status;
  }
  const RealClock clock;
  Output output(std::cout, std::cerr,
                {arguments.format, UseColor(arguments.color), arguments.header});
  Context context(output, clock, arguments.files);
  const int status = arguments.command->run(context, arguments.words);
  output.Flush();
  if (output.Good()) return status;
  output.Say("the output could not be written");
  return kExitTrouble;
}

}  // namespace
}  // namespace mxward::cli

int main(int argc, char** argv) {
  try {
    return mxward::cli::Main(argc, argv);
  } catch (const std::exception& exception) {
    std::cerr << "mxwardctl: " << exception.what() << std::endl;
    return mxward::cli::kExitTrouble;
  }
}
