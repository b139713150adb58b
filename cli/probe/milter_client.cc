// SPDX-License-Identifier: Apache-2.0
#include "cli/probe/milter_client.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace mxward {

class MilterDeadline {
 public:
  explicit MilterDeadline(std::chrono::milliseconds timeout) : end_(clock_.Monotonic() + timeout) {}

  // Waits until the descriptor is ready or the time is up.
  Result<void> Await(int fd, short events) const {
    while (true) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - clock_.Monotonic());
      pollfd waited{fd, events, 0};
      const int ready = ::poll(&waited, 1, static_cast<int>(std::max<long>(0, left.count())));
      if (ready > 0) return {};
      if (ready == 0) return Fail(ErrorCode::kTimeout, "milter: no answer in time");
      if (errno != EINTR) return Fail(ErrorCode::kIo, std::string("poll: ") + strerror(errno));
    }
  }

 private:
  RealClock clock_;
  MonoTime end_;
};

namespace {

Result<std::string> CheckedPort(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    return Fail(ErrorCode::kInvalid, "\"" + std::string(text) + "\" is not a port");
  }
  return std::to_string(port);
}

Result<MilterAddress> ParseInet(std::string_view rest, bool ipv6) {
  MilterAddress address;
  address.ipv6 = ipv6;
  std::string_view host;
  std::string_view port = rest;
  if (const std::size_t at = rest.find('@'); at != rest.npos) {
    port = rest.substr(0, at);
    host = rest.substr(at + 1);
  } else if (const std::size_t colon = rest.rfind(':'); colon != rest.npos) {
    host = rest.substr(0, colon);
    port = rest.substr(colon + 1);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.find(':') != host.npos) address.ipv6 = true;
  address.host = host.empty() ? (address.ipv6 ? "::1" : "127.0.0.1") : std::string(host);
  MXWARD_TRY(auto checked, CheckedPort(port));
  address.port = std::move(checked);
  return address;
}

// Connects a fresh non-blocking socket; the result owns nothing on failure.
Result<int> ConnectSocket(const sockaddr* name, socklen_t length, const MilterDeadline& deadline) {
  const int fd = ::socket(name->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Fail(ErrorCode::kIo, std::string("socket: ") + strerror(errno));
  int error = ::connect(fd, name, length) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    if (auto waited = deadline.Await(fd, POLLOUT); !waited) {
      ::close(fd);
      return Fail(waited.error());
    }
    socklen_t size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error == 0) return fd;
  ::close(fd);
  // EAGAIN is a unix socket whose backlog is full.
  return Fail(ErrorCode::kUnavailable, std::string("connect: ") + strerror(error));
}

Result<int> ConnectTo(const MilterAddress& address, const MilterDeadline& deadline) {
  if (!address.path.empty()) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (address.path.size() >= sizeof name.sun_path) {
      return Fail(ErrorCode::kInvalid, address.path + ": too long for a unix socket");
    }
    std::memcpy(name.sun_path, address.path.c_str(), address.path.size() + 1);
    return ConnectSocket(reinterpret_cast<const sockaddr*>(&name), sizeof name, deadline);
  }
  addrinfo hints{};
  hints.ai_family = address.ipv6 ? AF_INET6 : AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  if (code != 0) return Fail(ErrorCode::kUnavailable, address.host + ": " + gai_strerror(code));
  Result<int> fd = Fail(ErrorCode::kUnavailable, address.host + ": no address");
  for (const addrinfo* entry = found; entry != nullptr && !fd; entry = entry->ai_next) {
    fd = ConnectSocket(entry->ai_addr, entry->ai_addrlen, deadline);
  }
  ::freeaddrinfo(found);
  return fd;
}

}  // namespace

Result<MilterAddress> ParseMilterAddress(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view scheme = text.substr(0, colon);
  if (text.empty()) return Fail(ErrorCode::kInvalid, "milter address: empty");
  if (colon == text.npos || text.front() == '/') return MilterAddress{std::string(text), {}, {}};
  const std::string_view rest = text.substr(colon + 1);
  if (scheme == "unix" || scheme == "local") {
    if (rest.empty()) return Fail(ErrorCode::kInvalid, "milter address: no path");
    return MilterAddress{std::string(rest), {}, {}};
  }
  if (scheme != "inet" && scheme != "inet6") {
    return Fail(ErrorCode::kInvalid,
                "milter address: \"" + std::string(scheme) + "\" is not one of unix, inet, inet6");
  }
  auto address = ParseInet(rest, scheme == "inet6");
  if (!address) return Fail("milter address", address.error());
  return address;
}

Result<std::unique_ptr<MilterClient>> MilterClient::Connect(std::string_view address,
                                                            std::chrono::milliseconds timeout) {
  MXWARD_TRY(auto parsed, ParseMilterAddress(address));
  auto fd = ConnectTo(parsed, MilterDeadline(timeout));
  if (!fd) return Fail(std::string(address), fd.error());
  return std::unique_ptr<MilterClient>(new MilterClient(*fd, timeout));
}

MilterClient::~MilterClient() { ::close(fd_); }

Result<MilterTerms> MilterClient::Negotiate(const MilterOffer& offer) {
  const MilterDeadline deadline(timeout_);
  std::string out;
  AppendNegotiate(out, offer);
  MXWARD_TRY(Write(out, deadline));
  MXWARD_TRY(auto packet, ReadPacket(deadline));
  auto terms = DecodeTerms(packet);
  if (terms) terms_ = *terms;
  return terms;
}

void MilterClient::SetMacro(std::string name, std::string value) {
  macros_.insert_or_assign(std::move(name), std::move(value));
}

void MilterClient::ClearMacro(const std::string& name) { macros_.erase(name); }

MilterClient::Answer MilterClient::SendConnect(const MilterPeer& peer) {
  std::string packet;
  AppendConnect(packet, peer);
  return Event(MilterCommand::kConnect, packet);
}

MilterClient::Answer MilterClient::SendHelo(std::string_view name) {
  std::string packet;
  AppendHelo(packet, name);
  return Event(MilterCommand::kHelo, packet);
}

MilterClient::Answer MilterClient::SendMail(std::string_view sender,
                                            std::span<const std::string_view> parameters) {
  std::vector<std::string_view> arguments{sender};
  arguments.insert(arguments.end(), parameters.begin(), parameters.end());
  std::string packet;
  AppendMail(packet, arguments);
  return Event(MilterCommand::kMail, packet);
}

MilterClient::Answer MilterClient::SendRcpt(std::string_view recipient,
                                            std::span<const std::string_view> parameters) {
  std::vector<std::string_view> arguments{recipient};
  arguments.insert(arguments.end(), parameters.begin(), parameters.end());
  std::string packet;
  AppendRcpt(packet, arguments);
  return Event(MilterCommand::kRcpt, packet);
}

MilterClient::Answer MilterClient::SendData() {
  std::string packet;
  AppendBare(packet, MilterCommand::kData);
  return Event(MilterCommand::kData, packet);
}

MilterClient::Answer MilterClient::SendUnknown(std::string_view line) {
  std::string packet;
  AppendUnknown(packet, line);
  return Event(MilterCommand::kUnknown, packet);
}

MilterClient::Answer MilterClient::SendHeader(std::string_view name, std::string_view value) {
  std::string packet;
  AppendHeader(packet, name, value);
  return Event(MilterCommand::kHeader, packet);
}

MilterClient::Answer MilterClient::SendEndOfHeaders() {
  std::string packet;
  AppendBare(packet, MilterCommand::kEndOfHeaders);
  return Event(MilterCommand::kEndOfHeaders, packet);
}

MilterClient::Answer MilterClient::SendBody(std::string_view chunk) {
  std::string packet;
  AppendBody(packet, chunk);
  return Event(MilterCommand::kBody, packet);
}

MilterClient::Answer MilterClient::SendEndOfBody() {
  std::string packet;
  AppendBare(packet, MilterCommand::kEndOfBody);
  return Event(MilterCommand::kEndOfBody, packet);
}

Result<void> MilterClient::SendAbort() {
  std::string packet;
  AppendBare(packet, MilterCommand::kAbort);
  return SendRaw(packet);
}

Result<void> MilterClient::SendQuit() {
  std::string packet;
  AppendBare(packet, MilterCommand::kQuit);
  return SendRaw(packet);
}

Result<void> MilterClient::SendQuitNewConnection() {
  std::string packet;
  AppendBare(packet, MilterCommand::kQuitNewConnection);
  return SendRaw(packet);
}

Result<void> MilterClient::SendRaw(std::string_view bytes) {
  return Write(bytes, MilterDeadline(timeout_));
}

Result<MilterReply> MilterClient::ReadReply() { return ReadReply(MilterDeadline(timeout_)); }

MilterClient::Answer MilterClient::Event(MilterCommand event, std::string_view packet) {
  const MilterDeadline deadline(timeout_);
  std::string out;
  if (std::string_view names = terms_.MacroNames(event); !names.empty()) {
    std::vector<MilterMacro> macros;
    while (!names.empty()) {
      const std::size_t end = names.find_first_of(" ,");
      const auto found = macros_.find(names.substr(0, end));
      if (found != macros_.end()) macros.push_back({found->first, found->second});
      names.remove_prefix(end == names.npos ? names.size() : end + 1);
    }
    AppendMacros(out, event, macros);
  }
  if (terms_.Wants(event)) out.append(packet);
  MXWARD_TRY(Write(out, deadline));
  if (!terms_.Wants(event) || !terms_.Answers(event)) return std::optional<Reply>();
  MXWARD_TRY(auto reply, ReadReply(deadline));
  return std::optional<Reply>(std::move(reply));
}

Result<void> MilterClient::Write(std::string_view bytes, const MilterDeadline& deadline) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      if (auto waited = deadline.Await(fd_, POLLOUT); !waited) return waited;
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return Fail(ErrorCode::kUnavailable, "milter: the filter closed the connection");
    } else if (errno != EINTR) {
      return Fail(ErrorCode::kIo, std::string("milter: send: ") + strerror(errno));
    }
  }
  return {};
}

Result<MilterPacket> MilterClient::ReadPacket(const MilterDeadline& deadline) {
  std::array<char, 4096> bytes;
  while (true) {
    MXWARD_TRY(auto packet, parser_.Next());
    if (packet) return *packet;
    MXWARD_TRY(deadline.Await(fd_, POLLIN));
    const ssize_t n = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (n > 0) {
      parser_.Feed({bytes.data(), static_cast<std::size_t>(n)});
    } else if (n == 0 || errno == ECONNRESET) {
      return Fail(ErrorCode::kUnavailable, "milter: the filter closed the connection");
    } else if (errno != EAGAIN && errno != EINTR) {
      return Fail(ErrorCode::kIo, std::string("milter: recv: ") + strerror(errno));
    }
  }
}

Result<MilterReply> MilterClient::ReadReply(const MilterDeadline& deadline) {
  std::vector<MilterEdit> edits;
  while (true) {
    MXWARD_TRY(auto packet, ReadPacket(deadline));
    if (IsMilterEdit(packet.command)) {
      edits.push_back({packet.command, std::string(packet.data)});
      continue;
    }
    auto reply = DecodeReply(packet);
    if (reply && reply->answer == MilterAnswer::kProgress) continue;
    if (reply) reply->edits = std::move(edits);
    return reply;
  }
}

}  // namespace mxward
