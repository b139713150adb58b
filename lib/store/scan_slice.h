// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "store/environment.h"

namespace mxward::store {

// One slice of a walk through a table, in a read transaction of its own, which is over when it
// returns: visits at most `records` records with key >= from, in the order of their keys. The
// visitor returns false when it has enough: the record that it was shown is the slice's last.
// Returns the key to go on from, nothing at the end of the table.
Result<std::optional<std::string>> ScanSlice(Environment& environment, Table table,
                                             std::string_view from, std::size_t records,
                                             const Transaction::Visitor& visitor);

}  // namespace mxward::store
