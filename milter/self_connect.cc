// SPDX-License-Identifier: Apache-2.0
#include "milter/self_connect.h"

#include <netdb.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>

namespace mxward {

SelfConnect::SelfConnect(const ListenAddress& listen) {
  switch (listen.kind) {
    case ListenAddress::Kind::kUnix: {
      sockaddr_un un{};
      un.sun_family = AF_UNIX;
      listen.path.copy(un.sun_path, sizeof un.sun_path - 1);
      std::memcpy(&address_, &un, sizeof un);
      length_ = sizeof un;
      return;
    }
    case ListenAddress::Kind::kFd: {
      socklen_t length = sizeof address_;
      if (getsockname(listen.fd, reinterpret_cast<sockaddr*>(&address_), &length) == 0) {
        length_ = length;
      }
      return;
    }
    case ListenAddress::Kind::kInet:
    case ListenAddress::Kind::kInet6: {
      addrinfo hints{};
      hints.ai_family = listen.kind == ListenAddress::Kind::kInet ? AF_INET : AF_INET6;
      hints.ai_socktype = SOCK_STREAM;
      addrinfo* found = nullptr;
      const std::string port = std::to_string(listen.port);
      if (getaddrinfo(listen.host.c_str(), port.c_str(), &hints, &found) != 0) return;
      std::memcpy(&address_, found->ai_addr, found->ai_addrlen);
      length_ = found->ai_addrlen;
      freeaddrinfo(found);
      return;
    }
  }
}

int SelfConnect::Connect() const {
  if (length_ == 0) return -1;
  const int fd = socket(address_.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  // In progress is as good as done.
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address_), length_) == 0 ||
      errno == EINPROGRESS) {
    return fd;
  }
  close(fd);
  return -1;
}

void SelfConnect::Wake() const {
  if (const int fd = Connect(); fd >= 0) close(fd);
}

int SelfConnect::Negotiate() const {
  // SMFIC_OPTNEG with version 6, no actions, and every step that there is; SMFIC_QUIT.
  static constexpr std::array<unsigned char, 22> kOffer = {
      0, 0, 0, 13, 'O', 0, 0, 0, 6, 0, 0, 0, 0, 0, 0x1f, 0xff, 0xff, 0, 0, 0, 1, 'Q'};
  const int fd = Connect();
  if (fd < 0) return -1;
  if (send(fd, kOffer.data(), kOffer.size(), MSG_NOSIGNAL) == std::ssize(kOffer)) return fd;
  close(fd);
  return -1;
}

}  // namespace mxward
