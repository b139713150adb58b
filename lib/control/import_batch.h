// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/siphash.h"
#include "config/config.h"
#include "control/transfer.h"
#include "greylist/pending_counts.h"
#include "store/writer.h"

namespace mxward::control {

// A record that is to be brought together with what is stored under its key.
struct PlacedRecord {
  store::Table table{};
  std::string key;
  std::string value;
};

// Some lines of JSON, understood, and put where this database keeps such records: what was hashed
// under another key or for other networks is hashed again from its addresses.
struct ImportBatch {
  struct Problem {
    std::size_t line = 0;  // from 1
    std::string message;
  };
  static constexpr std::size_t kShownProblems = 10;

  std::size_t lines = 0;  // that should hold a record
  std::vector<PlacedRecord> records;
  std::vector<entries::Entry> entries;  // of those records, the ones in force
  // What was left out.
  std::size_t expired = 0;
  std::size_t future = 0;    // from ahead of the clock
  std::size_t hashed = 0;    // no addresses, and hashed under another key
  std::size_t too_wide = 0;  // known by a network that is larger than the ones distinguished here
  std::size_t invalid = 0;
  std::vector<Problem> problems;  // the first of the invalid ones
};

// body: lines of transfer.h, the first line of the export first if it has one. kInvalid when that
// line cannot be used, or says that all of what follows is of no use here.
Result<ImportBatch> ReadImportBatch(std::string_view body, const HashKey& key, const Config& config,
                                    WallTime now);

// What has become of records.
struct MergeCounts {
  std::size_t added = 0;
  std::size_t changed = 0;
  std::size_t kept = 0;  // nothing new in them
  std::vector<greylist::PendingShare> new_pending;
};

// The value that is to be stored, nothing when the stored one stays.
std::optional<std::string> MergeRecord(const PlacedRecord& record,
                                       std::optional<std::string_view> stored, WallTime now,
                                       const Config& config, MergeCounts& counts);

// An operation for the writer. What has become of them is in `counts` once it is committed.
store::Operation MergeRecords(std::vector<PlacedRecord> records, WallTime now,
                              std::shared_ptr<const Config> config,
                              std::shared_ptr<MergeCounts> counts);

}  // namespace mxward::control
