// SPDX-License-Identifier: Apache-2.0
#include "engine/record_check.h"

#include <cstddef>

#include "clients/client_record.h"
#include "entries/entry.h"
#include "greylist/auto_allow.h"
#include "greylist/folded.h"
#include "greylist/record.h"
#include "outcomes/row.h"

namespace mxward {
namespace {

using store::Table;

// saved_limits.h: slice and number; time and counters.
constexpr std::size_t kLimitKey = 4;
constexpr std::size_t kLimitTime = 4;
constexpr std::size_t kHash = 8;

}  // namespace

bool CanDecode(Table table, std::string_view key, std::string_view value) {
  switch (table) {
    case Table::kMeta:
      return true;
    case Table::kTuples:
      return greylist::TupleKey::Decode(key) && greylist::TupleRecord::Decode(value);
    case Table::kEarned:
      return key.size() == kHash && greylist::AutoAllowRecord::Decode(value);
    case Table::kEntries:
      return !key.empty() && entries::Decode(static_cast<entries::Kind>(key[0]), value);
    case Table::kClients:
      return key.size() == kHash && ClientRecord::Decode(value);
    case Table::kLimits:
      return key.size() == kLimitKey && value.size() >= kLimitTime;
    case Table::kOutcomes:
      return outcomes::Key::Decode(key) && outcomes::Row::Decode(value);
    case Table::kFolded:
      return greylist::FoldedKey::Decode(key) && greylist::FoldedBlock::Decode(value);
  }
  return false;
}

bool Replaces(Table table, std::string_view key, std::string_view stored, std::string_view other) {
  if (table != Table::kEntries || key.empty()) return false;
  const auto kind = static_cast<entries::Kind>(key[0]);
  const auto theirs = entries::Decode(kind, other);
  return theirs && entries::Merged(entries::Decode(kind, stored), *theirs);
}

}  // namespace mxward
