// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/server_address.h"

namespace mxward::dns {

// What a resolv.conf(5) says that matters here.
struct NameServers {
  // In order, at most kMaxServers. Without any it is the server on this machine, as resolv.conf(5)
  // says.
  std::vector<ServerAddress> servers;
  // Addresses with a zone ("fe80::1%eth0"), which cannot be asked.
  std::vector<std::string> unusable;
  // "options use-vc": over TCP alone. Not heeded: queries go over UDP first.
  bool wants_tcp = false;
  bool operator==(const NameServers&) const = default;
};
inline constexpr std::size_t kMaxServers = 8;
// Pure.
NameServers ParseResolvConf(std::string_view text);

// Tells when the file was written or replaced. Used by one thread at a time.
class ResolvConf {
 public:
  explicit ResolvConf(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }

  // The servers, the first time and whenever the file has changed since; nothing otherwise, and
  // while there is no file that can be read (but the first time it is this machine then).
  std::optional<NameServers> Changed();
  // The next Changed() reads it again.
  void Forget() { known_ = false; }

 private:
  struct Version {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_seconds = 0;
    std::int64_t modified_nanos = 0;
    bool operator==(const Version&) const = default;
  };

  std::string path_;
  Version version_;
  bool known_ = false;
};

}  // namespace mxward::dns
