// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/clock.h"

namespace mxward {

// Tells the service manager: "READY=1", "RELOADING=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..."
// (sd_notify(3): a datagram to $NOTIFY_SOCKET). Does nothing without $NOTIFY_SOCKET.
class ServiceManager {
 public:
  // The values of NOTIFY_SOCKET and WATCHDOG_USEC, or nullptr.
  explicit ServiceManager(const char* socket, const char* watchdog = nullptr);
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  void Tell(std::string_view state) const;
  // Within what time it wants to hear "WATCHDOG=1"; 0: it does not.
  Millis watchdog() const { return watchdog_; }

 private:
  int fd_ = -1;
  Millis watchdog_{0};
};

}  // namespace mxward
