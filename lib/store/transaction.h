// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "base/result.h"

struct MDB_txn;

namespace mxward::store {

class Environment;

// The tables of the database. NOTE: the names they have on disk (kTableNames, in the same order)
// are part of the persistent format, and so are the values (record_stream.h).
enum class Table : std::uint8_t {
  kMeta,
  kTuples,
  kEarned,
  kEntries,
  kClients,
  kLimits,
  kOutcomes,
  kFolded
};
inline constexpr int kTableCount = 8;
inline constexpr std::array<const char*, kTableCount> kTableNames = {
    "meta", "tuples", "earned", "entries", "clients", "limits", "outcomes", "folded"};
// In the place of a table that a database which is only read does not have: it is empty.
inline constexpr unsigned kNoTable = ~0U;

// A consistent view of the database. Belongs to the thread that began it and is kept short: a long
// one keeps freed pages from being used again, and the map from growing.
class Transaction {
 public:
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Nothing when there is no such key. The bytes stay valid until the end of the transaction, in a
  // write transaction only until the next change.
  Result<std::optional<std::string_view>> Get(Table table, std::string_view key) const;

  // Visits the records with key >= from, in byte order of their keys, until the visitor returns
  // false. The visitor must not change the table.
  using Visitor = std::function<bool(std::string_view key, std::string_view value)>;
  Result<void> Scan(Table table, std::string_view from, const Visitor& visitor) const;

  Result<std::uint64_t> Count(Table table) const;

 protected:
  Transaction(MDB_txn* txn, const unsigned* tables) : txn_(txn), tables_(tables) {}
  ~Transaction() = default;
  Transaction(Transaction&& other) noexcept
      : txn_(std::exchange(other.txn_, nullptr)), tables_(other.tables_) {}

  MDB_txn* txn_;
  const unsigned* tables_;  // by Table
};

// From Environment::Read(). Holds the environment's gate: map growth waits for it.
class ReadTransaction : public Transaction {
 public:
  ReadTransaction(ReadTransaction&& other) noexcept;
  ~ReadTransaction();

 private:
  friend class Environment;
  ReadTransaction(Environment* environment, MDB_txn* txn, const unsigned* tables)
      : Transaction(txn, tables), environment_(environment) {}
  Environment* environment_;
};

// Only the writer begins one; operations get it as an argument.
class WriteTransaction : public Transaction {
 public:
  ~WriteTransaction();  // aborts unless committed

  // key: at most 511 bytes (LMDB's limit), not empty.
  Result<void> Put(Table table, std::string_view key, std::string_view value);
  // True when there was one.
  Result<bool> Delete(Table table, std::string_view key);

  // How many of both so far. Each may take a page of memory until the commit.
  std::size_t changes() const { return changes_; }

 private:
  friend class Environment;
  WriteTransaction(MDB_txn* txn, const unsigned* tables) : Transaction(txn, tables) {}
  void Note(Table table) {
    ++changes_;
    changes_copy_ = changes_copy_ || table == Table::kEntries || table == Table::kMeta;
  }
  std::size_t changes_ = 0;
  bool changes_copy_ = false;  // something that the copy beside the database has, too
};

}  // namespace mxward::store
