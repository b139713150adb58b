// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <chrono>
#include <memory>

#include "base/clock.h"

namespace mxward::control {

// Owners of libevent's objects. Only for server.cc and connection.cc.
struct EventDeleter {
  void operator()(event_base* base) const { event_base_free(base); }
  void operator()(event* timer) const { event_free(timer); }
  void operator()(evconnlistener* listener) const { evconnlistener_free(listener); }
  void operator()(bufferevent* buffer) const { bufferevent_free(buffer); }
};
using EventBase = std::unique_ptr<event_base, EventDeleter>;
using Event = std::unique_ptr<event, EventDeleter>;
using ListenerEvent = std::unique_ptr<evconnlistener, EventDeleter>;
using BufferEvent = std::unique_ptr<bufferevent, EventDeleter>;

inline timeval ToTimeval(Millis duration) {
  const auto seconds = std::chrono::floor<Seconds>(duration);
  timeval result{};
  result.tv_sec = seconds.count();
  result.tv_usec = std::chrono::microseconds(duration - seconds).count();
  return result;
}

}  // namespace mxward::control
