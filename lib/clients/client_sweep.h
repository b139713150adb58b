// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/clock_guard.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward {

// Removes clients whose last visit is longer ago than clients.lifetime, in slices like the
// greylist's sweep. Used by one thread.
class ClientSweep {
 public:
  ClientSweep(store::Environment& environment, store::Writer& writer)
      : environment_(environment), writer_(writer) {}

  // One slice. True when all clients have been looked at, or could not be read; the next call
  // begins anew. Nothing is removed while the clock is not trusted.
  bool Step(Seconds lifetime, WallTime now, MonoTime monotonic);

  static constexpr std::size_t kSlice = 1000;
  static constexpr std::size_t kDeletions = 100;

 private:
  store::Environment& environment_;
  store::Writer& writer_;
  ClockGuard clock_guard_;
  std::string next_;
};

}  // namespace mxward
