// SPDX-License-Identifier: Apache-2.0
#include "cli/import/sql_dump.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mxward::cli {
namespace {

// A look ahead over the text of one statement.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  void Blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
  bool AtEnd() {
    Blanks();
    return rest_.empty();
  }
  std::string_view rest() const { return rest_; }
  bool Take(char c) {
    Blanks();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // A whole one.
  bool TakeWord(std::string_view word) {
    Blanks();
    if (!EqualsNoCase(rest_.substr(0, word.size()), word)) return false;
    const std::string_view after = rest_.substr(word.size());
    if (!after.empty() && after.find_first_of(" \t\r\n(;") != 0) return false;
    rest_ = after;
    return true;
  }
  // INSERT INTO, REPLACE INTO, with what databases allow between.
  bool TakeInsertInto() {
    if (!TakeWord("INSERT") && !TakeWord("REPLACE")) return false;
    if (TakeWord("OR")) TakeName();  // of SQLite: OR REPLACE, OR IGNORE
    while (TakeWord("IGNORE") || TakeWord("DELAYED") || TakeWord("LOW_PRIORITY") ||
           TakeWord("HIGH_PRIORITY")) {
    }
    return TakeWord("INTO");
  }
  // t, "t", `t`, [t], public.t: the last part, without quotes.
  std::string TakeName() {
    std::string name;
    do {
      Blanks();
      const char quote = rest_.empty() ? '\0' : rest_.front();
      if (quote == '"' || quote == '`' || quote == '[') {
        rest_.remove_prefix(1);
        const std::size_t end = std::min(rest_.find(quote == '[' ? ']' : quote), rest_.size());
        name = rest_.substr(0, end);
        rest_.remove_prefix(std::min(rest_.size(), end + 1));
      } else {
        const std::size_t end = std::min(rest_.find_first_of(" \t\r\n(),.;"), rest_.size());
        name = ToLower(rest_.substr(0, end));
        rest_.remove_prefix(end);
      }
    } while (Take('.'));
    return name;
  }
  // (a, b); nothing when there is no such list.
  std::vector<std::string> TakeNames() {
    std::vector<std::string> names;
    if (!Take('(')) return names;
    do {
      names.push_back(TakeName());
    } while (Take(','));
    if (!Take(')')) names.clear();
    return names;
  }

  // kMore: the text ends within it, kMoreText: between its quotes.
  enum class Value { kText, kNull, kNone, kMore, kMoreText };
  // 'text', a number, NULL. `escapes`: a backslash escapes the next byte, as in MySQL.
  Value TakeValue(bool escapes, std::string* out) {
    out->clear();
    Blanks();
    if (!rest_.empty() && rest_.front() == '\'') return TakeText(escapes, out);
    const std::size_t end = rest_.find_first_of(",)");
    if (end == std::string_view::npos) return Value::kMore;
    const std::string_view word = Trim(rest_.substr(0, end));
    rest_.remove_prefix(end);
    if (EqualsNoCase(word, "null")) return Value::kNull;
    *out = word;
    return word.empty() || word.find_first_of("('\"") != std::string_view::npos ? Value::kNone
                                                                                : Value::kText;
  }

 private:
  Value TakeText(bool escapes, std::string* out) {
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '\'') {
        if (rest_.empty() || rest_.front() != '\'') return Value::kText;
        rest_.remove_prefix(1);
      } else if (c == '\\' && escapes && !rest_.empty()) {
        *out += Unescaped(rest_.front());
        rest_.remove_prefix(1);
        continue;
      }
      *out += c;
    }
    return Value::kMoreText;
  }

  static char Unescaped(char c) {
    switch (c) {
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case '0':
        return '\0';
      case 'Z':
        return '\x1a';
      default:
        return c;
    }
  }

  std::string_view rest_;
};

enum class RowEnd { kRow, kBad, kMore, kMoreText };

// (1, 'a'), as far as the text goes. Why it is bad is in *why.
RowEnd TakeRow(Scanner& scanner, const std::vector<std::string>& columns, bool escapes,
               SqlDump::Row* row, std::string* why) {
  if (scanner.AtEnd()) return RowEnd::kMore;
  *why = "a truncated INSERT";
  if (!scanner.Take('(')) return RowEnd::kBad;
  std::size_t count = 0;
  do {
    std::string value;
    switch (scanner.TakeValue(escapes, &value)) {
      case Scanner::Value::kText:
        if (count < columns.size()) row->emplace(columns[count], std::move(value));
        break;
      case Scanner::Value::kNull:
        break;
      case Scanner::Value::kNone:
        *why = "a value that cannot be parsed";
        return RowEnd::kBad;
      case Scanner::Value::kMore:
        return RowEnd::kMore;
      case Scanner::Value::kMoreText:
        return RowEnd::kMoreText;
    }
    ++count;
  } while (scanner.Take(','));
  if (!scanner.Take(')')) return scanner.AtEnd() ? RowEnd::kMore : RowEnd::kBad;
  if (count == columns.size()) return RowEnd::kRow;
  *why = "a row of " + std::to_string(count) + " values, and " + std::to_string(columns.size()) +
         " columns";
  return RowEnd::kBad;
}

std::vector<std::string> SplitTabs(std::string_view line) {
  std::vector<std::string> cells;
  for (;;) {
    const std::size_t tab = line.find('\t');
    cells.emplace_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return cells;
    line.remove_prefix(tab + 1);
  }
}

bool StartsWithWord(std::string_view line, std::string_view word) {
  return EqualsNoCase(line.substr(0, word.size()), word) &&
         (line.size() == word.size() || line[word.size()] == ' ');
}

bool LooksLikeSql(std::string_view line) {
  for (const std::string_view word : {"INSERT", "REPLACE", "COPY", "CREATE", "PRAGMA", "BEGIN",
                                      "SET", "LOCK", "DROP", "COMMIT", "ALTER"}) {
    if (StartsWithWord(line, word)) return true;
  }
  return line.starts_with("--") || line.starts_with("/*");
}

}  // namespace

const std::string* SqlDump::TableOf(std::string_view name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : &found->first;
}

const std::string* SqlDump::TableOf(const std::vector<std::string>& columns) const {
  for (const auto& [name, own] : tables_) {
    // One name alone is that of several.
    if (own.size() > 1 &&
        std::is_permutation(own.begin(), own.end(), columns.begin(), columns.end()))
      return &name;
  }
  return nullptr;
}

bool SqlDump::Recognises(std::string_view line) const {
  if (line.ends_with('\r')) line.remove_suffix(1);
  Scanner scanner(line);
  if ((scanner.TakeInsertInto() || scanner.TakeWord("COPY") || scanner.TakeWord("CREATE TABLE")) &&
      TableOf(scanner.TakeName()) != nullptr) {
    return true;
  }
  return TableOf(SplitTabs(line)) != nullptr;
}

void SqlDump::Read(std::string_view line, const Found& found, const Bad& bad) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (in_copy_) {
    if (line == "\\.") {
      in_copy_ = in_rows_ = false;
    } else if (table_ != nullptr) {
      ReadTabs(line, found, bad);
    }
    return;
  }
  if (insert_ && ContinueInsert(line, found, bad)) return;
  Scanner scanner(line);
  if (scanner.TakeInsertInto()) {
    is_sql_ = true;
    in_rows_ = false;
    BeginInsert(scanner.rest(), found, bad);
    return;
  }
  if (scanner.TakeWord("COPY")) {
    BeginCopy(scanner.rest());
    return;
  }
  if (Trim(line).empty()) return;
  auto cells = SplitTabs(line);
  if (const std::string* table = TableOf(cells)) {
    in_rows_ = true;
    table_ = table;
    columns_ = std::move(cells);
  } else if (in_rows_ && cells.size() == 1 && line.front() == '(' && line.ends_with(')')) {
    in_rows_ = false;  // psql: "(3 rows)"
  } else if (in_rows_) {
    ReadTabs(line, found, bad);
  } else if (is_sql_ || LooksLikeSql(line)) {
    is_sql_ = true;
    // "/*!40101 SET ..." and "/*M!999999 ...".
    if (line.starts_with("/*!") || line.starts_with("/*M!")) is_mysql_ = true;
  } else {
    bad("no line with the names of the columns before it");
  }
}

void SqlDump::BeginInsert(std::string_view rest, const Found& found, const Bad& bad) {
  const std::string* table = TableOf(Scanner(rest).TakeName());
  if (table == nullptr) return;
  insert_.emplace();
  insert_->table = table;
  // mysqldump quotes names with backticks, and only MySQL has escapes in its strings.
  insert_->escapes = is_mysql_ || Trim(rest).starts_with('`');
  insert_->rest = rest;
  ReadStatement(found, bad);
}

bool SqlDump::ContinueInsert(std::string_view line, const Found& found, const Bad& bad) {
  if (!insert_->in_text) {
    Scanner scanner(line);
    if (scanner.TakeInsertInto() || scanner.TakeWord("COPY")) {
      bad("an INSERT before this line is truncated");
      insert_.reset();
      return false;
    }
  }
  insert_->rest += '\n';
  insert_->rest += line;
  ReadStatement(found, bad);
  return true;
}

// t [(a, b)] VALUES. False when it is not there to its end, or is something else.
bool SqlDump::ReadHead(const Bad& bad) {
  Scanner scanner(insert_->rest);
  scanner.TakeName();
  std::vector<std::string> columns = scanner.TakeNames();
  if (scanner.AtEnd() && insert_->rest.size() <= kMaxRow) return false;
  if (!scanner.TakeWord("VALUES")) {
    bad("an INSERT without VALUES");
    insert_.reset();
    return false;
  }
  insert_->columns = columns.empty() ? tables_.find(*insert_->table)->second : std::move(columns);
  insert_->rest = std::string(scanner.rest());
  insert_->wants = OpenInsert::Wants::kRow;
  return true;
}

// As many rows as there are. One that is bad takes the rest of its line with it: where each row has
// a line of its own, the others are read.
void SqlDump::ReadStatement(const Found& found, const Bad& bad) {
  if (insert_->wants == OpenInsert::Wants::kHead && !ReadHead(bad)) return;
  const std::string text = std::exchange(insert_->rest, {});
  Scanner scanner(text);
  for (;;) {
    if (insert_->wants == OpenInsert::Wants::kNextOrEnd) {
      if (scanner.AtEnd()) return;
      if (!scanner.Take(',')) break;  // ";", or "ON CONFLICT DO NOTHING;"
      insert_->wants = OpenInsert::Wants::kRow;
    }
    const std::string_view begin = scanner.rest();
    Row row;
    std::string why;
    const RowEnd end = TakeRow(scanner, insert_->columns, insert_->escapes, &row, &why);
    if (end == RowEnd::kRow) {
      found(*insert_->table, row);
      insert_->wants = OpenInsert::Wants::kNextOrEnd;
    } else if (end != RowEnd::kBad && begin.size() <= kMaxRow) {
      insert_->in_text = end == RowEnd::kMoreText;
      insert_->rest = begin;
      return;
    } else {
      bad(end == RowEnd::kBad ? why : "a row that does not end");
      if (begin.ends_with(',')) return;
      break;
    }
  }
  insert_.reset();
}

void SqlDump::BeginCopy(std::string_view rest) {
  Scanner scanner(rest);
  is_sql_ = true;
  table_ = TableOf(scanner.TakeName());
  columns_ = scanner.TakeNames();
  if (columns_.empty() && table_ != nullptr) columns_ = tables_.find(*table_)->second;
  in_copy_ = in_rows_ = scanner.TakeWord("FROM") && scanner.TakeWord("stdin");
}

void SqlDump::ReadTabs(std::string_view line, const Found& found, const Bad& bad) const {
  auto cells = SplitTabs(line);
  if (cells.size() != columns_.size()) {
    bad("a row of " + std::to_string(cells.size()) + " cells, and " +
        std::to_string(columns_.size()) + " columns");
    return;
  }
  Row row;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i] != "\\N") row.emplace(columns_[i], std::move(cells[i]));
  }
  found(*table_, row);
}

}  // namespace mxward::cli
