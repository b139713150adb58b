// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include "config/listen_address.h"

namespace mxward {

// The milter socket as its own client.
class SelfConnect {
 public:
  // Resolves a host name, so it may wait as long as libmilter does for the same.
  explicit SelfConnect(const ListenAddress& listen);
  // Connects and hangs up; never waits. An error means that nobody is woken, nothing else.
  void Wake() const;
  // Begins a session as an MTA does, and ends it; never waits. The connection, for the caller to
  // close, or -1 where there is none: no descriptor is left, or nobody listens.
  int Negotiate() const;

 private:
  int Connect() const;
  sockaddr_storage address_{};
  socklen_t length_ = 0;  // 0: not known
};

}  // namespace mxward
