// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "store/environment.h"
#include "store/expiry.h"
#include "store/writer.h"

namespace mxward {

// Removes clients whose last visit is longer ago than clients.lifetime, and sets those from the
// future to now (store::ExpiryPass). Used by one thread.
class ClientSweep {
 public:
  ClientSweep(store::Environment& environment, store::Writer& writer);

  // One slice. True when all clients have been looked at, or could not be read; the next call
  // starts over. Nothing is removed while the clock is not trusted.
  bool Step(Seconds lifetime, WallTime now, MonoTime monotonic);

 private:
  Seconds lifetime_{};
  store::ExpiryPass pass_;
};

}  // namespace mxward
