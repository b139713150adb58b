// SPDX-License-Identifier: Apache-2.0
#include "store/transaction.h"

#include "store/environment.h"
#include "store/mdb_error.h"

namespace mxward::store {
namespace {

MDB_val ToVal(std::string_view bytes) {
  // LMDB takes keys and values to be read by a pointer to non-const.
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

std::string_view ToView(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

struct CursorCloser {
  void operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }
};

}  // namespace

Result<std::optional<std::string_view>> Transaction::Get(Table table, std::string_view key) const {
  if (tables_[static_cast<int>(table)] == kNoTable) return std::optional<std::string_view>();
  MDB_val mdb_key = ToVal(key);
  MDB_val value;
  const int code = mdb_get(txn_, tables_[static_cast<int>(table)], &mdb_key, &value);
  if (code == MDB_NOTFOUND) return std::optional<std::string_view>();
  if (code != MDB_SUCCESS) return MdbFail("reading the database", code);
  return std::optional(ToView(value));
}

Result<void> Transaction::Scan(Table table, std::string_view from, const Visitor& visitor) const {
  if (tables_[static_cast<int>(table)] == kNoTable) return {};
  MDB_cursor* raw = nullptr;
  int code = mdb_cursor_open(txn_, tables_[static_cast<int>(table)], &raw);
  if (code != MDB_SUCCESS) return MdbFail("reading the database", code);
  const std::unique_ptr<MDB_cursor, CursorCloser> cursor(raw);
  MDB_val key = ToVal(from);
  MDB_val value;
  code = mdb_cursor_get(raw, &key, &value, from.empty() ? MDB_FIRST : MDB_SET_RANGE);
  while (code == MDB_SUCCESS && visitor(ToView(key), ToView(value))) {
    code = mdb_cursor_get(raw, &key, &value, MDB_NEXT);
  }
  if (code != MDB_SUCCESS && code != MDB_NOTFOUND) return MdbFail("reading the database", code);
  return {};
}

Result<std::uint64_t> Transaction::Count(Table table) const {
  if (tables_[static_cast<int>(table)] == kNoTable) return std::uint64_t{0};
  MDB_stat stat;
  const int code = mdb_stat(txn_, tables_[static_cast<int>(table)], &stat);
  if (code != MDB_SUCCESS) return MdbFail("reading the database", code);
  return std::uint64_t{stat.ms_entries};
}

ReadTransaction::ReadTransaction(ReadTransaction&& other) noexcept
    : Transaction(std::move(other)), environment_(other.environment_) {}

ReadTransaction::~ReadTransaction() {
  if (txn_ != nullptr) environment_->GiveBack(txn_);
}

WriteTransaction::~WriteTransaction() {
  if (txn_ != nullptr) mdb_txn_abort(txn_);
}

Result<void> WriteTransaction::Put(Table table, std::string_view key, std::string_view value) {
  MDB_val mdb_key = ToVal(key);
  MDB_val mdb_value = ToVal(value);
  const int code = mdb_put(txn_, tables_[static_cast<int>(table)], &mdb_key, &mdb_value, 0);
  if (code != MDB_SUCCESS) return MdbFail("writing the database", code);
  Note(table);
  return {};
}

Result<bool> WriteTransaction::Delete(Table table, std::string_view key) {
  MDB_val mdb_key = ToVal(key);
  const int code = mdb_del(txn_, tables_[static_cast<int>(table)], &mdb_key, nullptr);
  if (code == MDB_NOTFOUND) return false;
  if (code != MDB_SUCCESS) return MdbFail("writing the database", code);
  Note(table);
  return true;
}

}  // namespace mxward::store
