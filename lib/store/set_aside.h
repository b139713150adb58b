// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace mxward::store {

// How many files that were put aside are kept: each may be as large as the database.
inline constexpr int kKeptAside = 3;

// Renames FOLDER/data.mdb to data.mdb.damaged-DATE (UTC), removes LMDB's lock file, and of older
// files that were put aside all but the newest, so that kKeptAside remain. Returns the new path.
// REQUIRES: the database's lock is held, and nobody has the file open to write to it.
Result<std::string> SetAside(const std::string& folder, WallTime now);

}  // namespace mxward::store
