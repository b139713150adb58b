// SPDX-License-Identifier: Apache-2.0
#include "store/environment.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "store/mdb_error.h"
#include "store/page_walk.h"

namespace mxward::store {
namespace {

constexpr std::string_view kMagicKey = "program";
constexpr std::string_view kMagic = "mxward";
constexpr std::string_view kSchemaKey = "schema";
// Of 0.1.0. Its records are read as they are; it would not find what is written now.
constexpr std::string_view kOldSchema = "1";
constexpr std::string_view kHashKeyKey = "hash-key";
constexpr std::string_view kMadeRoomKey = "made-room";

// The file is lengthened by this much ahead of its pages (a hole, which takes no space): a commit
// that need not change the file's size is flushed in half the time (ext4: 6,000 instead of 2,800 a
// second).
constexpr std::uint64_t kExtension = 16ULL << 20;

// A database that is opened to be read is looked through when it is not larger than this.
constexpr std::uint64_t kLookThrough = 256ULL << 20;

constexpr Millis kCopyEvery{5000};

constexpr const char* kNotReady =
    "the database is being checked; it will be available within a minute";

// More than callbacks that can run at a time; only counts when lock.mdb is made.
constexpr unsigned kMaxReaders = 1024;

// Of map_size_max, kept back for work that makes room.
constexpr std::uint64_t kReserveShare = 16;
constexpr std::uint64_t kLeastReserve = 1 << 20;

Result<void> MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0750) == 0) return {};
  struct stat info;
  if (errno == EEXIST && stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return {};
    return Fail(ErrorCode::kInvalid, path + ": not a directory");
  }
  return Fail(ErrorCode::kIo, path + ": cannot make the directory: " + std::strerror(errno));
}

bool FileExists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

}  // namespace

Result<std::unique_ptr<Environment>> Environment::Prepare(Options options) {
  if (!options.read_only) {
    MXWARD_TRY(MakeDirectory(options.path));
  } else if (!FileExists(options.path + "/data.mdb")) {
    return Fail(ErrorCode::kNotFound, options.path + ": no database there yet");
  }
  const std::string lock_path = options.path + "/mxward.lock";
  MXWARD_TRY(auto lock, options.read_only ? FileLock::AcquireShared(lock_path)
                                          : FileLock::Acquire(lock_path, /*create=*/true));
  std::unique_ptr<Environment> environment(new Environment(std::move(options), std::move(lock)));
  environment->ChooseHashKey();
  return environment;
}

Result<std::unique_ptr<Environment>> Environment::Open(Options options) {
  auto environment = Prepare(std::move(options));
  if (!environment) return environment;
  MXWARD_TRY((*environment)->Begin());
  (*environment)->Admit();
  return environment;
}

// The database's own, the copy's, or a new one. Read by other threads without a lock, so chosen
// once.
void Environment::ChooseHashKey() {
  std::shared_ptr<const SavedCopy> saved;
  if (options_.keep_copy) {
    if (auto copy = SavedCopy::Read(options_.path)) {
      saved = std::make_shared<const SavedCopy>(*std::move(copy));
    }
  }
  *saved_.Lock() = saved;
  std::string bytes = ReadDescription(options_.path + "/data.mdb", kHashKeyKey);
  if (bytes.size() != hash_key_.size() && saved != nullptr) {
    bytes = saved->Get(Table::kMeta, kHashKeyKey).value_or("");
  }
  hash_key_known_ = bytes.size() == hash_key_.size() || options_.hash_key;
  if (options_.hash_key) {
    hash_key_ = *options_.hash_key;
  } else if (hash_key_known_) {
    std::memcpy(hash_key_.data(), bytes.data(), hash_key_.size());
  } else {
    hash_key_ = NewHashKey();
  }
}

Result<void> Environment::Begin() {
  gate_.LockExclusive();
  auto opened = OpenFiles();
  gate_.UnlockExclusive();
  return opened;
}

Result<void> Environment::Fill(const std::function<Result<void>(WriteTransaction&)>& work) {
  return WriteUpTo(options_.map_size_max, work);
}

void Environment::Admit() {
  ready_.store(true, std::memory_order_release);
  saved_.Lock()->reset();
  if (options_.keep_copy && !options_.read_only) copy_failed_.store(!SaveCopy());
}

Environment::~Environment() { CloseFiles(); }

// LMDB believes what the file says. Pages beyond the end of the file would be SIGBUS.
Result<void> Environment::CheckFile(const std::string& data) {
  const auto head = ReadHead(data);
  if (!head) {
    if (head.error().code != ErrorCode::kCorrupt) return Fail(head.error());
    return Fail(ErrorCode::kCorrupt, data + ": not a database of mxward (" + head.error().message +
                                         "); move it away or set store.path");
  }
  const bool is_short = head->file_bytes < head->used_bytes;
  if (!is_short && (!options_.read_only || head->used_bytes > kLookThrough)) return {};
  const WalkReport found = CheckPages(
      options_.path,
      [](Table /*table*/, std::string_view /*key*/, std::string_view /*value*/) { return true; });
  if (!found.damage.empty()) {
    return Fail(ErrorCode::kCorrupt, data + ": damaged (" + found.damage +
                                         "); mxward sets it aside when it starts, and recovers "
                                         "what can be read");
  }
  // What is missing are pages that nobody uses.
  if (is_short && !options_.read_only &&
      truncate(data.c_str(), static_cast<off_t>(head->used_bytes)) != 0) {
    return Fail(ErrorCode::kIo, data + ": cannot be extended: " + std::strerror(errno));
  }
  return {};
}

Result<void> Environment::OpenFiles() {
  const std::string data = options_.path + "/data.mdb";
  struct stat info;
  const bool fresh = stat(data.c_str(), &info) != 0 || info.st_size == 0;
  if (!fresh) {
    MXWARD_TRY(CheckFile(data));
  }
  int code = mdb_env_create(&env_);
  if (code != MDB_SUCCESS) return MdbFail(data, code);
  file_size_ = fresh ? 0 : static_cast<std::uint64_t>(info.st_size);
  // Where more than this is in use from an earlier run, LMDB maps as much as that. Not the length
  // of the file: it runs ahead of what is in use.
  if (code = mdb_env_set_mapsize(env_, options_.map_size); code == MDB_SUCCESS) {
    mdb_env_set_maxdbs(env_, kTableCount + 4);
    mdb_env_set_maxreaders(env_, kMaxReaders);
    const unsigned sync = options_.no_sync ? MDB_NOSYNC : MDB_NOMETASYNC;
    const unsigned flags = MDB_NOTLS | (options_.read_only ? MDB_RDONLY | MDB_NOLOCK : sync);
    code = mdb_env_open(env_, options_.path.c_str(), flags, 0640);
  }
  if (code != MDB_SUCCESS) {
    CloseFiles();
    if (code == MDB_INVALID || code == MDB_VERSION_MISMATCH) {
      return Fail(ErrorCode::kCorrupt, data + ": not a database of mxward (" + mdb_strerror(code) +
                                           "); move it away or set store.path");
    }
    return MdbFail(data, code);
  }
  int stale = 0;
  if (!options_.read_only) mdb_reader_check(env_, &stale);
  if (auto tables = OpenTables(fresh); !tables) {
    CloseFiles();
    return Fail(tables.error());
  }
  return {};
}

Result<void> Environment::OpenTables(bool fresh) {
  MDB_txn* txn = nullptr;
  int code = mdb_txn_begin(env_, nullptr, options_.read_only ? MDB_RDONLY : 0, &txn);
  if (code != MDB_SUCCESS) return MdbFail(options_.path, code);
  // A table that is not ours means a database that is not ours: look before anything is made in it.
  MDB_dbi meta = 0;
  code = mdb_dbi_open(txn, kTableNames[0], 0, &meta);
  bool foreign = code == MDB_INCOMPATIBLE;
  if (code == MDB_NOTFOUND && !fresh) {
    MDB_dbi main = 0;
    MDB_stat stat{};
    foreign = mdb_dbi_open(txn, nullptr, 0, &main) != MDB_SUCCESS ||
              mdb_stat(txn, main, &stat) != MDB_SUCCESS || stat.ms_entries != 0;
  }
  if (code == MDB_SUCCESS) {
    MDB_val key = {kMagicKey.size(), const_cast<char*>(kMagicKey.data())};
    MDB_val value;
    foreign = mdb_get(txn, meta, &key, &value) != MDB_SUCCESS ||
              std::string_view(static_cast<const char*>(value.mv_data), value.mv_size) != kMagic;
  }
  if (foreign) {
    mdb_txn_abort(txn);
    return Fail(ErrorCode::kCorrupt, options_.path +
                                         "/data.mdb: a database of another program; "
                                         "move it away or set store.path");
  }
  fresh = code == MDB_NOTFOUND;
  code = MDB_SUCCESS;
  for (int i = 0; i < kTableCount && code == MDB_SUCCESS; ++i) {
    const auto slot = static_cast<std::size_t>(i);
    code =
        mdb_dbi_open(txn, kTableNames[slot], options_.read_only ? 0 : MDB_CREATE, &tables_[slot]);
    // Of an older mxward, that did not have this table yet.
    if (code == MDB_NOTFOUND && options_.read_only) {
      tables_[slot] = kNoTable;
      code = MDB_SUCCESS;
    }
  }
  if (code != MDB_SUCCESS) {
    mdb_txn_abort(txn);
    return MdbFail(options_.path, code);
  }
  WriteTransaction view(txn, tables_.data());
  if (auto checked = [&]() -> Result<void> {
        if (fresh) {
          MXWARD_TRY(Describe(view));
        }
        const auto schema = view.Get(Table::kMeta, kSchemaKey);
        const auto key = view.Get(Table::kMeta, kHashKeyKey);
        if (!schema || !key || !*schema || !*key || (*key)->size() != hash_key_.size()) {
          return Fail(ErrorCode::kCorrupt, options_.path + "/data.mdb: its description is damaged");
        }
        const bool older = **schema == kOldSchema;
        if (older && !options_.read_only) {
          MXWARD_TRY(view.Put(Table::kMeta, kSchemaKey, std::to_string(kSchema)));
        }
        if (!older && **schema != std::to_string(kSchema)) {
          return Fail(ErrorCode::kInvalid, options_.path + "/data.mdb: format " +
                                               std::string(**schema) +
                                               " was written by a newer mxward; this one reads "
                                               "format " +
                                               std::to_string(kSchema));
        }
        if (options_.hash_key &&
            std::memcmp(options_.hash_key->data(), (*key)->data(), hash_key_.size()) != 0) {
          return Fail(ErrorCode::kInvalid,
                      options_.path +
                          "/data.mdb: it was made with another hash key than the one "
                          "in store.hash_key_file; see HASH KEYS in mxwardctl(8)");
        }
        if (std::memcmp(hash_key_.data(), (*key)->data(), hash_key_.size()) != 0) {
          return Fail(ErrorCode::kCorrupt, options_.path + "/data.mdb: its hash key is damaged");
        }
        return {};
      }();
      !checked) {
    return checked;
  }
  code = mdb_txn_commit(std::exchange(view.txn_, nullptr));
  if (code != MDB_SUCCESS) return MdbFail(options_.path, code);
  return {};
}

// What a new database begins with.
Result<void> Environment::Describe(WriteTransaction& view) {
  const std::string schema = std::to_string(kSchema);
  const std::string_view key_bytes(reinterpret_cast<const char*>(hash_key_.data()),
                                   hash_key_.size());
  MXWARD_TRY(view.Put(Table::kMeta, kMagicKey, kMagic));
  MXWARD_TRY(view.Put(Table::kMeta, kSchemaKey, schema));
  MXWARD_TRY(view.Put(Table::kMeta, kHashKeyKey, key_bytes));
  const auto saved = this->saved();
  // Under another key nobody would find the entries.
  if (saved == nullptr || saved->Get(Table::kMeta, kHashKeyKey) != key_bytes) return {};
  for (const auto& [place, value] : saved->records()) {
    const auto& [table, key] = place;
    if (table == Table::kMeta && (key == kMagicKey || key == kSchemaKey || key == kHashKeyKey)) {
      continue;
    }
    MXWARD_TRY(view.Put(table, key, value));
  }
  return {};
}

void Environment::CloseFiles() {
  auto idle = idle_readers_.Lock();
  for (MDB_txn* txn : *idle) mdb_txn_abort(txn);
  idle->clear();
  if (env_ != nullptr) mdb_env_close(std::exchange(env_, nullptr));
}

Result<ReadTransaction> Environment::Read() {
  if (!ready()) return Fail(ErrorCode::kUnavailable, kNotReady);
  gate_.LockShared();
  MDB_txn* txn = nullptr;
  {
    auto idle = idle_readers_.Lock();
    if (!idle->empty()) {
      txn = idle->back();
      idle->pop_back();
    }
  }
  int code = MDB_PANIC;
  if (txn != nullptr) {
    code = mdb_txn_renew(txn);
    if (code != MDB_SUCCESS) mdb_txn_abort(txn);
  } else if (env_ != nullptr) {
    code = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
  }
  if (code != MDB_SUCCESS) {
    gate_.UnlockShared();
    return MdbFail("reading the database", code);
  }
  return ReadTransaction(this, txn, tables_.data());
}

void Environment::GiveBack(MDB_txn* txn) {
  mdb_txn_reset(txn);
  idle_readers_.Lock()->push_back(txn);
  gate_.UnlockShared();
}

Result<void> Environment::Write(const std::function<Result<void>(WriteTransaction&)>& work,
                                bool makes_room) {
  if (!ready()) return Fail(ErrorCode::kUnavailable, kNotReady);
  const std::uint64_t limit = options_.map_size_max;
  auto done = WriteUpTo(limit, work);
  if (done || !makes_room || done.error().code != ErrorCode::kFull) return done;
  const std::uint64_t all = limit + std::max(limit / kReserveShare, kLeastReserve);
  done = WriteUpTo(all, work);
  if (done) {
    // LMDB gives freed pages out again in the commit after the next one, and in a full database
    // there might never be a next one.
    done = WriteUpTo(all, [](WriteTransaction& transaction) {
      return transaction.Put(Table::kMeta, kMadeRoomKey, "");
    });
  }
  // Back to the limit; what is in use by now stays mapped.
  if (env_ != nullptr) {
    if (auto resized = Resize(limit); !resized && done) return resized;
  }
  return done;
}

Result<void> Environment::WriteUpTo(std::uint64_t limit,
                                    const std::function<Result<void>(WriteTransaction&)>& work) {
  bool reopened = false;
  for (;;) {
    int cause = MDB_SUCCESS;
    auto done = TryWrite(work, &cause);
    if (done) return done;
    if (cause == MDB_PANIC && !reopened) {
      // A meta page could not be written. On disk stands the last good commit; LMDB only has to
      // forget the error, which it does on opening.
      reopened = true;
      MXWARD_TRY(Reopen());
      continue;
    }
    if (cause != MDB_MAP_FULL && done.error().code != ErrorCode::kFull) return done;
    MXWARD_TRY(Grow(limit));
  }
}

// Only a matter of speed: where it fails, LMDB lengthens the file itself.
void Environment::ExtendFile() {
  MDB_envinfo info;
  MDB_stat stat;
  mdb_env_info(env_, &info);
  mdb_env_stat(env_, &stat);
  const std::uint64_t end = (info.me_last_pgno + 1) * std::uint64_t{stat.ms_psize};
  if (end + kExtension / 2 <= file_size_) return;
  const std::uint64_t size =
      std::min<std::uint64_t>({end + kExtension, info.me_mapsize, options_.map_size_max});
  int fd = -1;
  if (size <= file_size_ || mdb_env_get_fd(env_, &fd) != MDB_SUCCESS) return;
  // Also when it failed: not again at every commit.
  file_size_ = size;
  if (ftruncate(fd, static_cast<off_t>(size)) != 0) errno = 0;
}

Result<void> Environment::TryWrite(const std::function<Result<void>(WriteTransaction&)>& work,
                                   int* cause) {
  if (env_ == nullptr) {
    MXWARD_TRY(Reopen());
  }
  MDB_txn* txn = nullptr;
  *cause = mdb_txn_begin(env_, nullptr, 0, &txn);
  if (*cause != MDB_SUCCESS) return MdbFail("writing the database", *cause);
  WriteTransaction transaction(txn, tables_.data());
  MXWARD_TRY(work(transaction));
  *cause = mdb_txn_commit(std::exchange(transaction.txn_, nullptr));
  if (*cause != MDB_SUCCESS) return MdbFail("committing to the database", *cause);
  copy_stale_ = copy_stale_ || transaction.changes_copy_;
  ExtendFile();
  return {};
}

Result<void> Environment::Grow(std::uint64_t limit) {
  MDB_envinfo info{};
  if (env_ != nullptr) mdb_env_info(env_, &info);
  const std::uint64_t size = std::min<std::uint64_t>(info.me_mapsize * 2, limit);
  if (size <= info.me_mapsize) {
    return Fail(ErrorCode::kFull, "the database has reached store.map_size_max");
  }
  return Resize(size);
}

Result<void> Environment::Resize(std::uint64_t size) {
  gate_.LockExclusive();
  const int code = mdb_env_set_mapsize(env_, size);
  // It has no map then, and LMDB would crash at the next look; the next write opens it again.
  if (code != MDB_SUCCESS) CloseFiles();
  gate_.UnlockExclusive();
  if (code != MDB_SUCCESS) return MdbFail("resizing the database's map", code);
  return {};
}

Result<void> Environment::Reopen() {
  gate_.LockExclusive();
  CloseFiles();
  auto opened = OpenFiles();
  gate_.UnlockExclusive();
  return opened;
}

Result<void> Environment::Sync() {
  if (!ready() || env_ == nullptr) return {};
  const int code = mdb_env_sync(env_, 1);
  if (code != MDB_SUCCESS) return MdbFail("flushing the database", code);
  if (!copy_stale_ || !options_.keep_copy) return {};
  auto saved = SaveCopy();
  copy_failed_.store(!saved);
  return saved;
}

void Environment::SaveCopyIfDue(MonoTime now) {
  if (!copy_stale_ || !options_.keep_copy) return;
  if (copy_stale_since_ == MonoTime::min()) copy_stale_since_ = now;
  if (now - copy_stale_since_ < kCopyEvery) return;
  copy_stale_since_ = now;
  copy_failed_.store(!SaveCopy());
}

Result<void> Environment::SaveCopy() {
  MXWARD_TRY(auto read, Read());
  auto saved = SavedCopy::Write(options_.path, [&](const SavedCopy::Put& put) -> Result<void> {
    Result<void> done;
    for (const Table table : {Table::kMeta, Table::kEntries}) {
      auto scanned = read.Scan(table, "", [&](std::string_view key, std::string_view value) {
        done = put(table, key, value);
        return done.has_value();
      });
      if (!scanned || !done) return scanned ? done : scanned;
    }
    return {};
  });
  if (saved) {
    copy_stale_ = false;
    copy_stale_since_ = MonoTime::min();
  }
  return saved;
}

Result<Environment::Usage> Environment::GetUsage() {
  MXWARD_TRY(auto read, Read());
  MDB_envinfo info;
  MDB_stat stat;
  mdb_env_info(env_, &info);
  mdb_env_stat(env_, &stat);
  // The freelist (database 0) holds lists of page numbers, each led by its length.
  std::uint64_t free_pages = 0;
  MDB_cursor* cursor = nullptr;
  if (mdb_cursor_open(read.txn_, 0, &cursor) == MDB_SUCCESS) {
    MDB_val key;
    MDB_val value;
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS) {
      std::size_t pages = 0;
      std::memcpy(&pages, value.mv_data, sizeof pages);
      free_pages += pages;
    }
    mdb_cursor_close(cursor);
  }
  const std::uint64_t page = stat.ms_psize;
  return Usage{(info.me_last_pgno + 1 - free_pages) * page, info.me_mapsize, options_.map_size_max};
}

}  // namespace mxward::store
