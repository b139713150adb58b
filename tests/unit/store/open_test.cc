// SPDX-License-Identifier: Apache-2.0
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "catch.h"
#include "store/environment.h"
#include "tests/fake/temp_dir.h"

namespace mxward::store {
namespace {

Result<std::unique_ptr<Environment>> OpenAt(const std::string& path, bool read_only = false) {
  return Environment::Open(
      {.path = path, .map_size = 1 << 20, .map_size_max = 4 << 20, .read_only = read_only});
}

// Writes one record past all of mxward's care, as another program would.
void PutRaw(const std::string& path, const char* table, const std::string& key,
            const std::string& value) {
  MDB_env* env = nullptr;
  REQUIRE(mdb_env_create(&env) == 0);
  REQUIRE(mdb_env_set_maxdbs(env, 8) == 0);
  REQUIRE(mdb_env_open(env, path.c_str(), 0, 0640) == 0);
  MDB_txn* txn = nullptr;
  REQUIRE(mdb_txn_begin(env, nullptr, 0, &txn) == 0);
  MDB_dbi dbi = 0;
  REQUIRE(mdb_dbi_open(txn, table, MDB_CREATE, &dbi) == 0);
  MDB_val mdb_key = {key.size(), const_cast<char*>(key.data())};
  MDB_val mdb_value = {value.size(), const_cast<char*>(value.data())};
  REQUIRE(mdb_put(txn, dbi, &mdb_key, &mdb_value, 0) == 0);
  REQUIRE(mdb_txn_commit(txn) == 0);
  mdb_env_close(env);
}

void CheckRefused(const Result<std::unique_ptr<Environment>>& opened, ErrorCode code,
                  const std::string& text) {
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == code);
  CHECK_THAT(opened.error().message, HasText(text));
}

TEST_CASE("the directory is made when it is missing, readable by the group only", "[store]") {
  const TempDir dir;
  const std::string path = dir.File("db");
  REQUIRE(OpenAt(path));
  struct stat info;
  REQUIRE(stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777 & ~0750) == 0);
  REQUIRE(stat((path + "/data.mdb").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777 & ~0640) == 0);
}

TEST_CASE("a path that cannot be a directory is refused by name", "[store]") {
  const TempDir dir;
  std::ofstream(dir.File("file")) << "text";
  CheckRefused(OpenAt(dir.File("file")), ErrorCode::kInvalid, "file: not a directory");
  CheckRefused(OpenAt(dir.File("no/such/parent")), ErrorCode::kIo, "cannot make the directory");
}

TEST_CASE("a database of a newer mxward is refused and left as it is", "[store]") {
  const TempDir dir;
  REQUIRE(OpenAt(dir.path()));
  PutRaw(dir.path(), "meta", "schema", "3");
  CheckRefused(OpenAt(dir.path()), ErrorCode::kInvalid, "format 3 was written by a newer mxward");
  PutRaw(dir.path(), "meta", "schema", "2");
  CHECK(OpenAt(dir.path()));
}

TEST_CASE("a database of 0.1.0 is read, and is of today's format once it can be written",
          "[store]") {
  const TempDir dir;
  REQUIRE(OpenAt(dir.path()));
  PutRaw(dir.path(), "meta", "schema", "1");
  const auto schema = [](Environment& environment) {
    return std::string(environment.Read()->Get(Table::kMeta, "schema")->value());
  };
  {
    auto opened = OpenAt(dir.path(), /*read_only=*/true);
    REQUIRE(opened);
    CHECK(schema(**opened) == "1");
  }
  auto opened = OpenAt(dir.path());
  REQUIRE(opened);
  CHECK(schema(**opened) == "2");
}

TEST_CASE("a database whose description is damaged is refused", "[store]") {
  const TempDir dir;
  REQUIRE(OpenAt(dir.path()));
  PutRaw(dir.path(), "meta", "hash-key", "short");
  CheckRefused(OpenAt(dir.path()), ErrorCode::kCorrupt, "description is damaged");
}

TEST_CASE("a database of another program is refused and not written to", "[store]") {
  const TempDir dir;
  const char* table = GENERATE(static_cast<const char*>(nullptr), "theirs", "meta");
  PutRaw(dir.path(), table, "their key", "their value");
  CheckRefused(OpenAt(dir.path()), ErrorCode::kCorrupt, "a database of another program");
  CheckRefused(OpenAt(dir.path(), /*read_only=*/true), ErrorCode::kCorrupt,
               "a database of another program");
  // Nothing of ours got into it: its own program still opens a table by any of our names as new.
  MDB_env* env = nullptr;
  REQUIRE(mdb_env_create(&env) == 0);
  REQUIRE(mdb_env_set_maxdbs(env, 8) == 0);
  REQUIRE(mdb_env_open(env, dir.path().c_str(), 0, 0640) == 0);
  MDB_txn* txn = nullptr;
  REQUIRE(mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn) == 0);
  MDB_dbi dbi = 0;
  CHECK(mdb_dbi_open(txn, "tuples", 0, &dbi) == MDB_NOTFOUND);
  mdb_txn_abort(txn);
  mdb_env_close(env);
}

TEST_CASE("a plain record where our first table would be is somebody else's, too", "[store]") {
  const TempDir dir;
  PutRaw(dir.path(), nullptr, "meta", "no table");
  CheckRefused(OpenAt(dir.path()), ErrorCode::kCorrupt, "a database of another program");
}

TEST_CASE("a file that is no database is refused and kept", "[store]") {
  const TempDir dir;
  const std::string text = GENERATE(std::string("x"), std::string(100000, 'x'));
  std::ofstream(dir.File("data.mdb")) << text;
  CheckRefused(OpenAt(dir.path()), ErrorCode::kCorrupt, "not a database of mxward");
  CHECK(std::filesystem::file_size(dir.File("data.mdb")) == text.size());
}

TEST_CASE("an empty file is taken for a new database", "[store]") {
  const TempDir dir;
  std::ofstream(dir.File("data.mdb")).flush();
  CHECK(OpenAt(dir.path()));
}

TEST_CASE("a data file that is a directory is an error with its name", "[store]") {
  const TempDir dir;
  std::filesystem::create_directory(dir.File("data.mdb"));
  const auto opened = OpenAt(dir.path());
  REQUIRE_FALSE(opened);
  CHECK_THAT(opened.error().message, HasText("data.mdb"));
}

TEST_CASE("two openers of one database: the second is refused with the first's pid", "[store]") {
  const TempDir dir;
  auto first = OpenAt(dir.path());
  REQUIRE(first);
  CheckRefused(OpenAt(dir.path()), ErrorCode::kUnavailable,
               "held by another mxward (pid " + std::to_string(getpid()) + ")");
  CheckRefused(OpenAt(dir.path(), /*read_only=*/true), ErrorCode::kUnavailable, "held by");
  first->reset();
  CHECK(OpenAt(dir.path()));
}

TEST_CASE("opening to read makes nothing where there is nothing", "[store]") {
  const TempDir dir;
  CheckRefused(OpenAt(dir.path(), /*read_only=*/true), ErrorCode::kNotFound,
               "no database there yet");
  CheckRefused(OpenAt(dir.File("db"), /*read_only=*/true), ErrorCode::kNotFound,
               "no database there yet");
  CHECK(std::filesystem::is_empty(dir.path()));
}

TEST_CASE("opening to read makes no file and changes none", "[store]") {
  const TempDir dir;
  REQUIRE(OpenAt(dir.path()));
  std::filesystem::remove(dir.File("lock.mdb"));
  const auto size = std::filesystem::file_size(dir.File("data.mdb"));
  const auto time = std::filesystem::last_write_time(dir.File("data.mdb"));
  {
    auto opened = OpenAt(dir.path(), /*read_only=*/true);
    REQUIRE(opened);
    auto read = (*opened)->Read();
    REQUIRE(read);
    CHECK(*read->Count(Table::kTuples) == 0);
  }
  CHECK_FALSE(std::filesystem::exists(dir.File("lock.mdb")));
  CHECK(std::filesystem::file_size(dir.File("data.mdb")) == size);
  CHECK(std::filesystem::last_write_time(dir.File("data.mdb")) == time);
}

TEST_CASE("a database that is larger than the map it is opened with is read whole", "[store]") {
  const TempDir dir;
  {
    auto large =
        Environment::Open({.path = dir.path(), .map_size = 8 << 20, .map_size_max = 8 << 20});
    REQUIRE(large);
    REQUIRE((*large)->Write([](WriteTransaction& transaction) {
      return transaction.Put(Table::kTuples, "key", std::string(4 << 20, 'x'));
    }));
  }
  auto small = OpenAt(dir.path());
  REQUIRE(small);
  auto read = (*small)->Read();
  REQUIRE(read);
  CHECK((*read->Get(Table::kTuples, "key"))->size() == 4 << 20);
}

TEST_CASE("a new database takes the hash key it is given, an old one keeps its own", "[store]") {
  const TempDir dir;
  const auto open = [&](std::optional<HashKey> key) {
    return Environment::Open(
        {.path = dir.path(), .map_size = 1 << 20, .map_size_max = 4 << 20, .hash_key = key});
  };
  const HashKey given = {1, 2, 3};
  CHECK((*open(given))->hash_key() == given);
  CHECK((*open(std::nullopt))->hash_key() == given);
  CHECK((*open(given))->hash_key() == given);
  const auto refused = open(HashKey{9});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kInvalid);
  CHECK_THAT(refused.error().message, HasText("store.hash_key_file"));
}

}  // namespace
}  // namespace mxward::store
