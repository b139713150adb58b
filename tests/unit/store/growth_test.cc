// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "catch.h"
#include "store/environment.h"
#include "tests/fake/temp_dir.h"

namespace mxward::store {
namespace {

Result<std::unique_ptr<Environment>> OpenSmall(const std::string& path, std::uint64_t most) {
  return Environment::Open({.path = path, .map_size = 256 << 10, .map_size_max = most});
}

std::string Key(int i) { return "key" + std::to_string(1000000 + i); }

Result<void> PutMany(Environment& environment, int first, int count) {
  return environment.Write([=](WriteTransaction& transaction) -> Result<void> {
    for (int i = first; i < first + count; ++i) {
      auto put = transaction.Put(Table::kTuples, Key(i), std::string(1000, 'x'));
      if (!put) return put;
    }
    return {};
  });
}

TEST_CASE("the map grows when it is full, and nothing is lost or written twice", "[store]") {
  const TempDir dir;
  auto environment = OpenSmall(dir.path(), 64 << 20);
  REQUIRE(environment);
  for (int i = 0; i < 4000; i += 100) REQUIRE(PutMany(**environment, i, 100));
  CHECK((*environment)->GetUsage()->map_bytes > 4 << 20);
  auto read = (*environment)->Read();
  REQUIRE(read);
  CHECK(*read->Count(Table::kTuples) == 4000);
}

TEST_CASE("one operation may need several doublings", "[store]") {
  const TempDir dir;
  auto environment = OpenSmall(dir.path(), 64 << 20);
  REQUIRE(environment);
  CHECK(PutMany(**environment, 0, 10000));
}

TEST_CASE("growth ends at its limit with a clear error, and reading goes on", "[store]") {
  const TempDir dir;
  auto environment = OpenSmall(dir.path(), 512 << 10);
  REQUIRE(environment);
  REQUIRE(PutMany(**environment, 0, 100));
  const auto done = PutMany(**environment, 100, 1000);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ErrorCode::kFull);
  CHECK_THAT(done.error().message, HasText("store.map_size_max"));
  auto read = (*environment)->Read();
  REQUIRE(read);
  CHECK(*read->Count(Table::kTuples) == 100);
}

TEST_CASE("work that makes room finds some in a full map, and then others do", "[store]") {
  const TempDir dir;
  auto environment = OpenSmall(dir.path(), 512 << 10);
  REQUIRE(environment);
  int count = 0;
  while (PutMany(**environment, count, 20)) count += 20;
  REQUIRE(count > 100);
  while (PutMany(**environment, count, 1)) ++count;
  // Scattered over the whole table, as hashed keys are.
  const int slices = count / 20;
  for (int i = 0; i < slices; ++i) {
    const auto work = [=](WriteTransaction& transaction) -> Result<void> {
      for (int j = i; j < count; j += slices) {
        auto gone = transaction.Delete(Table::kTuples, Key(j));
        if (!gone) return Fail(gone.error());
      }
      return {};
    };
    if (i == 0) CHECK_FALSE((*environment)->Write(work));
    REQUIRE((*environment)->Write(work, /*makes_room=*/true));
  }
  CHECK((*environment)->GetUsage()->map_bytes < 1 << 20);
  CHECK(PutMany(**environment, 0, 100));
}

TEST_CASE("the map grows while readers never pause", "[store]") {
  const TempDir dir;
  auto environment = OpenSmall(dir.path(), 64 << 20);
  REQUIRE(environment);
  REQUIRE(PutMany(**environment, 0, 1));
  std::atomic<bool> stop{false};
  std::atomic<int> reads{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        auto read = (*environment)->Read();
        if (!read) {
          ++wrong;
          continue;
        }
        const auto value = read->Get(Table::kTuples, Key(0));
        if (!value || !*value || (*value)->size() != 1000) ++wrong;
        std::uint64_t seen = 0;
        const auto scanned =
            read->Scan(Table::kTuples, "", [&](std::string_view, std::string_view bytes) {
              if (bytes.size() != 1000) ++wrong;
              return ++seen < 200;
            });
        if (!scanned || seen == 0) ++wrong;
        ++reads;
      }
    });
  }
  int failed = 0;
  for (int i = 1; i < 5000; i += 100) failed += PutMany(**environment, i, 100) ? 0 : 1;
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(failed == 0);
  CHECK(wrong == 0);
  CHECK(reads > 0);
  CHECK((*environment)->GetUsage()->map_bytes >= 4 << 20);
}

}  // namespace
}  // namespace mxward::store
