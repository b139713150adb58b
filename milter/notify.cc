// SPDX-License-Identifier: Apache-2.0
#include "milter/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace mxward {

ServiceManager::ServiceManager(const char* socket_path, const char* watchdog) {
  if (watchdog != nullptr) {
    std::int64_t micros = 0;
    std::from_chars(watchdog, watchdog + std::strlen(watchdog), micros);
    watchdog_ = std::chrono::duration_cast<Millis>(std::chrono::microseconds(micros));
  }
  const std::string path = socket_path == nullptr ? "" : socket_path;
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (path.front() == '@') address.sun_path[0] = '\0';  // an abstract socket
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  fd_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd_ >= 0 && connect(fd_, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    close(fd_);
    fd_ = -1;
  }
}

ServiceManager::~ServiceManager() {
  if (fd_ >= 0) close(fd_);
}

void ServiceManager::Tell(std::string_view state) const {
  // Lost when nobody reads it: the service manager then judges for itself.
  if (fd_ >= 0) static_cast<void>(send(fd_, state.data(), state.size(), MSG_NOSIGNAL));
}

}  // namespace mxward
