// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "control/server.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/temp_dir.h"

namespace mxward::control {

inline constexpr int kPatience = 5000;  // milliseconds that nothing here should take

// A client that sends and reads when it is told to.
class RawClient {
 public:
  explicit RawClient(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  // On 127.0.0.1.
  explicit RawClient(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(fd_); }

  bool connected() const { return connected_; }
  void Send(std::string_view bytes) { (void)send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  void EndSending() { shutdown(fd_, SHUT_WR); }
  // Up to the end of the connection; "timeout" instead when that does not come.
  std::string ReadAll() {
    std::string text;
    for (;;) {
      pollfd waited{fd_, POLLIN, 0};
      if (poll(&waited, 1, kPatience) != 1) return "timeout";
      std::array<char, 65536> bytes;
      const ssize_t size = recv(fd_, bytes.data(), bytes.size(), 0);
      if (size <= 0) return text;
      text.append(bytes.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  int fd_;
  bool connected_ = false;
};

class ServerFixture {
 public:
  explicit ServerFixture(Server::Limits limits = Server::Limits(), Handler handler = Echo)
      : path(dir.File("control.sock")),
        server(*UnixListener::Bind({path, 0660, ""}), std::move(handler), log, limits) {}

  static Response Echo(const Request& request) {
    return {200, request.method + " " + request.path + " " + std::to_string(request.body.size()) +
                     " " + request.peer};
  }
  std::string Ask(const std::string& request) const {
    RawClient client(path);
    client.Send(request);
    return client.ReadAll();
  }

  TempDir dir;
  std::string path;
  MemoryLog log;
  Server server;
};

inline const std::string kGet = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace mxward::control
