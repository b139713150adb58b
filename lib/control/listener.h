// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/file_lock.h"
#include "base/result.h"
#include "base/server_address.h"
#include "control/message.h"

namespace mxward::control {

// A listening unix socket, with the lock (PATH.lock) that keeps a second instance from taking its
// place.
class UnixListener {
 public:
  struct Options {
    std::string path;
    mode_t mode = 0660;
    std::string group;  // a name or a number; empty: as the directory gives it
    // The same, of those who may only read; empty: nobody. With one, everybody can connect, because
    // a socket has one group: who may ask is decided by RoleOf().
    std::string read_group = {};
  };

  // Replaces a socket that nobody holds the lock of, never anything else. kInvalid: the path or the
  // group cannot be used; kUnavailable: another instance listens there. Changes the umask for a
  // moment. REQUIRES: no other thread runs yet
  static Result<UnixListener> Bind(Options options);
  UnixListener(UnixListener&& other) noexcept;
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;
  UnixListener& operator=(UnixListener&&) = delete;
  ~UnixListener();  // Close()

  // Non-blocking; -1 after Close().
  int fd() const { return fd_; }
  const std::string& path() const { return path_; }
  // The socket's, as it is now: an administrator may have changed it.
  gid_t group() const;
  std::optional<gid_t> read_group() const { return read_group_; }
  // Stops listening and removes the socket, if the process still may.
  void Close();

 private:
  UnixListener(FileLock lock, std::string path) : lock_(std::move(lock)), path_(std::move(path)) {}

  FileLock lock_;
  std::string path_;
  int fd_ = -1;
  std::optional<gid_t> read_group_;
};

// Who is at the other end of a connected unix socket, as the kernel knows it.
struct Peer {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary ones
};
Result<Peer> PeerOf(int fd);

// Root and the daemon's own user, members of the socket's group, those of the group that may read;
// nothing: anybody else.
std::optional<Role> RoleOf(const Peer& peer, uid_t own_user, gid_t socket_group,
                           std::optional<gid_t> read_group);

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
