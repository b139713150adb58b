// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "store/environment.h"
#include "store/expiry.h"
#include "store/writer.h"

namespace mxward::entries {

// Removes entries that have expired and old tombstones (store::ExpiryPass). Used by one thread.
class Sweep {
 public:
  Sweep(store::Environment& environment, store::Writer& writer);

  // One slice. True when all entries have been looked at, or could not be read; the next call
  // starts over. Nothing is removed while the clock is not trusted.
  bool Step(WallTime now, MonoTime monotonic);

 private:
  store::ExpiryPass pass_;
};

}  // namespace mxward::entries
