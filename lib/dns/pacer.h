// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>

#include "base/clock.h"

namespace mxward::dns {

// Keeps a burst from being lost on its way to one server: at most kMost questions are sent without
// an answer, the others wait in order.
//
// A server takes its questions from a socket buffer, and what comes while that is full is lost
// without a word. Of Linux's usual size (212992 bytes) it holds some 250 small datagrams, for each
// counts with all that the kernel keeps about it. We take half: others ask the same server.
//
// A question stops counting when it is answered, or kHolds after it was sent: a server that lives
// has it out of its buffer by then, even though it may itself have to wait for the answer. So a
// name whose own servers are silent does not hold up the others.
//
// Not thread-safe.
class Pacer {
 public:
  static constexpr std::size_t kMost = 128;
  static constexpr Millis kHolds{100};

  using Send = std::function<void()>;
  using Place = std::list<Send>::iterator;
  using Ticket = std::uint64_t;

  // Whether a question may be sent at once; if not, it is to Wait() for its turn.
  bool HasRoom() const { return waiting_.empty() && sent_.size() < kMost; }
  // A question is sent; and was answered, or will not be.
  Ticket Enter(MonoTime now);
  void Leave(Ticket ticket) { sent_.erase(ticket); }

  // `send` is called by SendWaiting() when it is its turn, and is to Enter().
  Place Wait(Send send);
  void Withdraw(Place place) { waiting_.erase(place); }
  // Lets those go that there is room for. May be called from within a `send`.
  void SendWaiting();
  void Expire(MonoTime now);

 private:
  std::map<Ticket, MonoTime> sent_;  // in the order of sending
  Ticket next_ = 0;
  std::list<Send> waiting_;
  bool sending_ = false;
};

}  // namespace mxward::dns
