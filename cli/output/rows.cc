// SPDX-License-Identifier: Apache-2.0
#include "cli/output/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "base/units.h"

namespace mxward::cli {

void Rows::Add(const Json& item) {
  switch (output_.format()) {
    case Format::kTable:
      AddTableRow(item);
      break;
    case Format::kTsv:
      AddTsvRow(item);
      break;
    case Format::kJson:
      output_.Write((count_ == 0 ? "[\n" : ",\n") + item.Dump());
      break;
  }
  ++count_;
}

void Rows::Flush() {
  if (output_.format() == Format::kTable && !measured_ && !held_.empty()) {
    measured_ = true;
    const auto& columns = layout_.table;
    widths_.assign(columns.size(), 0);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      widths_[i] = output_.header() ? columns[i].title.size() : 0;
      for (const auto& row : held_) {
        widths_[i] = std::max(widths_[i], std::min(row[i].text.size(), kMaxWidth));
      }
    }
    if (output_.header()) {
      std::vector<Cell> titles;
      titles.reserve(columns.size());
      for (const Column& column : columns)
        titles.push_back({std::string(column.title), Color::kBold});
      PrintTableRow(titles);
    }
    for (const auto& row : std::exchange(held_, {})) PrintTableRow(row);
  }
  output_.Flush();
}

void Rows::End() {
  if (output_.format() == Format::kJson) output_.Line(count_ == 0 ? "[]" : "\n]");
  if (output_.format() == Format::kTsv && count_ == 0) AddTsvRow(Json());
  Flush();
}

void Rows::AddTableRow(const Json& item) {
  std::vector<Cell> row;
  for (const Column& column : layout_.table) row.push_back(column.cell(item, now_));
  if (measured_) {
    PrintTableRow(row);
    return;
  }
  held_.push_back(std::move(row));
  if (held_.size() >= kMeasured) Flush();
}

void Rows::PrintTableRow(const std::vector<Cell>& row) {
  std::string line;
  std::size_t missing = 0;  // what the cells so far have less than their width
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::size_t size = row[i].text.size();
    const std::size_t fill = widths_[i] > size ? widths_[i] - size : 0;
    const bool right = layout_.table[i].right;
    if (size > 0) {
      line.append(missing + (right ? fill : 0), ' ');
      line += output_.Paint(row[i].text, row[i].color);
      missing = right ? 0 : fill;
    } else {
      missing += fill;
    }
    missing += 2;
  }
  output_.Line(line);
}

void Rows::AddTsvRow(const Json& item) {
  std::string line;
  if (count_ == 0 && output_.header()) {
    for (const std::string_view name : layout_.tsv) {
      line += (line.empty() ? "" : "\t") + std::string(name);
    }
    line += '\n';
  }
  if (!item.is_null()) {
    for (const std::string_view name : layout_.tsv) {
      if (name != layout_.tsv.front()) line += '\t';
      line += FieldText(item[name]);
    }
    line += '\n';
  }
  output_.Write(line);
}

Cell TextCell(const Json& value) {
  std::string text = FieldText(value);
  if (value.is_null()) return {"-", Color::kDim};
  return {std::move(text)};
}

Cell TimeCell(const Json& value, WallTime now) {
  if (!value.is_text()) return {"-", Color::kDim};
  return {RelativeTime(TimeOf(value), now)};
}

WallTime TimeOf(const Json& value) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  const int fields = std::sscanf(value.text().c_str(), "%d-%u-%uT%d:%d:%dZ", &year, &month, &day,
                                 &hour, &minute, &second);
  if (fields != 6) return {};
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return {};
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         Seconds(second);
}

std::string RelativeTime(WallTime time, WallTime now) {
  if (time > now) return "in " + HumanDuration(time - now);
  return HumanDuration(now - time) + " ago";
}

std::string Share(std::int64_t part, std::int64_t all) {
  return all == 0
             ? ""
             : fmt::format("{:.1f}", 100.0 * static_cast<double>(part) / static_cast<double>(all));
}

std::string DurationText(const Json& seconds) { return HumanDuration(Seconds(seconds.integer())); }

Column TextColumn(std::string_view title, std::string_view member) {
  return {title, [member](const Json& item, WallTime) { return TextCell(item[member]); }};
}

Column NumberColumn(std::string_view title, std::string_view member) {
  return {title, [member](const Json& item, WallTime) { return TextCell(item[member]); },
          /*right=*/true};
}

Column DurationColumn(std::string_view title, std::string_view member) {
  return {title,
          [member](const Json& item, WallTime) {
            if (item[member].is_null()) return Cell{"-", Color::kDim};
            return Cell{DurationText(item[member])};
          },
          /*right=*/true};
}

void WriteTable(Output& output, std::vector<Column> columns, const std::vector<Json>& items,
                WallTime now) {
  if (items.empty()) return;
  output.Line("");
  Rows rows(output, {std::move(columns), {}}, now);
  for (const Json& item : items) rows.Add(item);
  rows.End();
}

void AddCount(Facts& facts, std::string name, const Json& count) {
  if (!count.is_null()) facts.emplace_back(std::move(name), std::to_string(count.integer()));
}

void AddUnlessZero(Facts& facts, std::string name, const Json& count) {
  if (count.integer() > 0) facts.emplace_back(std::move(name), std::to_string(count.integer()));
}

}  // namespace mxward::cli
