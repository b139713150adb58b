// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/command.h"
#include "cli/output/output.h"

namespace mxward::cli {

enum class ColorMode : std::uint8_t { kAuto, kAlways, kNever };

// The command line, understood.
struct Arguments {
  const Command* command = nullptr;  // nothing to do when null: say `text`, end with `status`
  Words words;
  Format format = Format::kTable;
  ColorMode color = ColorMode::kAuto;
  bool header = true;
  Context::Files files;

  int status = 0;
  std::string text;  // --help, or what is wrong
};

// Never throws for anything a user can type. A slip in a command or option is answered with the
// nearest one.
Arguments ParseArguments(int argc, const char* const* argv);

}  // namespace mxward::cli
