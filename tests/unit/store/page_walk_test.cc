// SPDX-License-Identifier: Apache-2.0
#include "store/page_walk.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "catch.h"
#include "store/environment.h"
#include "tests/fake/temp_dir.h"

namespace mxward::store {
namespace {

using Random = std::mt19937;

bool Any(Table /*table*/, std::string_view /*key*/, std::string_view /*value*/) { return true; }

// Large enough not to grow: nothing is done twice.
Environment::Options OptionsAt(const std::string& path) {
  return {.path = path, .map_size = 256 << 20, .map_size_max = 256 << 20, .keep_copy = true};
}

std::unique_ptr<Environment> OpenOrThrow(const std::string& path) {
  auto opened = Environment::Open(OptionsAt(path));
  if (!opened) throw std::runtime_error(opened.error().message);
  return *std::move(opened);
}

std::string RandomText(Random& random, std::size_t least, std::size_t most) {
  std::string text(least + random() % (most - least + 1), 'x');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

// Puts and deletes like those of a site: mostly small records, some of several pages.
void Churn(Environment& environment, Random& random, std::map<std::string, bool>& keys, int changes,
           int deletes_in_ten) {
  const auto done = environment.Write([&](WriteTransaction& transaction) -> Result<void> {
    for (int i = 0; i < changes; ++i) {
      const auto table = static_cast<Table>(1 + random() % (kTableCount - 1));
      if (static_cast<int>(random() % 10) < deletes_in_ten && !keys.empty()) {
        auto victim = keys.lower_bound(RandomText(random, 9, 9));
        if (victim == keys.end()) victim = keys.begin();
        const auto from = static_cast<Table>(victim->first[0]);
        auto deleted = transaction.Delete(from, victim->first);
        if (!deleted) return Fail(deleted.error());
        keys.erase(victim);
        continue;
      }
      const std::string key = static_cast<char>(table) + RandomText(random, 8, 30);
      const std::size_t most = random() % 50 == 0 ? 12000 : 300;
      if (auto put = transaction.Put(table, key, RandomText(random, 1, most)); !put) return put;
      keys[key] = true;
    }
    return {};
  });
  REQUIRE(done);
}

// A database that has been in use: with free pages, and records that were replaced.
void Make(const std::string& path, std::uint64_t bytes, Random& random) {
  const auto environment = OpenOrThrow(path);
  std::map<std::string, bool> keys;
  while (environment->GetUsage()->used_bytes < bytes) Churn(*environment, random, keys, 1000, 2);
  for (int i = 0; i < 5; ++i) Churn(*environment, random, keys, 500, 7);
  REQUIRE(environment->Sync());
}

TEST_CASE("every database that LMDB leaves behind passes the walk", "[store]") {
  const auto seed = GENERATE(1U, 2U, 3U);
  Random random(seed);
  const TempDir dir;
  CAPTURE(seed);
  const auto environment = OpenOrThrow(dir.path());
  std::map<std::string, bool> keys;
  for (int round = 0; round < 30; ++round) {
    // First it grows, then it shrinks until hardly anything is left.
    Churn(*environment, random, keys, 1 + static_cast<int>(random() % 400), round < 15 ? 2 : 9);
    std::uint64_t seen = 0;
    const WalkReport report =
        CheckPages(dir.path(), [&](Table table, std::string_view key, std::string_view value) {
          if (table == Table::kMeta) return true;
          seen += keys.count(std::string(key));
          auto read = environment->Read();
          return (*read->Get(table, key)).value() == value;
        });
    CHECK(report.damage.empty());
    CAPTURE(report.damage);
    REQUIRE(seen == keys.size());
    REQUIRE(report.unreadable == 0);
  }
}

TEST_CASE("a rescue of a sound database brings all records", "[store]") {
  Random random(7);
  const TempDir dir;
  Make(dir.path(), 1 << 20, random);
  const WalkReport whole = CheckPages(dir.path(), Any);
  REQUIRE(whole.damage.empty());
  std::map<std::pair<Table, std::string>, std::string> rescued;
  RescuePages(dir.File("data.mdb"), [&](Table table, std::string_view key, std::string_view value) {
    rescued.emplace(std::pair(table, key), value);
    return true;
  });
  const auto environment = OpenOrThrow(dir.path());
  auto read = environment->Read();
  std::uint64_t right = 0;
  for (const auto& [place, value] : rescued) {
    const auto stored = read->Get(place.first, place.second);
    right += *stored && **stored == value ? 1 : 0;
  }
  // Beside them a few that the last commit has deleted.
  CHECK(right == whole.records);
}

// Changes bytes of a file, and puts back what was there.
class Damage {
 public:
  explicit Damage(const std::string& path) : path_(path), fd_(open(path.c_str(), O_RDWR)) {
    length_ = lseek(fd_, 0, SEEK_END);
  }
  ~Damage() {
    if (ftruncate(fd_, length_) != 0) std::abort();
    if (pwrite(fd_, before_.data(), before_.size(), at_) < 0) std::abort();
    close(fd_);
  }
  // Of the kinds in turn: 1, 4 and 32 bits, a page of noise, a page of zeros, a cut.
  std::string Do(unsigned kind, off_t used, Random& random) {
    const off_t pages = used / 4096;
    at_ = static_cast<off_t>(random() % static_cast<unsigned>(pages)) * 4096;
    // The two descriptions more often than chance would have it.
    if (random() % 20 == 0) at_ = static_cast<off_t>(random() % 2) * 4096;
    if (kind % 6 == 5) {
      const off_t cut = at_ + static_cast<off_t>(random() % 3);
      before_.resize(static_cast<std::size_t>(length_ - cut));
      at_ = cut;
      if (pread(fd_, before_.data(), before_.size(), at_) < 0) std::abort();
      if (ftruncate(fd_, cut) != 0) std::abort();
      return "cut to " + std::to_string(cut);
    }
    before_.resize(4096);
    if (pread(fd_, before_.data(), before_.size(), at_) < 0) std::abort();
    std::string after = before_;
    const std::string where = " in page " + std::to_string(at_ / 4096);
    std::string what = "zeros";
    if (kind % 6 < 3) {
      // Of a page's head and nodes half the time, which are few of its bytes.
      const unsigned bytes = random() % 2 == 0 ? 200 : 4096;
      for (int i = kind % 6 == 0 ? 1 : kind % 6 == 1 ? 4 : 32; i > 0; --i) {
        after[random() % bytes] ^= static_cast<char>(1U << (random() % 8));
      }
      what = "flips";
    } else if (kind % 6 == 3) {
      after = RandomText(random, 4096, 4096);
      what = "noise";
    } else {
      after.assign(4096, '\0');
    }
    if (pwrite(fd_, after.data(), after.size(), at_) < 0) std::abort();
    return what + where;
  }

 private:
  std::string path_;
  int fd_;
  off_t length_ = 0;
  off_t at_ = 0;
  std::string before_;
};

// What a daemon does with a database: opens it, reads and counts all, changes a lot. In a process
// of its own, which says by its end how it went.
int UseInChild(const std::string& path) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    Environment::Options options = OptionsAt(path);
    options.no_sync = true;
    auto environment = Environment::Open(options);
    // Refused with an error is as good as found by the walk.
    if (!environment) _exit(environment.error().code == ErrorCode::kCorrupt ? 0 : 2);
    {
      auto read = (*environment)->Read();
      for (int table = 0; table < kTableCount; ++table) {
        std::size_t bytes = 0;
        auto scanned = read->Scan(static_cast<Table>(table), "",
                                  [&](std::string_view key, std::string_view value) {
                                    for (const char c : key) bytes += c == 'x' ? 1 : 0;
                                    for (const char c : value) bytes += c == 'x' ? 1 : 0;
                                    return true;
                                  });
        if (!scanned) _exit(3);
      }
    }
    if (!(*environment)->GetUsage()) _exit(4);
    Random random(1);
    for (int commit = 0; commit < 5; ++commit) {
      auto done = (*environment)->Write([&](WriteTransaction& transaction) -> Result<void> {
        for (int i = 0; i < 100; ++i) {
          const auto table = static_cast<Table>(1 + random() % (kTableCount - 1));
          auto put = transaction.Put(table, RandomText(random, 9, 9), RandomText(random, 1, 2000));
          if (!put) return put;
          std::string victim;
          auto found = transaction.Scan(table, RandomText(random, 9, 9),
                                        [&](std::string_view key, std::string_view /*value*/) {
                                          victim = key;
                                          return false;
                                        });
          if (!found) return found;
          if (victim.empty()) continue;
          if (auto deleted = transaction.Delete(table, victim); !deleted) {
            return Fail(deleted.error());
          }
        }
        return {};
      });
      if (!done) _exit(5);
    }
    _exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

void TryDamages(unsigned damages, std::uint64_t bytes) {
  const char* const seed_text = std::getenv("MXWARD_SEED");
  const unsigned seed = seed_text != nullptr ? static_cast<unsigned>(std::atoi(seed_text)) : 12;
  CAPTURE(seed);
  Random random(seed);
  const TempDir dir;
  Make(dir.path(), bytes, random);
  const std::string file = dir.File("data.mdb");
  const auto head = ReadHead(file);
  REQUIRE(head);
  // The file runs ahead of what is in use: that need not be copied each time.
  std::filesystem::resize_file(file, head->used_bytes);
  std::uint64_t all = 0;
  CheckPages(dir.path(), [&](Table, std::string_view, std::string_view) { return ++all > 0; });
  unsigned found = 0;
  unsigned sound = 0;
  unsigned hardly_rescued = 0;
  for (unsigned i = 0; i < damages; ++i) {
    Damage damage(file);
    const std::string what = damage.Do(i, static_cast<off_t>(head->used_bytes), random);
    CAPTURE(i, what);
    const WalkReport report = CheckPages(dir.path(), Any);
    CAPTURE(report.damage);
    if (report.damage.empty()) {
      ++sound;
      const TempDir copy;
      std::filesystem::copy_file(file, copy.File("data.mdb"));
      REQUIRE(UseInChild(copy.path()) == 0);
      continue;
    }
    ++found;
    std::uint64_t rescued = 0;
    RescuePages(file, [&](Table, std::string_view, std::string_view) { return ++rescued > 0; });
    // A cut takes what lies behind it; of a table whose root is gone nothing is left.
    if (rescued < all / 2) ++hardly_rescued;
  }
  WARN(damages << " damages: " << found << " found, " << sound << " without harm, of "
               << hardly_rescued << " less than half was rescued");
  CHECK(found > damages / 3);
  CHECK(sound > 0);
  CHECK(hardly_rescued < found / 2);
}

TEST_CASE("a damaged file is found, or does LMDB no harm; and its rescue ends", "[store]") {
  TryDamages(200, 4 << 20);
}

TEST_CASE("10,000 damages are found, or do LMDB no harm", "[store][.everything]") {
  TryDamages(10000, 16 << 20);
}

TEST_CASE("what mdb_copy makes passes the walk", "[store]") {
  const unsigned flags = GENERATE(0U, static_cast<unsigned>(MDB_CP_COMPACT));
  Random random(3);
  const TempDir dir;
  const TempDir copy;
  Make(dir.path(), 1 << 20, random);
  MDB_env* env = nullptr;
  REQUIRE(mdb_env_create(&env) == 0);
  REQUIRE(mdb_env_open(env, dir.path().c_str(), MDB_RDONLY, 0) == 0);
  REQUIRE(mdb_env_copy2(env, copy.path().c_str(), flags) == 0);
  mdb_env_close(env);
  const WalkReport report = CheckPages(copy.path(), Any);
  CHECK(report.damage.empty());
  CAPTURE(report.damage);
  CHECK(report.records == CheckPages(dir.path(), Any).records);
}

TEST_CASE("the copy beside the database follows key, entries and pause", "[store]") {
  const TempDir dir;
  HashKey key{};
  {
    const auto environment = OpenOrThrow(dir.path());
    key = environment->hash_key();
    REQUIRE(environment->Write([](WriteTransaction& transaction) -> Result<void> {
      if (auto put = transaction.Put(Table::kEntries, "entry", "block"); !put) return put;
      if (auto put = transaction.Put(Table::kTuples, "tuple", "waits"); !put) return put;
      return transaction.Put(Table::kMeta, "paused-until", "5");
    }));
    CHECK_FALSE(SavedCopy::Read(dir.path())->Get(Table::kEntries, "entry"));
    REQUIRE(environment->Sync());
    CHECK(SavedCopy::Read(dir.path())->Get(Table::kEntries, "entry") == "block");
  }
  CHECK(std::filesystem::status(dir.File("mxward.saved")).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  std::filesystem::remove(dir.File("data.mdb"));
  std::filesystem::remove(dir.File("lock.mdb"));
  const auto environment = OpenOrThrow(dir.path());
  CHECK(environment->hash_key() == key);
  auto read = environment->Read();
  CHECK((*read->Get(Table::kEntries, "entry")).value() == "block");
  CHECK((*read->Get(Table::kMeta, "paused-until")).value() == "5");
  CHECK_FALSE(*read->Get(Table::kTuples, "tuple"));
}

TEST_CASE("a copy that is not whole is no copy", "[store]") {
  const TempDir dir;
  OpenOrThrow(dir.path()).reset();
  REQUIRE(SavedCopy::Read(dir.path()));
  const std::string file = dir.File("mxward.saved");
  const auto size = std::filesystem::file_size(file);
  SECTION("cut") { std::filesystem::resize_file(file, size - 1); }
  SECTION("cut after a record") { std::filesystem::resize_file(file, size - 23); }
  SECTION("a flipped bit") {
    std::fstream stream(file);
    stream.seekp(40);
    stream.put('\x7f');
  }
  SECTION("empty") { std::filesystem::resize_file(file, 0); }
  CHECK_FALSE(SavedCopy::Read(dir.path()));
}

TEST_CASE("a database that is prepared has its key and its copy, and nobody gets in", "[store]") {
  const TempDir dir;
  HashKey key{};
  {
    const auto environment = OpenOrThrow(dir.path());
    key = environment->hash_key();
    REQUIRE(environment->Write([](WriteTransaction& transaction) {
      return transaction.Put(Table::kEntries, "entry", "block");
    }));
    REQUIRE(environment->Sync());
  }
  const auto prepared = *Environment::Prepare(OptionsAt(dir.path()));
  CHECK(prepared->hash_key() == key);
  CHECK_FALSE(prepared->ready());
  CHECK(prepared->saved()->Get(Table::kEntries, "entry") == "block");
  CHECK(prepared->Read().error().code == ErrorCode::kUnavailable);
  CHECK(prepared->Write([](WriteTransaction&) -> Result<void> { return {}; }).error().code ==
        ErrorCode::kUnavailable);
  REQUIRE(prepared->Begin());
  CHECK(prepared->Read().error().code == ErrorCode::kUnavailable);
  prepared->Admit();
  CHECK(prepared->saved() == nullptr);
  CHECK(prepared->Read());
}

}  // namespace
}  // namespace mxward::store
