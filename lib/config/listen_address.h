// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mxward {

// The longest path that a unix socket can have.
inline constexpr std::size_t kMaxSocketPath = 107;

// Where the milter listens. Postfix writes inet:HOST:PORT, libmilter inet:PORT@HOST; both are
// understood.
struct ListenAddress {
  enum class Kind : std::uint8_t { kUnix, kInet, kInet6, kFd };
  Kind kind = Kind::kUnix;
  std::string path;  // kUnix
  std::string host;  // kInet, kInet6: an address without brackets, or a name
  int port = 0;      // kInet, kInet6
  int fd = -1;       // kFd: an open listening socket, where libmilter knows "fd:" (Debian's does)

  // As smfi_setconn() takes it.
  std::string ToLibmilter() const;
  // As Postfix's smtpd_milters takes it: below the queue directory the path is written relative,
  // because smtpd runs in a chroot there.
  std::string ToPostfix() const;
};

// "auto", "unix:PATH", "/PATH", "inet:PORT@HOST", "inet:HOST:PORT", "inet6:...", "fd:N". "auto" is
// mxward/milter.sock below Postfix's queue directory where that folder exists, else
// /run/mxward/milter.sock. A port without an address is refused: it would be open to the world.
// The message completes "milter.listen: ...".
Result<ListenAddress> ParseListenAddress(std::string_view text);

}  // namespace mxward
