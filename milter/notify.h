// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mxward {

// Tells the service manager: "READY=1", "RELOADING=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..."
// (sd_notify(3): a datagram to $NOTIFY_SOCKET). Does nothing when nobody asked to be told.
class ServiceManager {
 public:
  // socket: the value of NOTIFY_SOCKET, or nullptr.
  explicit ServiceManager(const char* socket);
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  void Tell(std::string_view state) const;

 private:
  int fd_ = -1;
};

}  // namespace mxward
