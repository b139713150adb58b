// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include "config/listen_address.h"

namespace mxward {

// The milter socket as its own client: a connection wakes who polls for one.
class OwnSocket {
 public:
  // Resolves a host name, so it may wait as long as libmilter does for the same.
  explicit OwnSocket(const ListenAddress& listen);
  // Connects and hangs up; never waits. An error means that nobody is woken, nothing else.
  void Knock() const;

 private:
  sockaddr_storage address_{};
  socklen_t length_ = 0;  // 0: not known
};

}  // namespace mxward
