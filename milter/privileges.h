// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace mxward {

// Raises the soft limit of open files to the hard one: each connection of the MTA needs one.
void RaiseFileLimit();

// Makes a folder for sockets (mode 0755: their own modes say who may connect) when its parent
// exists and it does not. True when it was made.
Result<bool> MakeRunFolder(const std::string& path);

// As root with `user` configured: gives that user the store's folder and what is in it, and the
// files named in `own`, then becomes that user and `group` for good. Otherwise does nothing. Before
// the first thread: a thread keeps the identity it was started with.
Result<void> DropPrivileges(const Config& config, const std::vector<std::string>& own);

}  // namespace mxward
