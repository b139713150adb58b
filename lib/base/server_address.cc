// SPDX-License-Identifier: Apache-2.0
#include "base/server_address.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"

namespace mxward {
namespace {

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

tl::unexpected<Error> Refuse(std::string_view text, std::string_view reason) {
  return Fail(ErrorCode::kInvalid, "\"" + EscapeForLog(text, 80) + "\": " + std::string(reason));
}

}  // namespace

std::string ServerAddress::ToString() const {
  const std::string host = address.ToString();
  return (address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

Result<ServerAddress> ParseServerAddress(std::string_view text) {
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return Refuse(text, "a ']' is missing");
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (rest.starts_with(':')) {
      port = rest.substr(1);
    } else if (!rest.empty()) {
      return Refuse(text, "after ']' only a colon and a port can follow");
    }
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  // "[" and "IPv6:" are forms of mail addresses, not of this.
  const bool bare = host.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos;
  const auto address = bare ? IpAddress::Parse(host) : std::nullopt;
  if (!address) {
    return Refuse(text,
                  "not the address of a DNS server: write \"192.0.2.1\", \"127.0.0.1:5353\" or "
                  "\"[2001:db8::1]:53\"; host names are not resolved here");
  }
  ServerAddress server{*address};
  if (port) {
    const auto number = ParsePort(*port);
    if (!number) return Refuse(text, "the port must be a number from 1 to 65535");
    server.port = *number;
  }
  return server;
}

}  // namespace mxward
