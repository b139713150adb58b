// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "outcomes/row.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward::outcomes {

// How many names a kind may have a day. What comes beyond is counted under the empty name.
std::size_t MostNames(Kind kind);

// Adds to the rows of the table, within an operation of the writer.
Result<void> AddRows(store::WriteTransaction& transaction, const Rows& rows);
Result<void> AddRows(store::WriteTransaction& transaction,
                     const std::vector<Rows::const_pointer>& rows);

// The rows of one day, in a short read of their own.
Result<Rows> ReadDay(store::Environment& environment, Day day);
// The first day of which there is anything.
Result<std::optional<Day>> FirstDay(store::Environment& environment);

// The keys of the rows that it is true for; and their removal.
Result<std::vector<std::string>> FindRows(store::Environment& environment,
                                          const std::function<bool(const Key& key)>& wanted);
store::Operation RemoveRows(std::vector<std::string> keys);

}  // namespace mxward::outcomes
