// SPDX-License-Identifier: Apache-2.0
#include "control/slice.h"

#include <charconv>
#include <utility>

#include "base/text.h"

namespace mxward::control {

std::string Cursor::ToString() const { return std::to_string(table) + "." + HexEncode(key); }

Result<Cursor> Cursor::Parse(std::string_view text, std::size_t tables) {
  Cursor cursor;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cursor.table);
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  const bool good = error == std::errc() && cursor.table < tables && rest.starts_with('.');
  auto key = good ? HexDecode(rest.substr(1)) : std::nullopt;
  if (!key) return Fail(ErrorCode::kInvalid, "after: not a cursor of an earlier answer");
  cursor.key = *std::move(key);
  return cursor;
}

Result<std::optional<Cursor>> WalkSlice(store::Environment& environment,
                                        const std::vector<store::Table>& tables, Cursor from,
                                        SliceBudget& budget, const SliceVisitor& visitor) {
  MXWARD_TRY(auto read, environment.Read());
  for (; from.table < tables.size(); from = {from.table + 1, ""}) {
    std::optional<std::string> next;
    MXWARD_TRY(
        read.Scan(tables[from.table], from.key, [&](std::string_view key, std::string_view value) {
          if (budget.Spent()) {
            next = key;
            return false;
          }
          --budget.records;
          visitor(from.table, key, value);
          return true;
        }));
    if (next) return std::optional(Cursor{from.table, *std::move(next)});
  }
  return std::optional<Cursor>();
}

Json CursorJson(const std::optional<Cursor>& cursor) {
  return cursor ? Json(cursor->ToString()) : Json();
}

}  // namespace mxward::control
