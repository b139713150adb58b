// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "entries/entry.h"
#include "store/shared_read.h"
#include "store/writer.h"

namespace mxward::entries {

// Which kinds of entries and which prefix lengths exist at all, so that a recipient of a site with
// three entries costs three look-ups instead of two hundred. Only ever grows while the program
// runs. Thread-safe.
class Index {
 public:
  // Reads all entries once; of a database that is not ready, what the copy beside it says.
  Result<void> Load(store::Environment& environment);
  void Add(Kind kind, std::string_view canonical_key);

  bool empty() const { return kinds_.load(std::memory_order_relaxed) == 0; }
  bool Has(Kind kind) const;
  bool HasLength(const IpAddress& address, int length) const;
  // Those of kSpfOf.
  std::vector<std::string> SpfOf() const;

 private:
  void AddRecord(std::string_view key, std::string_view value);

  std::atomic<std::uint32_t> kinds_{0};
  std::atomic<std::uint64_t> v4_lengths_{0};
  std::array<std::atomic<std::uint64_t>, 3> v6_lengths_{};
  mutable Guarded<std::set<std::string>> spf_of_;
};

// The entry in force that wins within its kind, for each kind that has one: the most specific; of
// kSpfOf all, kMostSpfOfEntries at most. What proves one of kSpfOf or kAccount is up to the caller.
// Between two that are equally specific (never the same key: there is one entry a key) a block
// wins. Of a database that is not ready, as the copy beside it says.
Result<std::vector<Entry>> Match(store::SharedRead& read, const Index& index,
                                 const Question& question, WallTime now);

// How many other entries of kSpfOf are in force.
Result<std::size_t> CountSpfOf(store::Environment& environment, const Index& index,
                               std::string_view without, WallTime now);

// Operations for the writer.
store::Operation PutEntry(Entry entry, HashKey hash_key);
store::Operation ForgetEntry(Kind kind, std::string canonical_key, WallTime now, HashKey hash_key);
// Entries that mxward 0.1.0 wrote, under keys in another form than today's (domains in U-labels,
// clients of translators). Few or none; to go with 1.1.
Result<std::vector<Entry>> EntriesOfOldForm(store::Environment& environment,
                                            std::span<const Prefix> nat64);
// Puts them under today's keys, unless there is a later one.
store::Operation RenewKeys(std::vector<Entry> entries, std::vector<Prefix> nat64, HashKey hash_key);
// Removes those of these keys that are (still) over, or tombstones older than 60 days.
store::Operation ExpireEntries(std::vector<std::string> keys, WallTime now);
bool IsExpired(const Entry& entry, WallTime now);

}  // namespace mxward::entries
