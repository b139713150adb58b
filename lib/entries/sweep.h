// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/clock_guard.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward::entries {

// Removes entries that are over and old tombstones, in slices like the greylist's sweep. Used by
// one thread.
class Sweep {
 public:
  Sweep(store::Environment& environment, store::Writer& writer)
      : environment_(environment), writer_(writer) {}

  // One slice. True when all entries have been looked at, or could not be read; the next call
  // begins anew. Nothing is removed while the clock is not trusted.
  bool Step(WallTime now, MonoTime monotonic);

 private:
  store::Environment& environment_;
  store::Writer& writer_;
  ClockGuard clock_guard_;
  std::string next_;
};

}  // namespace mxward::entries
