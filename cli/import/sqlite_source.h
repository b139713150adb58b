// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace mxward::cli {

// All rows of all tables of an SQLite database, each as the statement that sqlite3's .dump would
// write for it, with the names of the columns. Read only; the greylister that has it open is not
// disturbed. Not thread-safe.
class SqliteSource {
 public:
  // Whether a file begins so.
  static bool Begins(std::string_view bytes);
  static Result<std::unique_ptr<SqliteSource>> Open(const std::string& path);
  ~SqliteSource();
  SqliteSource(const SqliteSource&) = delete;
  SqliteSource& operator=(const SqliteSource&) = delete;

  // The next row; false after the last. Text of it may have line ends.
  Result<bool> Next(std::string* statement);
  // Names of the tables, for messages.
  const std::vector<std::string>& tables() const { return tables_; }

 private:
  explicit SqliteSource(std::string path) : path_(std::move(path)) {}
  std::string Trouble() const;
  Result<void> ListTables();
  // False when there is no table left.
  Result<bool> NextTable();

  std::string path_;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* rows_ = nullptr;
  std::vector<std::string> tables_;
  std::size_t table_ = 0;  // the next one
  std::string head_;       // INSERT INTO "t" ("a","b") VALUES
};

}  // namespace mxward::cli
