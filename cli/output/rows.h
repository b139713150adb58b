// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/output/output.h"
#include "control/json.h"

namespace mxward::cli {

struct Cell {
  std::string text;  // printable already
  Color color = Color::kNone;
};

// A column of a table for people; what is in it may depend on the time.
struct Column {
  std::string_view title;
  std::function<Cell(const Json& item, WallTime now)> cell;
  bool right = false;  // for numbers
};

// What a listing shows in each format. JSON shows the items as they are.
struct Layout {
  std::vector<Column> table;
  std::vector<std::string_view> tsv;  // members of the items
};

// Prints rows as they come, in constant memory. A table's columns are as wide as the first rows
// need; a later cell that is wider pushes the rest of its row to the right and is never cut.
class Rows {
 public:
  Rows(Output& output, Layout layout, WallTime now)
      : output_(output), layout_(std::move(layout)), now_(now) {}

  void Add(const Json& item);
  // No more will come soon: shows what is held back for its width.
  void Flush();
  // After the last one. Without rows, a table has no header either.
  void End();

  std::size_t count() const { return count_; }

 private:
  static constexpr std::size_t kMeasured = 500;
  static constexpr std::size_t kMaxWidth = 60;

  void AddTableRow(const Json& item);
  void PrintTableRow(const std::vector<Cell>& row);
  void AddTsvRow(const Json& item);

  Output& output_;
  Layout layout_;
  WallTime now_;
  std::size_t count_ = 0;
  bool measured_ = false;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<Cell>> held_;
};

// Cells that many layouts want.
Cell TextCell(const Json& value);
// "3 min ago", "in 2 d"
Cell TimeCell(const Json& value, WallTime now);

// FormatTime() backwards; the epoch for anything else.
WallTime TimeOf(const Json& value);
std::string RelativeTime(WallTime time, WallTime now);

// What the answers of `replay` and `report` are written with: facts, and tables between them.

// "12.3", so many percent of all; "" of nothing.
std::string Share(std::int64_t part, std::int64_t all);
// Human-readable; seconds is a number.
std::string DurationText(const Json& seconds);

Column TextColumn(std::string_view title, std::string_view member);
Column NumberColumn(std::string_view title, std::string_view member);
Column DurationColumn(std::string_view title, std::string_view member);  // "-" for null

// An empty line and the table; nothing without items.
void WriteTable(Output& output, std::vector<Column> columns, const std::vector<Json>& items,
                WallTime now = {});

// Unless it is null.
void AddCount(Facts& facts, std::string name, const Json& count);
// Unless it is 0.
void AddUnlessZero(Facts& facts, std::string name, const Json& count);

}  // namespace mxward::cli
