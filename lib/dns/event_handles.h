// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <event2/event.h>

#include <chrono>
#include <memory>

#include "base/clock.h"

namespace mxward::dns {

// Owners of the objects of libevent's loop, and its time. Only for files that may include libevent:
// of this folder and of lib/control.
struct EventDeleter {
  void operator()(event_base* base) const { event_base_free(base); }
  void operator()(event* one) const { event_free(one); }
};
using EventBase = std::unique_ptr<event_base, EventDeleter>;
using Event = std::unique_ptr<event, EventDeleter>;

inline timeval ToTimeval(Millis duration) {
  const auto seconds = std::chrono::floor<Seconds>(duration);
  timeval result{};
  result.tv_sec = seconds.count();
  result.tv_usec = std::chrono::microseconds(duration - seconds).count();
  return result;
}

}  // namespace mxward::dns
