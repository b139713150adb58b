// SPDX-License-Identifier: Apache-2.0
#include "control/tcp_listener.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mxward::control {
namespace {

constexpr int kTcpBacklog = 64;

tl::unexpected<Error> SystemError(const ServerAddress& address, std::string_view what) {
  return Fail(ErrorCode::kIo,
              address.ToString() + ": " + std::string(what) + ": " + std::strerror(errno));
}

// An address in the form that the kernel takes.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress ToSocketAddress(const ServerAddress& address) {
  SocketAddress out;
  if (address.address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    v4.sin_addr.s_addr = htonl(address.address.v4());
    std::memcpy(&out.storage, &v4, sizeof v4);
    out.size = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    std::copy(address.address.bytes().begin(), address.address.bytes().end(), v6.sin6_addr.s6_addr);
    std::memcpy(&out.storage, &v6, sizeof v6);
    out.size = sizeof v6;
  }
  return out;
}

std::uint16_t PortOf(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  if (bound.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &bound, sizeof v4);
    return ntohs(v4.sin_port);
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &bound, sizeof v6);
  return ntohs(v6.sin6_port);
}

}  // namespace

Result<TcpListener> TcpListener::Bind(const ServerAddress& address) {
  const SocketAddress where = ToSocketAddress(address);
  TcpListener listener(
      socket(where.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), address);
  if (listener.fd_ < 0) return SystemError(address, "cannot make a socket");
  const int yes = 1;
  const int no = 0;
  // Connections of the process before must not keep the port for minutes.
  setsockopt(listener.fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (!address.address.is_v4()) {
    setsockopt(listener.fd_, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  }
  if (bind(listener.fd_, where.get(), where.size) != 0 || listen(listener.fd_, kTcpBacklog) != 0) {
    return SystemError(address, "cannot listen");
  }
  listener.address_.port = PortOf(listener.fd_);
  return listener;
}

TcpListener::TcpListener(TcpListener&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), address_(other.address_) {}

TcpListener::~TcpListener() { Close(); }

void TcpListener::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

}  // namespace mxward::control
