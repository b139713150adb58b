// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "milter/self_connect.h"

namespace mxward {

// Whether libmilter's pool still serves. A hang of it shows nowhere else: the process lives, the
// socket takes connections, and the MTA waits for its timeout with each.
//
// What counts is that callbacks finish, whoever they are for. Where none did, a connection of our
// own is left waiting with an MTA's negotiation, which a pool that serves answers within
// milliseconds. So neither silence nor load looks like a hang, and strangers cannot make it look
// like one: each callback ends by itself (dns.deadline, store.deadline), and where connections have
// used up all descriptors there is none for ours either, and nothing is known. Not thread-safe.
class PoolWatch {
 public:
  // finished: how many callbacks have ended by now. Both outlive this.
  PoolWatch(const SelfConnect& socket, std::function<std::uint64_t()> finished);
  ~PoolWatch();
  PoolWatch(const PoolWatch&) = delete;
  PoolWatch& operator=(const PoolWatch&) = delete;

  // To be called at intervals of a second or more; never waits. How many looks in a row found that
  // nothing had finished, although a connection had waited since the look before.
  int Look();

 private:
  const SelfConnect& socket_;
  std::function<std::uint64_t()> finished_;
  std::uint64_t seen_ = 0;
  int waiting_ = -1;  // our connection, left since the last look
  int stalled_ = 0;
};

}  // namespace mxward
