// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "base/server_address.h"

namespace mxward::control {

// A listening TCP socket.
class TcpListener {
 public:
  // An address of all zeros stands for all of its family, that of IPv6 for both families. Port 0
  // lets the kernel choose one.
  static Result<TcpListener> Bind(const ServerAddress& address);
  TcpListener(TcpListener&& other) noexcept;
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;
  TcpListener& operator=(TcpListener&&) = delete;
  ~TcpListener();  // Close()

  // Non-blocking; -1 after Close().
  int fd() const { return fd_; }
  // Where it listens, with the port that the kernel chose.
  const ServerAddress& address() const { return address_; }
  void Close();

 private:
  TcpListener(int fd, const ServerAddress& address) : fd_(fd), address_(address) {}

  int fd_ = -1;
  ServerAddress address_;
};

}  // namespace mxward::control
