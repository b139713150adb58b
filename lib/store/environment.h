// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_lock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "base/siphash.h"
#include "store/gate.h"
#include "store/saved_copy.h"
#include "store/transaction.h"

struct MDB_env;

namespace mxward::store {

// The LMDB environment (lmdb.h) in one directory: data.mdb, lock.mdb and mxward.lock.
//
// Durability is MDB_NOMETASYNC: one flush a commit. A crash of the process loses nothing that was
// committed; a power failure may undo the last commits, never damages the rest. Never MDB_WRITEMAP
// (disk full would be SIGBUS), never MDB_NOSYNC but for a database to be thrown away.
//
// Thread-safe: any thread reads, one thread writes.
class Environment {
 public:
  struct Options {
    std::string path;  // directory; made with mode 0750 when missing
    std::uint64_t map_size = 1ULL << 30;
    std::uint64_t map_size_max = 8ULL << 30;  // growth ends here
    bool read_only = false;  // creates and changes nothing, not even LMDB's lock file
    bool no_sync = false;    // nothing is ever flushed: for what is deleted when the program ends
    // What a new database hashes with, instead of a key of its own. One that has another key is
    // kInvalid.
    std::optional<HashKey> hash_key = std::nullopt;
    // Keep a copy of what cannot be had again beside the database (saved_copy.h), and begin a new
    // database with it.
    bool keep_copy = false;
  };

  // Format of the records in all tables, as one number. A database with a higher one is refused.
  static constexpr std::uint32_t kSchema = 2;

  // kUnavailable: another process has it. kCorrupt: not a database of ours. kInvalid: written by a
  // newer mxward.
  // One that is only read is looked through before, unless it is large: kCorrupt when it is
  // damaged.
  static Result<std::unique_ptr<Environment>> Open(Options options);

  // The same in three steps, for who looks at the file in between or serves meanwhile. Prepared, it
  // has its lock and its hash key, and nobody can read or write (kUnavailable). Begin() opens the
  // file, or makes a new one; then only Fill() writes. Admit() lets everybody in. Begin() to
  // Admit() are one thread's.
  static Result<std::unique_ptr<Environment>> Prepare(Options options);
  Result<void> Begin();
  Result<void> Fill(const std::function<Result<void>(WriteTransaction&)>& work);
  void Admit();
  bool ready() const { return ready_.load(std::memory_order_acquire); }
  // Until it is ready: what the copy beside the database says; null when there is none.
  std::shared_ptr<const SavedCopy> saved() const { return *saved_.Lock(); }
  // The hash key is that of the records in the file: it was found there or in the copy, or given.
  bool hash_key_known() const { return hash_key_known_; }
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  Result<ReadTransaction> Read();

  // Runs `work` in a write transaction and commits it. Grows the map and runs it again when it was
  // full, so work may run several times and must do nothing else that counts. Reopens the
  // environment after an error that LMDB does not recover from. REQUIRES: one thread at a time.
  // `makes_room`: for work that expires or rewrites. It needs pages before it frees any, so in a
  // full database it may use a last part of the map that is kept back for it; or a full database
  // would stay full for ever.
  Result<void> Write(const std::function<Result<void>(WriteTransaction&)>& work,
                     bool makes_room = false);

  // Makes the last commit's meta page durable as well, and brings the copy beside the database up
  // to date.
  Result<void> Sync();
  // The same with the copy alone, where Sync() is long in coming. For the writing thread.
  void SaveCopyIfDue(MonoTime now);
  // Whether the last attempt failed.
  bool copy_failed() const { return copy_failed_.load(std::memory_order_relaxed); }

  // Made with the database, from the system's random source or as Options say.
  const HashKey& hash_key() const { return hash_key_; }
  const std::string& path() const { return options_.path; }

  struct Usage {
    std::uint64_t used_bytes;   // pages in use
    std::uint64_t map_bytes;    // now
    std::uint64_t limit_bytes;  // map_size_max
  };
  Result<Usage> GetUsage();

 private:
  friend class ReadTransaction;
  explicit Environment(Options options, FileLock lock)
      : options_(std::move(options)), lock_(std::move(lock)) {}

  void ChooseHashKey();
  Result<void> CheckFile(const std::string& data);
  Result<void> OpenFiles();
  Result<void> OpenTables(bool fresh);
  Result<void> Describe(WriteTransaction& view);
  Result<void> SaveCopy();
  void CloseFiles();
  Result<void> WriteUpTo(std::uint64_t limit,
                         const std::function<Result<void>(WriteTransaction&)>& work);
  Result<void> Grow(std::uint64_t limit);
  Result<void> Resize(std::uint64_t size);
  void ExtendFile();
  Result<void> Reopen();
  Result<void> TryWrite(const std::function<Result<void>(WriteTransaction&)>& work, int* cause);
  void GiveBack(MDB_txn* txn);

  Options options_;
  std::optional<FileLock> lock_;
  HashKey hash_key_{};
  bool hash_key_known_ = false;
  std::atomic<bool> ready_{false};
  mutable Guarded<std::shared_ptr<const SavedCopy>> saved_;
  std::atomic<bool> copy_failed_{false};
  // Only the writing thread's.
  bool copy_stale_ = false;
  MonoTime copy_stale_since_ = MonoTime::min();
  Gate gate_;
  // Below: changed only by the one writing thread while it is alone in the gate.
  MDB_env* env_ = nullptr;
  std::array<unsigned, kTableCount> tables_{};
  std::uint64_t file_size_ = 0;
  // Reset read transactions, ready to be renewed.
  Guarded<std::vector<MDB_txn*>> idle_readers_;
};

}  // namespace mxward::store
