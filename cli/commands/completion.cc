// SPDX-License-Identifier: Apache-2.0
#include "cli/completion/completion.h"

#include "cli/commands/commands.h"
#include "cli/exit_status.h"

namespace mxward::cli {

int RunCompletion(Context& context, const Words& words) {
  const std::string shell = words.Get("SHELL");
  Output& output = context.output();
  if (shell == "bash") {
    output.Write(completion::Bash());
  } else if (shell == "zsh") {
    output.Write(completion::Zsh());
  } else if (shell == "fish") {
    output.Write(completion::Fish());
  } else {
    return context.UsageError("SHELL: \"" + Printable(shell) + "\" is not one of bash, zsh, fish");
  }
  return kExitOk;
}

}  // namespace mxward::cli
