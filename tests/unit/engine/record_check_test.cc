// SPDX-License-Identifier: Apache-2.0
#include "engine/record_check.h"

#include <string>

#include "catch.h"
#include "entries/entry.h"
#include "tests/fake/times.h"

namespace mxward {
namespace {

TEST_CASE("a record that its own reader refuses cannot be decoded", "[engine]") {
  entries::Entry entry;
  entry.key = "192.0.2.0/24";
  const std::string value = entries::Encode(entry);
  const std::string key = entries::StoreKey(HashKey{}, entries::Kind::kClient, "192.0.2.0/24");
  CHECK(CanDecode(store::Table::kEntries, key, value));
  CHECK_FALSE(CanDecode(store::Table::kEntries, key, value.substr(1)));
  CHECK_FALSE(CanDecode(store::Table::kEntries, "", value));
  // No table takes what is in another one, nor noise; only descriptions may be anything.
  for (int table = 1; table < store::kTableCount; ++table) {
    CAPTURE(table);
    CHECK_FALSE(CanDecode(static_cast<store::Table>(table), "key", "value"));
  }
  CHECK(CanDecode(store::Table::kMeta, "key", "value"));
}

TEST_CASE("of two entries the later counts, of all else the one that is there", "[engine]") {
  const std::string key = entries::StoreKey(HashKey{}, entries::Kind::kClient, "192.0.2.0/24");
  entries::Entry entry;
  entry.key = "192.0.2.0/24";
  entry.updated = kNow;
  const std::string old = entries::Encode(entry);
  entry.updated += kMinute;
  const std::string later = entries::Encode(entry);
  CHECK(Replaces(store::Table::kEntries, key, old, later));
  CHECK_FALSE(Replaces(store::Table::kEntries, key, later, old));
  CHECK_FALSE(Replaces(store::Table::kEntries, key, old, "noise"));
  CHECK(Replaces(store::Table::kEntries, key, "noise", old));
  CHECK_FALSE(Replaces(store::Table::kTuples, key, old, later));
}

}  // namespace
}  // namespace mxward
