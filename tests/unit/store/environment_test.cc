// SPDX-License-Identifier: Apache-2.0
#include "store/environment.h"

#include <map>
#include <string>
#include <vector>

#include "catch.h"
#include "tests/fake/test_store.h"

namespace mxward::store {
namespace {

std::vector<std::string> KeysFrom(Environment& environment, const std::string& from,
                                  std::size_t limit = 1000) {
  std::vector<std::string> keys;
  auto read = environment.Read();
  REQUIRE(read);
  REQUIRE(read->Scan(Table::kTuples, from, [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return keys.size() < limit;
  }));
  return keys;
}

TEST_CASE("a committed record is read back, a missing one is nothing", "[store]") {
  TestStore store;
  store.Put(Table::kTuples, "key", "value");
  auto read = store.environment().Read();
  REQUIRE(read);
  CHECK(*read->Get(Table::kTuples, "key") == "value");
  CHECK_FALSE(read->Get(Table::kTuples, "other")->has_value());
  CHECK_FALSE(read->Get(Table::kEarned, "key")->has_value());
}

TEST_CASE("records may hold any bytes", "[store]") {
  TestStore store;
  const std::string key("\0\xff\0", 3);
  const std::string value("\0", 1);
  store.Put(Table::kTuples, key, value);
  CHECK(store.Get(Table::kTuples, key) == value);
}

TEST_CASE("a scan visits keys in byte order from where it starts until told to stop", "[store]") {
  TestStore store;
  for (const char* key : {"b", "a", "c", "\xff"}) store.Put(Table::kTuples, key, "");
  CHECK(KeysFrom(store.environment(), "") == std::vector<std::string>{"a", "b", "c", "\xff"});
  CHECK(KeysFrom(store.environment(), "aa") == std::vector<std::string>{"b", "c", "\xff"});
  CHECK(KeysFrom(store.environment(), "b", 1) == std::vector<std::string>{"b"});
  CHECK(KeysFrom(store.environment(), "\xff\xff").empty());
}

TEST_CASE("a deletion says whether there was something", "[store]") {
  TestStore store;
  store.Put(Table::kTuples, "key", "value");
  std::vector<bool> there;
  store.Do([&](WriteTransaction& transaction) -> Result<void> {
    there.push_back(*transaction.Delete(Table::kTuples, "key"));
    there.push_back(*transaction.Delete(Table::kTuples, "key"));
    return {};
  });
  CHECK(there == std::vector<bool>{true, false});
  CHECK(store.Count(Table::kTuples) == 0);
}

TEST_CASE("an operation that fails leaves nothing behind", "[store]") {
  TestStore store;
  auto done = store.environment().Write([](WriteTransaction& transaction) -> Result<void> {
    if (auto put = transaction.Put(Table::kTuples, "key", "value"); !put) return put;
    return Fail(ErrorCode::kIo, "no");
  });
  REQUIRE_FALSE(done);
  CHECK(done.error().message == "no");
  CHECK(store.Count(Table::kTuples) == 0);
  store.Put(Table::kTuples, "key", "value");
  CHECK(store.Count(Table::kTuples) == 1);
}

TEST_CASE("a reader sees the database as it was when it began", "[store]") {
  TestStore store;
  store.Put(Table::kTuples, "key", "old");
  auto read = store.environment().Read();
  REQUIRE(read);
  store.Put(Table::kTuples, "key", "new");
  CHECK(*read->Get(Table::kTuples, "key") == "old");
  CHECK(store.Get(Table::kTuples, "key") == "new");
}

TEST_CASE("a read handle is used again and then sees what is there by then", "[store]") {
  TestStore store;
  for (int i = 0; i < 5; ++i) {
    store.Put(Table::kTuples, "key", std::to_string(i));
    CHECK(store.Get(Table::kTuples, "key") == std::to_string(i));
  }
}

TEST_CASE("records and hash key outlive the process", "[store]") {
  TestStore store;
  store.Put(Table::kEntries, "key", "value");
  const HashKey key = store.environment().hash_key();
  CHECK(key != HashKey{});
  store.Reopen();
  CHECK(store.Get(Table::kEntries, "key") == "value");
  CHECK(store.environment().hash_key() == key);
}

TEST_CASE("each database makes a hash key of its own", "[store]") {
  TestStore one;
  TestStore other;
  CHECK(one.environment().hash_key() != other.environment().hash_key());
}

TEST_CASE("keys that LMDB cannot take are an error, not a crash", "[store]") {
  TestStore store;
  const std::string key = GENERATE(std::string(), std::string(600, 'x'));
  auto done = store.environment().Write(
      [&](WriteTransaction& transaction) { return transaction.Put(Table::kTuples, key, "value"); });
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ErrorCode::kIo);
}

TEST_CASE("usage tells the bytes in use, now and at most", "[store]") {
  TestStore store;
  const auto before = store.environment().GetUsage();
  REQUIRE(before);
  CHECK(before->used_bytes > 0);
  CHECK(before->used_bytes < 1 << 20);
  CHECK(before->map_bytes == 16 << 20);
  CHECK(before->limit_bytes == 256 << 20);
  for (int i = 0; i < 100; ++i) {
    store.Put(Table::kTuples, "key" + std::to_string(i), std::string(1000, 'x'));
  }
  const auto after = store.environment().GetUsage();
  REQUIRE(after);
  CHECK(after->used_bytes >= before->used_bytes + 100000);
}

}  // namespace
}  // namespace mxward::store
