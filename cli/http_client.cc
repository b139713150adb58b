// SPDX-License-Identifier: Apache-2.0
#include "cli/http_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>

namespace mxward::cli {
namespace {

MonoTime Now() { return RealClock().Monotonic(); }

tl::unexpected<Error> ConnectFailed(const std::string& path, int code) {
  const bool absent = code == ENOENT || code == ECONNREFUSED || code == ENOTDIR;
  const bool forbidden = code == EACCES || code == EPERM;
  return Fail(absent      ? ErrorCode::kNotFound
              : forbidden ? ErrorCode::kUnavailable
                          : ErrorCode::kIo,
              path + ": " + std::strerror(code));
}

Result<HttpReply> ParseReply(const std::string& text) {
  const auto garbled = [] { return Fail(ErrorCode::kCorrupt, "control socket: no HTTP answer"); };
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  const std::size_t end = text.find("\r\n\r\n");
  if (!text.starts_with(kVersion) || end == std::string::npos) return garbled();
  HttpReply reply;
  const char* status = text.data() + kVersion.size();
  if (std::from_chars(status, status + 3, reply.status).ec != std::errc()) return garbled();
  // An answer that was cut off must not pass for a short one.
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t field = text.find(kLength);
  std::size_t length = 0;
  if (field > end) return garbled();
  const char* number = text.data() + field + kLength.size();
  if (std::from_chars(number, text.data() + end, length).ec != std::errc()) return garbled();
  reply.body = text.substr(end + 4);
  if (reply.body.size() < length) {
    return Fail(ErrorCode::kCorrupt, "control socket: the answer was truncated");
  }
  return reply;
}

}  // namespace

Result<HttpConnection> HttpConnection::Open(const std::string& path, Millis deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Fail(ErrorCode::kInvalid, path + ": too long for a unix socket");
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Fail(ErrorCode::kIo, std::string("socket: ") + std::strerror(errno));
  HttpConnection connection(fd, Now() + deadline);
  // EAGAIN: the backlog of a busy daemon is full; a unix socket cannot be waited for then.
  while (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EAGAIN && errno != EINTR) return ConnectFailed(path, errno);
    if (Now() >= connection.end_) return ConnectFailed(path, ETIMEDOUT);
    poll(nullptr, 0, 20);
  }
  return connection;
}

HttpConnection::HttpConnection(HttpConnection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), end_(other.end_) {}

HttpConnection::~HttpConnection() {
  if (fd_ >= 0) close(fd_);
}

Result<HttpReply> HttpConnection::Ask(const std::string& method, const std::string& target,
                                      const std::string& body) {
  const std::string request =
      method + " " + target +
      " HTTP/1.1\r\nHost: mxward\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\nConnection: close\r\n\r\n" + body;
  MXWARD_TRY(Send(request));
  MXWARD_TRY(auto text, ReadAll());
  return ParseReply(text);
}

Result<void> HttpConnection::Await(short events) {
  for (;;) {
    const auto left = std::chrono::ceil<Millis>(end_ - Now());
    pollfd waited{fd_, events, 0};
    const int ready = poll(&waited, 1, static_cast<int>(std::max<long>(0, left.count())));
    if (ready > 0) return {};
    if (ready == 0) return Fail(ErrorCode::kTimeout, "control socket: no answer in time");
    if (errno != EINTR) return Fail(ErrorCode::kIo, std::string("poll: ") + std::strerror(errno));
  }
}

Result<void> HttpConnection::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return {};  // turned away; why can still be read
    } else if (errno != EAGAIN && errno != EINTR) {
      return Fail(ErrorCode::kIo, std::string("control socket: ") + std::strerror(errno));
    } else if (auto waited = Await(POLLOUT); !waited) {
      return waited;
    }
  }
  return {};
}

Result<std::string> HttpConnection::ReadAll() {
  std::string text;
  std::array<char, 65536> bytes;
  for (;;) {
    const ssize_t size = recv(fd_, bytes.data(), bytes.size(), 0);
    if (size > 0) {
      text.append(bytes.data(), static_cast<std::size_t>(size));
      if (text.size() > kMaxReply) {
        return Fail(ErrorCode::kCorrupt, "control socket: the answer is too long");
      }
    } else if (size == 0 || errno == ECONNRESET) {
      return text;
    } else if (errno == EAGAIN) {
      MXWARD_TRY(Await(POLLIN));
    } else if (errno != EINTR) {
      return Fail(ErrorCode::kIo, std::string("control socket: ") + std::strerror(errno));
    }
  }
}

}  // namespace mxward::cli
