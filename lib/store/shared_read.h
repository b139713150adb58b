// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>

#include "base/result.h"
#include "store/environment.h"

namespace mxward::store {

// One view of the database for several look-ups that belong together: a read transaction that
// begins with the first of them. Belongs to one thread. It has to be ended before waiting, or
// the map could not grow meanwhile (ReadTransaction).
class SharedRead {
 public:
  // The environment outlives it.
  explicit SharedRead(Environment& environment) : environment_(environment) {}

  // The transaction that is open, or a new one. Valid until End().
  Result<const Transaction*> Begin() {
    if (!transaction_) {
      MXWARD_TRY(auto begun, environment_.Read());
      transaction_.emplace(std::move(begun));
    }
    return &*transaction_;
  }
  void End() { transaction_.reset(); }

  bool open() const { return transaction_.has_value(); }
  Environment& environment() { return environment_; }

 private:
  Environment& environment_;
  std::optional<ReadTransaction> transaction_;
};

}  // namespace mxward::store
