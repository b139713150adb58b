// SPDX-License-Identifier: Apache-2.0
// The only file that includes SQLite.
#include "cli/import/sqlite_source.h"

#include <sqlite3.h>

#include <utility>

namespace mxward::cli {
namespace {

constexpr int kPatience = 5000;  // milliseconds, for a greylister that is writing

std::string Between(char quote, std::string_view text) {
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == quote) quoted += quote;
    quoted += c;
  }
  return quoted + quote;
}

std::string_view TextIn(sqlite3_stmt* row, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

}  // namespace

bool SqliteSource::Begins(std::string_view bytes) {
  return bytes.starts_with(std::string_view("SQLite format 3\0", 16));
}

std::string SqliteSource::Trouble() const {
  return path_ + ": " + (database_ != nullptr ? sqlite3_errmsg(database_) : "out of memory");
}

SqliteSource::~SqliteSource() {
  sqlite3_finalize(rows_);
  sqlite3_close(database_);
}

Result<std::unique_ptr<SqliteSource>> SqliteSource::Open(const std::string& path) {
  std::unique_ptr<SqliteSource> source(new SqliteSource(path));
  if (sqlite3_open_v2(path.c_str(), &source->database_, SQLITE_OPEN_READONLY, nullptr) !=
      SQLITE_OK) {
    return Fail(ErrorCode::kIo, source->Trouble());
  }
  sqlite3_busy_timeout(source->database_, kPatience);
  // Of a file that somebody else made nothing is run.
  sqlite3_db_config(source->database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(source->database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  MXWARD_TRY(source->ListTables());
  return source;
}

Result<void> SqliteSource::ListTables() {
  sqlite3_stmt* list = nullptr;
  int code = sqlite3_prepare_v2(database_,
                                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT "
                                "LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
                                -1, &list, nullptr);
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(list);
    if (code == SQLITE_ROW) tables_.emplace_back(TextIn(list, 0));
  }
  sqlite3_finalize(list);
  if (code != SQLITE_DONE) return Fail(ErrorCode::kIo, Trouble());
  return {};
}

Result<bool> SqliteSource::NextTable() {
  sqlite3_finalize(std::exchange(rows_, nullptr));
  if (table_ >= tables_.size()) return false;
  const std::string name = Between('"', tables_[table_++]);
  const std::string query = "SELECT * FROM " + name;
  if (sqlite3_prepare_v2(database_, query.c_str(), -1, &rows_, nullptr) != SQLITE_OK) {
    return Fail(ErrorCode::kIo, Trouble());
  }
  head_ = "INSERT INTO " + name + " (";
  for (int column = 0; column < sqlite3_column_count(rows_); ++column) {
    const char* title = sqlite3_column_name(rows_, column);
    if (column > 0) head_ += ',';
    head_ += Between('"', title != nullptr ? title : "");
  }
  head_ += ") VALUES(";
  return true;
}

Result<bool> SqliteSource::Next(std::string* statement) {
  for (;;) {
    if (rows_ == nullptr) {
      MXWARD_TRY(const bool more, NextTable());
      if (!more) return false;
    }
    const int code = sqlite3_step(rows_);
    if (code == SQLITE_DONE) {
      sqlite3_finalize(std::exchange(rows_, nullptr));
      continue;
    }
    if (code != SQLITE_ROW) return Fail(ErrorCode::kIo, Trouble());
    *statement = head_;
    for (int column = 0; column < sqlite3_column_count(rows_); ++column) {
      if (column > 0) *statement += ',';
      switch (sqlite3_column_type(rows_, column)) {
        case SQLITE_NULL:
          *statement += "NULL";
          break;
        case SQLITE_INTEGER:
        case SQLITE_FLOAT:
          *statement += TextIn(rows_, column);
          break;
        default:
          *statement += Between('\'', TextIn(rows_, column));
      }
    }
    *statement += ");";
    return true;
  }
}

}  // namespace mxward::cli
