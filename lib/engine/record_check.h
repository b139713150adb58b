// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/clock.h"
#include "store/transaction.h"

namespace mxward {

// Whether this mxward can read a record: what a check of the database asks about each. Pure.
bool CanDecode(store::Table table, std::string_view key, std::string_view value);

// Of two records under one key, one in the database and one from elsewhere, whether the other one
// counts: of allow and block entries the later, of all else the one that is there. Pure.
bool Replaces(store::Table table, std::string_view key, std::string_view stored,
              std::string_view other);

}  // namespace mxward
