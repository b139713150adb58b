// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/json.h"
#include "store/environment.h"

namespace mxward::control {

// Long listings go in slices: one request reads a bounded number of records in one short
// transaction and answers a cursor for the next.

// What one request may still cost.
struct SliceBudget {
  std::size_t records = 5000;     // read
  std::size_t bytes = 512 << 10;  // of the answer, roughly
  std::size_t items = 5000;       // found

  bool Spent() const { return records == 0 || bytes == 0 || items == 0; }
  // An item goes into the answer.
  void Take(std::size_t item_bytes) {
    items -= items > 0 ? 1 : 0;
    bytes -= bytes > item_bytes ? item_bytes : bytes;
  }
};

// A place in a walk through several tables: which table of the walk, and the key to go on from.
struct Cursor {
  std::size_t table = 0;
  std::string key;

  // "1.0f3a"; nothing else is read back.
  std::string ToString() const;
  static Result<Cursor> Parse(std::string_view text, std::size_t tables);
};

// Called with the table's place in the walk and a record. May lower the budget; must not write.
using SliceVisitor =
    std::function<void(std::size_t table, std::string_view key, std::string_view value)>;

// Goes on through the tables from the cursor until they end or the budget is spent. Returns where
// to go on, nothing at the end.
Result<std::optional<Cursor>> WalkSlice(store::Environment& environment,
                                        const std::vector<store::Table>& tables, Cursor from,
                                        SliceBudget& budget, const SliceVisitor& visitor);

// The cursor for "next".
Json CursorJson(const std::optional<Cursor>& cursor);

}  // namespace mxward::control
