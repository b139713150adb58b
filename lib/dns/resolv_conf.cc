// SPDX-License-Identifier: Apache-2.0
#include "dns/resolv_conf.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace mxward::dns {
namespace {

constexpr std::size_t kMaxBytes = 65536;

std::string_view NextWord(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(" \t\r"), line.size());
  line.remove_prefix(begin);
  const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
  line.remove_prefix(word.size());
  return word;
}

std::string ReadStart(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

namespace {

void AddServer(std::string_view word, NameServers& found) {
  if (found.servers.size() + found.unusable.size() >= kMaxServers) return;
  // A port is not in the format; IPv6 stands without brackets.
  if (const auto address = IpAddress::Parse(word)) {
    found.servers.push_back({*address});
  } else if (IpAddress::Parse(word.substr(0, word.find('%')))) {
    found.unusable.emplace_back(word);
  }
}

}  // namespace

NameServers ParseResolvConf(std::string_view text) {
  NameServers found;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::string_view keyword = NextWord(line);
    if (keyword == "nameserver") AddServer(NextWord(line), found);
    if (keyword != "options") continue;
    for (std::string_view word = NextWord(line); !word.empty(); word = NextWord(line)) {
      found.wants_tcp = found.wants_tcp || word == "use-vc";
    }
  }
  if (found.servers.empty()) found.servers.push_back({IpAddress::V4(0x7f000001)});
  return found;
}

std::optional<NameServers> ResolvConf::Changed() {
  const bool first = !std::exchange(known_, true);
  struct stat state {};
  if (stat(path_.c_str(), &state) != 0) {
    if (first) return ParseResolvConf("");
    return std::nullopt;
  }
  const Version version{state.st_dev, state.st_ino, state.st_size, state.st_mtim.tv_sec,
                        state.st_mtim.tv_nsec};
  if (!first && version == version_) return std::nullopt;
  version_ = version;
  return ParseResolvConf(ReadStart(path_));
}

}  // namespace mxward::dns
