// SPDX-License-Identifier: Apache-2.0
#include "control/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/system_group.h"

namespace mxward::control {
namespace {

constexpr int kUnixBacklog = 64;

tl::unexpected<Error> SystemError(const std::string& what) {
  return Fail(ErrorCode::kIo, what + ": " + std::strerror(errno));
}

// Makes room for the socket. The lock is held, so the owner of an old one is gone.
Result<void> RemoveStale(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return SystemError(path);
  }
  if (!S_ISSOCK(info.st_mode)) {
    return Fail(ErrorCode::kInvalid, path + ": exists and is not a socket; it is left alone");
  }
  if (unlink(path.c_str()) != 0) return SystemError(path + ": cannot remove the old socket");
  return {};
}

// The mode comes from the umask: a chmod afterwards could be led astray by who owns the folder.
Result<void> BindWithMode(int fd, const sockaddr_un& address, mode_t mode) {
  const mode_t umask_before = umask(0777 & ~mode);
  const int code =
      bind(fd, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(sizeof address));
  umask(umask_before);
  if (code != 0) return SystemError(std::string(address.sun_path) + ": cannot create the socket");
  return {};
}

}  // namespace

Result<UnixListener> UnixListener::Bind(Options options) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (options.path.empty() || options.path.front() != '/') {
    return Fail(ErrorCode::kInvalid,
                "\"" + options.path + "\": the path of a socket must be absolute");
  }
  if (options.path.size() >= sizeof address.sun_path) {
    return Fail(ErrorCode::kInvalid, options.path + ": a socket's path can have " +
                                         std::to_string(sizeof address.sun_path - 1) +
                                         " characters at most, this one has " +
                                         std::to_string(options.path.size()));
  }
  std::memcpy(address.sun_path, options.path.c_str(), options.path.size() + 1);
  auto group =
      options.group.empty() ? Result<gid_t>(static_cast<gid_t>(-1)) : FindGroup(options.group);
  if (!group) return Fail(options.path, group.error());
  std::optional<gid_t> read_group;
  if (!options.read_group.empty()) {
    const auto found = FindGroup(options.read_group);
    if (!found) return Fail(options.path, found.error());
    read_group = *found;
    options.mode = 0666;
  }

  const std::string lock_path = options.path + ".lock";
  MXWARD_TRY(auto lock, FileLock::Acquire(lock_path, /*create=*/true));
  MXWARD_TRY(RemoveStale(options.path));

  UnixListener listener(std::move(lock), options.path);
  listener.read_group_ = read_group;
  listener.fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener.fd_ < 0) return SystemError(options.path + ": cannot create a socket");
  MXWARD_TRY(BindWithMode(listener.fd_, address, options.mode));
  if (lchown(address.sun_path, static_cast<uid_t>(-1), *group) != 0) {
    return SystemError(options.path + ": cannot change the group of the socket");
  }
  if (listen(listener.fd_, kUnixBacklog) != 0) return SystemError(options.path + ": cannot listen");
  return listener;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : lock_(std::move(other.lock_)),
      path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      read_group_(other.read_group_) {}

UnixListener::~UnixListener() { Close(); }

gid_t UnixListener::group() const {
  struct stat info {};
  return lstat(path_.c_str(), &info) == 0 ? info.st_gid : getegid();
}

void UnixListener::Close() {
  if (fd_ < 0) return;
  close(std::exchange(fd_, -1));
  unlink(path_.c_str());
}

Result<Peer> PeerOf(int fd) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return SystemError("who is asking");
  }
  Peer peer;
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  peer.groups.resize(64);
  for (;;) {
    size = static_cast<socklen_t>(peer.groups.size() * sizeof(gid_t));
    const bool done = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &size) == 0;
    const bool larger = !done && errno == ERANGE && size > peer.groups.size() * sizeof(gid_t);
    // A kernel before 4.13 cannot say: only the main group counts there.
    peer.groups.resize(done || larger ? size / sizeof(gid_t) : 0);
    if (!larger) return peer;
  }
}

std::optional<Role> RoleOf(const Peer& peer, uid_t own_user, gid_t socket_group,
                           std::optional<gid_t> read_group) {
  const auto is_in = [&peer](gid_t group) {
    return peer.gid == group ||
           std::find(peer.groups.begin(), peer.groups.end(), group) != peer.groups.end();
  };
  if (peer.uid == 0 || peer.uid == own_user) return Role::kOwner;
  if (is_in(socket_group)) return Role::kControl;
  if (read_group && is_in(*read_group)) return Role::kRead;
  return std::nullopt;
}

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
