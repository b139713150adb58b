// SPDX-License-Identifier: Apache-2.0
#include "outcomes/summary.h"

#include <algorithm>

namespace mxward::outcomes {

void Summary::AddDay(const Rows& rows) {
  for (const auto& [key, stored] : rows) {
    Row row = stored;
    const bool tuples = key.kind == Kind::kTotals || key.kind == Kind::kOrganisation;
    if (tuples) {
      const std::uint32_t settled = row.counts[kCameBack] + row.counts[kNeverBack];
      row.counts[kDeferred] = std::max(row.counts[kDeferred], settled);
    }
    if (key.kind == Kind::kTotals) {
      totals_.Add(key.kind, row);
    } else {
      named_[static_cast<std::size_t>(key.kind)][key.name].Add(key.kind, row);
    }
  }
}

std::uint32_t StillOut(const Row& row) {
  return row.counts[kDeferred] -
         std::min(row.counts[kDeferred], row.counts[kCameBack] + row.counts[kNeverBack]);
}

Companion CompanionOf(const std::map<std::string, Row>& pairs, const std::string& finding) {
  Companion most;
  for (const auto& [name, row] : pairs) {
    const auto [first, second] = Split(name);
    if (second.empty() || (first != finding && second != finding)) continue;
    if (row.counts[kMessages] <= most.messages) continue;
    most = {std::string(first == finding ? second : first), row.counts[kMessages]};
  }
  return most;
}

}  // namespace mxward::outcomes
