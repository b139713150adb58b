// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "catch.h"
#include "tests/fake/bad_disk.h"
#include "tests/fake/test_store.h"

namespace {

using mxward::Disk;
using mxward::g_disk;

constexpr off_t kMetaPages = 2 * 4096;

template <class Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// What LMDB writes through, instead of the C library's.

extern "C" {

__attribute__((visibility("default"))) ssize_t pwrite(int fd, const void* data, size_t size,
                                                      off_t offset) {
  static const auto real = Next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  const Disk disk = g_disk;
  if (offset < kMetaPages ? disk == Disk::kNoMeta : disk == Disk::kNoData) {
    errno = EIO;
    return -1;
  }
  return real(fd, data, size, offset);
}

__attribute__((visibility("default"))) ssize_t writev(int fd, const iovec* data, int count) {
  static const auto real = Next<ssize_t (*)(int, const iovec*, int)>("writev");
  if (g_disk == Disk::kNoData) {
    errno = EIO;
    return -1;
  }
  return real(fd, data, count);
}

__attribute__((visibility("default"))) int fdatasync(int fd) {
  static const auto real = Next<int (*)(int)>("fdatasync");
  if (g_disk == Disk::kNoFlush) {
    errno = EIO;
    return -1;
  }
  return real(fd);
}

}  // extern "C"

namespace mxward::store {
namespace {

// A file system on which no file can grow beyond so many bytes.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    old_handler_ = signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit{bytes, old_limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &old_limit_);
    signal(SIGXFSZ, old_handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit old_limit_{};
  void (*old_handler_)(int) = nullptr;
};

Result<void> TryPut(TestStore& store, const std::string& key, std::size_t size) {
  return store.environment().Write([&](WriteTransaction& transaction) {
    return transaction.Put(Table::kTuples, key, std::string(size, 'x'));
  });
}

TEST_CASE("a full disk fails the commit, and writing goes on when space returns", "[store]") {
  TestStore store;
  store.Put(Table::kTuples, "before", "kept");
  {
    const FullDisk full(256 << 10);
    int committed = 0;
    while (committed < 100 && TryPut(store, "fill" + std::to_string(committed), 20000)) ++committed;
    CHECK(committed < 20);
    const auto failed = TryPut(store, "fill", 20000);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == ErrorCode::kIo);
    CHECK(store.Get(Table::kTuples, "before") == "kept");
    CHECK(store.Get(Table::kTuples, "fill").empty());
  }
  CHECK(TryPut(store, "after", 20000));
  store.Reopen();
  CHECK(store.Get(Table::kTuples, "before") == "kept");
  CHECK(store.Get(Table::kTuples, "after").size() == 20000);
}

TEST_CASE("a disk error loses the commit and nothing else", "[store]") {
  TestStore store;
  store.Put(Table::kTuples, "before", "kept");
  const Disk disk = GENERATE(Disk::kNoMeta, Disk::kNoData, Disk::kNoFlush);
  {
    const BadDisk bad(disk);
    for (int i = 0; i < 3; ++i) {
      CHECK_FALSE(TryPut(store, "during", 10000));
      CHECK_FALSE(TryPut(store, "small", 10));
    }
  }
  CHECK(TryPut(store, "after", 100));
  CHECK(store.Get(Table::kTuples, "before") == "kept");
  CHECK(store.Get(Table::kTuples, "during").empty());
  CHECK(store.Get(Table::kTuples, "after").size() == 100);
  const HashKey key = store.environment().hash_key();
  store.Reopen();
  CHECK(store.environment().hash_key() == key);
  CHECK(store.Get(Table::kTuples, "before") == "kept");
  CHECK(store.Get(Table::kTuples, "after").size() == 100);
}

TEST_CASE("after a disk error a reader is served as soon as the disk is back", "[store]") {
  TestStore store;
  store.Put(Table::kTuples, "before", "kept");
  {
    const BadDisk bad(Disk::kNoMeta);
    CHECK_FALSE(TryPut(store, "during", 10));
    CHECK_FALSE(TryPut(store, "during", 10));
  }
  CHECK(TryPut(store, "after", 10));
  auto read = store.environment().Read();
  REQUIRE(read);
  CHECK(*read->Get(Table::kTuples, "before") == "kept");
}

}  // namespace
}  // namespace mxward::store
