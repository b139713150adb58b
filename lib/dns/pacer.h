// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
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
// Some are ours, about lists; those about names that strangers chose wait after them, and
// kReserved places are kept from them.
//
// A question stops counting when it is answered, or kInFlightTimeout after it was sent: a server
// that lives has it out of its buffer by then, even though it may itself have to wait for the
// answer. So a name whose own servers are silent does not hold up the others.
//
// Not thread-safe.
class Pacer {
 public:
  static constexpr std::size_t kMost = 128;
  static constexpr std::size_t kReserved = kMost / 4;
  static constexpr Millis kInFlightTimeout{100};

  using Send = std::function<void()>;
  enum class Whose : std::uint8_t { kOurs, kStrangers };
  struct Place {
    Whose whose;
    std::list<Send>::iterator send;
  };
  using Ticket = std::uint64_t;

  // Whether a question may be sent at once; if not, it is to Wait() for its turn.
  bool HasRoom(Whose whose) const {
    return waiting_[Index(Whose::kOurs)].empty() && waiting_[Index(whose)].empty() && Fits(whose);
  }
  // A question is sent; and was answered, or will not be.
  Ticket Enter(Whose whose, MonoTime now);
  void Leave(Ticket ticket);

  // `send` is called by SendWaiting() when it is its turn, and is to Enter().
  Place Wait(Whose whose, Send send);
  void Withdraw(const Place& place) { waiting_[Index(place.whose)].erase(place.send); }
  // Lets those go that there is room for. May be called from within a `send`.
  void SendWaiting();
  void Expire(MonoTime now);

 private:
  struct Sent {
    MonoTime when;
    Whose whose;
  };

  static constexpr std::size_t Index(Whose whose) { return static_cast<std::size_t>(whose); }
  bool Fits(Whose whose) const {
    return sent_.size() < kMost && (whose == Whose::kOurs || strangers_ < kMost - kReserved);
  }
  bool SendOne(Whose whose);

  std::map<Ticket, Sent> sent_;  // in the order of sending
  std::size_t strangers_ = 0;    // of sent_
  Ticket next_ = 0;
  std::array<std::list<Send>, 2> waiting_;
  bool sending_ = false;
};

}  // namespace mxward::dns
