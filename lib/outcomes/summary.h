// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "outcomes/row.h"

namespace mxward::outcomes {

// The rows of several days as one. A value.
class Summary {
 public:
  // All rows of one day. A tuple that came back or was lost had been deferred on that day, even
  // where nobody counted it then (an older mxward, or an import).
  void AddDay(const Rows& rows);

  const Row& totals() const { return totals_; }
  // By name; the empty one is what there was no room to name.
  const std::map<std::string, Row>& of(Kind kind) const {
    return named_[static_cast<std::size_t>(kind)];
  }

 private:
  Row totals_;
  std::array<std::map<std::string, Row>, kKinds> named_;
};

// Of tuples deferred: neither back nor given up for lost.
std::uint32_t StillOut(const Row& row);

// The finding that was there most often in messages with this one.
struct Companion {
  std::string name;  // empty: none
  std::uint32_t messages = 0;
};
Companion CompanionOf(const std::map<std::string, Row>& pairs, const std::string& finding);

}  // namespace mxward::outcomes
