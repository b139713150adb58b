// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mxward::cli::completion {

// Scripts for a shell to source, each written from the command table: commands and their second
// words, options, and the words that can follow. zsh and fish show the help texts beside them.
// Nothing is asked of the daemon: what has to be completed is on the command line alone.
std::string Bash();  // bash 4 or later; needs no bash-completion
std::string Zsh();   // a file "_mxwardctl" of $fpath
std::string Fish();

}  // namespace mxward::cli::completion
