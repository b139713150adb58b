// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "engine/decision_log.h"

namespace mxward {

// The latest decisions, for those who follow them live. They are kept only while somebody does: who
// has asked is taken to ask again within kWantedFor. At other times a decision costs one look at
// the clock. Thread-safe.
class DecisionFeed {
 public:
  explicit DecisionFeed(const Clock& clock) : clock_(clock) {}

  // What the log line shows, hidden as log.addresses says.
  void Note(const DecisionLine& line);

  struct Item {
    WallTime at{};
    ShownDecision shown;
  };
  struct Part {
    std::vector<Item> items;
    std::uint64_t next = 0;    // where to go on
    std::uint64_t missed = 0;  // decisions before the first item that are not kept any more
    bool more = false;         // limit was reached
  };
  // The decisions from that one on, at most limit; without a number none, but the next will be
  // kept. A number from before a restart of the daemon stands for all that is kept.
  Part From(std::optional<std::uint64_t> number, std::size_t limit);

  static constexpr std::size_t kKept = 2000;
  static constexpr Seconds kWantedFor{15};

 private:
  const Clock& clock_;
  std::atomic<MonoTime> wanted_until_{MonoTime::min()};
  Mutex mutex_;
  std::deque<Item> kept_ MXWARD_GUARDED_BY(mutex_);
  std::uint64_t first_ MXWARD_GUARDED_BY(mutex_) = 0;  // the number of kept_.front()
};

}  // namespace mxward
