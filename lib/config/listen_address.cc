// SPDX-License-Identifier: Apache-2.0
#include "config/listen_address.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>

#include "base/ip_address.h"
#include "base/text.h"
#include "config/checks.h"

namespace mxward {
namespace {

constexpr std::string_view kForms =
    R"("auto", "unix:/path", "inet:port@host", "inet:host:port", "inet6:port@host" or "fd:3")";

constexpr std::string_view kPostfixQueue = "/var/spool/postfix/";

bool IsDirectory(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool ParseNumber(std::string_view text, int& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool IsHostName(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return IsAlphanumeric(c) || c == '.' || c == '-' || c == '_';
  });
}

Result<ListenAddress> ParseUnix(std::string_view path) {
  if (!path.starts_with('/')) {
    return Bad(
        "needs the full path of the socket, such as \"unix:/run/mxward/milter.sock\" (only in "
        "Postfix's smtpd_milters are paths relative to the queue directory)");
  }
  if (path.size() > kMaxSocketPath) {
    return Bad(fmt::format("the path of a socket has at most {} bytes, this one has {}",
                           kMaxSocketPath, path.size()));
  }
  if (path.ends_with('/')) return Bad("is a directory; the path of a socket is needed");
  ListenAddress out;
  out.kind = ListenAddress::Kind::kUnix;
  out.path = path;
  return out;
}

// libmilter says PORT@HOST, Postfix says HOST:PORT.
Result<ListenAddress> ParseInet(std::string_view text, bool v6) {
  std::string_view host;
  std::string_view port;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    port = text.substr(0, at);
    host = text.substr(at + 1);
  } else if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  } else {
    int number = 0;
    if (ParseNumber(text, number)) {
      return Bad(
          fmt::format("needs the address to listen on as well, such as \"inet:{}@127.0.0.1\" (any "
                      "host that can reach the port can use mxward)",
                      number));
    }
    return Bad(fmt::format("needs a port, such as \"inet:8899@{}\"", EscapeForLog(text, 60)));
  }
  int number = 0;
  if (!ParseNumber(port, number) || number < 1 || number > 65535) {
    return Bad(fmt::format(
        "\"{}\" is not a valid port; ports are 1 to 65535, as in \"inet:8899@127.0.0.1\"",
        EscapeForLog(port, 40)));
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const auto address = IpAddress::Parse(host);
  if (!address && !IsHostName(host)) {
    return Bad(fmt::format("\"{}\" is neither an address nor a host name", EscapeForLog(host, 60)));
  }
  if (v6 && address && address->is_v4()) return Bad("has an IPv4 address after inet6:");
  ListenAddress out;
  const bool is_v6 = v6 || (address && !address->is_v4());
  out.kind = is_v6 ? ListenAddress::Kind::kInet6 : ListenAddress::Kind::kInet;
  out.host = address ? address->ToString() : std::string(host);
  out.port = number;
  return out;
}

// Both libmilter and Postfix take an IPv6 address only in brackets, and a name only without.
std::string Bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  ListenAddress out;
  if (text == "auto") {
    std::string below_queue(kPostfixQueue);
    below_queue += "mxward";
    out.path = (IsDirectory(below_queue) ? below_queue : "/run/mxward") + "/milter.sock";
    return out;
  }
  if (std::any_of(text.begin(), text.end(),
                  [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; })) {
    return Bad("holds a blank or a control character");
  }
  if (text.starts_with('/')) return ParseUnix(text);
  const std::size_t colon = text.find(':');
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (!rest.empty()) {
    if (scheme == "unix" || scheme == "local") return ParseUnix(rest);
    if (scheme == "inet") return ParseInet(rest, /*v6=*/false);
    if (scheme == "inet6") return ParseInet(rest, /*v6=*/true);
  }
  if (scheme == "fd") {
    out.kind = ListenAddress::Kind::kFd;
    if (ParseNumber(rest, out.fd) && out.fd >= 3 && out.fd <= 1 << 20) return out;
    return Bad("needs the number of an open socket, 3 or higher, such as \"fd:3\"");
  }
  return Bad(fmt::format("must be {}; found \"{}\"", kForms, EscapeForLog(text, 60)));
}

std::string ListenAddress::ToLibmilter() const {
  switch (kind) {
    case Kind::kUnix:
      return "unix:" + path;
    case Kind::kInet:
      return fmt::format("inet:{}@{}", port, host);
    case Kind::kInet6:
      return fmt::format("inet6:{}@{}", port, Bracketed(host));
    case Kind::kFd:
      return fmt::format("fd:{}", fd);
  }
  return {};
}

std::string ListenAddress::ToPostfix() const {
  switch (kind) {
    case Kind::kUnix: {
      const bool in_queue = path.starts_with(kPostfixQueue);
      return "unix:" + (in_queue ? path.substr(kPostfixQueue.size()) : path);
    }
    case Kind::kInet:
      return fmt::format("inet:{}:{}", host == "0.0.0.0" ? "127.0.0.1" : host, port);
    case Kind::kInet6:
      return fmt::format("inet:{}:{}", Bracketed(host == "::" ? "::1" : host), port);
    case Kind::kFd:
      return {};
  }
  return {};
}

}  // namespace mxward
