// SPDX-License-Identifier: Apache-2.0
#include "store/scan_slice.h"

#include <string>
#include <vector>

#include "catch.h"
#include "tests/fake/test_store.h"

namespace mxward::store {
namespace {

struct ScanFixture {
  TestStore store;
  std::vector<std::string> seen;

  ScanFixture() {
    for (const char* key : {"a", "b", "c", "d", "e"}) store.Put(Table::kTuples, key, "x");
  }
  std::optional<std::string> Scan(std::string_view from, std::size_t records,
                                  std::string_view last = "") {
    seen.clear();
    auto next = ScanSlice(store.environment(), Table::kTuples, from, records,
                          [&](std::string_view key, std::string_view /*value*/) {
                            seen.emplace_back(key);
                            return key != last;
                          });
    REQUIRE(next);
    return *next;
  }
};

using Keys = std::vector<std::string>;

TEST_CASE("a walk goes on where its last slice ended", "[store]") {
  ScanFixture fixture;
  CHECK(fixture.Scan("", 2) == "c");
  CHECK(fixture.seen == Keys{"a", "b"});
  CHECK(fixture.Scan("c", 2) == "e");
  CHECK(fixture.seen == Keys{"c", "d"});
  CHECK(fixture.Scan("e", 2) == std::nullopt);
  CHECK(fixture.seen == Keys{"e"});
}

TEST_CASE("a slice that ends with the table is the last", "[store]") {
  ScanFixture fixture;
  CHECK(fixture.Scan("", 5) == std::nullopt);
  CHECK(fixture.seen.size() == 5);
  CHECK(fixture.Scan("", 5, "e") == std::nullopt);
  CHECK(fixture.Scan("f", 5) == std::nullopt);
  CHECK(fixture.seen.empty());
}

TEST_CASE("a visitor that has enough has seen the slice's last record", "[store]") {
  ScanFixture fixture;
  CHECK(fixture.Scan("", 5, "b") == "c");
  CHECK(fixture.seen == Keys{"a", "b"});
}

TEST_CASE("what was visited may have gone when the walk goes on", "[store]") {
  ScanFixture fixture;
  REQUIRE(fixture.Scan("", 2) == "c");
  fixture.store.Do([](WriteTransaction& transaction) -> Result<void> {
    return transaction.Delete(Table::kTuples, "c") ? Result<void>() : Fail(ErrorCode::kIo, "");
  });
  CHECK(fixture.Scan("c", 2) == std::nullopt);
  CHECK(fixture.seen == Keys{"d", "e"});
}

}  // namespace
}  // namespace mxward::store
