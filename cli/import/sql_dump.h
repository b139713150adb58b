// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mxward::cli {

// An INSERT whose end has not been read.
struct OpenInsert {
  const std::string* table = nullptr;
  std::vector<std::string> columns;
  bool escapes = false;  // a backslash escapes the next byte of a text, as in MySQL
  enum class Wants : std::uint8_t { kHead, kRow, kNextOrEnd } wants = Wants::kHead;
  bool in_text = false;  // the last line ended within quotes
  std::string rest;      // what has been read of it and not been used
};

// Rows of tables, from what sqlite3's .dump, mysqldump, mariadb-dump and pg_dump write, and from
// what clients print: a line of column names, then rows, with tabs between. A line at a time; takes
// any bytes, remembers at most a row of kMaxRow bytes, and knows just enough of SQL:
//
//   INSERT INTO t [(a, b)] VALUES (...),(...);   over any lines; also REPLACE, INSERT IGNORE
//   COPY t (a, b) FROM stdin;                    then rows, to \.
//
// All other SQL is passed over.
class SqlDump {
 public:
  // Which tables matter, by name, with the columns they have where the text does not name them.
  using Tables = std::map<std::string, std::vector<std::string>, std::less<>>;
  explicit SqlDump(Tables tables) : tables_(std::move(tables)) {}
  static constexpr std::size_t kMaxRow = 16 << 10;

  using Row = std::map<std::string, std::string, std::less<>>;  // by column; NULL is left out
  // table: of a row below a line of column names the first one that has just these.
  using Found = std::function<void(const std::string& table, const Row& row)>;
  using Bad = std::function<void(std::string why)>;
  void Read(std::string_view line, const Found& found, const Bad& bad);
  // After the last line: whether it was in the middle of a statement or of rows.
  bool IsCutOff() const { return insert_.has_value() || in_copy_; }

  // Whether a line can only be of such a text about these tables.
  bool Recognises(std::string_view line) const;

 private:
  const std::string* TableOf(std::string_view name) const;
  const std::string* TableOf(const std::vector<std::string>& columns) const;
  void BeginInsert(std::string_view rest, const Found& found, const Bad& bad);
  // False when the line does not belong to the statement, which it thus ends.
  bool ContinueInsert(std::string_view line, const Found& found, const Bad& bad);
  void ReadStatement(const Found& found, const Bad& bad);
  bool ReadHead(const Bad& bad);
  void ReadTabs(std::string_view line, const Found& found, const Bad& bad) const;
  void BeginCopy(std::string_view rest);

  Tables tables_;
  bool is_sql_ = false;
  bool is_mysql_ = false;
  std::optional<OpenInsert> insert_;
  // Rows with tabs between are of this table, null: of one that does not matter.
  bool in_rows_ = false;
  bool in_copy_ = false;
  const std::string* table_ = nullptr;
  std::vector<std::string> columns_;
};

}  // namespace mxward::cli
