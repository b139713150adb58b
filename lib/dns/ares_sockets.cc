// SPDX-License-Identifier: Apache-2.0
#include "dns/ares_sockets.h"

#define CARES_NO_DEPRECATED
#include <ares.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "dns/question.h"
#include "dns/wire.h"

namespace mxward::dns {
namespace {

constexpr int kBurstBuffer = 1 << 20;  // a burst of answers must not be dropped
constexpr std::size_t kMaxMessage = 65535;
// Of datagrams that are no answers, in one go: the loop has others to serve.
constexpr int kMostJunk = 64;

constexpr std::size_t kHeader = 12;
constexpr unsigned kMaxLabel = 63;  // RFC 1035 2.3.4
constexpr std::size_t kMaxName = 255;
constexpr unsigned kResponseBit = 0x8000;
constexpr unsigned kOpcodeBits = 0x7800;
constexpr char kServerFailure = 2;
constexpr std::uint16_t kInternetClass = 1;

bool IsAskedFor(std::uint16_t type) {
  switch (static_cast<RecordType>(type)) {
    case RecordType::kA:
    case RecordType::kNs:
    case RecordType::kSoa:
    case RecordType::kPtr:
    case RecordType::kMx:
    case RecordType::kTxt:
    case RecordType::kAaaa:
      return true;
  }
  return false;
}

std::uint16_t U16At(std::string_view message, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(message[at]) << 8U |
                                    static_cast<unsigned char>(message[at + 1]));
}

// Where a question ends that stands behind the header; 0 when there is none. Its name is not
// compressed, for there is nothing that it could point to.
std::size_t EndOfQuestion(std::string_view message) {
  std::size_t at = kHeader;
  while (at < message.size() && at - kHeader < kMaxName) {
    const auto length = static_cast<unsigned char>(message[at]);
    if (length > kMaxLabel) return 0;
    at += 1U + length;
    if (length == 0) return at + 4 <= message.size() ? at + 4 : 0;
  }
  return 0;
}

struct Head {
  std::string bytes;  // header and question, as a message by itself
  std::string key;    // id, name in lower case, type
};

// Nothing when it is no response to one question of ours.
std::optional<Head> ReadHead(std::string_view message) {
  const std::size_t end = EndOfQuestion(message);
  if (end == 0) return std::nullopt;
  const unsigned flags = U16At(message, 2);
  const unsigned questions = U16At(message, 4);
  if (questions != 1 || (flags & kResponseBit) == 0 || (flags & kOpcodeBits) != 0 ||
      U16At(message, end - 2) != kInternetClass || !IsAskedFor(U16At(message, end - 4))) {
    return std::nullopt;
  }
  Head head;
  head.bytes = message.substr(0, end);
  head.bytes[3] = kServerFailure;
  std::fill_n(head.bytes.begin() + 6, 6, '\0');
  head.key.reserve(end);
  head.key.append(head.bytes, 0, 2).append(head.bytes, kHeader, end - 2 - kHeader);
  // No length of a label is a letter.
  const std::span name(head.key.begin() + 2, head.key.end() - 2);
  for (char& one : name) {
    if (one >= 'A' && one <= 'Z') one = static_cast<char>(one - 'A' + 'a');
  }
  return head;
}

ssize_t NothingYet() {
  errno = EAGAIN;
  return -1;
}

}  // namespace

void AresSockets::Serve(ares_channeldata* channel) {
  static const ares_socket_functions functions = {&Open, &Close, &Connect, &Receive, &Send};
  ares_set_socket_functions(channel, &functions, this);
}

std::string AresSockets::Take(std::string_view shown) {
  const auto head = ReadHead(shown);
  if (!head) return {};
  const auto found = messages_.extract(head->key);
  return found.empty() ? std::string() : std::move(found.mapped());
}

std::size_t AresSockets::Unread(int fd) const {
  const auto found = streams_.find(fd);
  return found == streams_.end() ? 0 : found->second.shown.size();
}

int AresSockets::Open(int family, int type, int protocol, void* self) noexcept {
  const int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd < 0) return fd;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kBurstBuffer, sizeof(kBurstBuffer));
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kBurstBuffer, sizeof(kBurstBuffer));
  if (type != SOCK_STREAM) return fd;
  try {
    static_cast<AresSockets*>(self)->streams_[fd] = {};
    return fd;
  } catch (...) {
    close(fd);
    errno = ENOMEM;
    return -1;
  }
}

int AresSockets::Close(int fd, void* self) noexcept {
  static_cast<AresSockets*>(self)->streams_.erase(fd);
  return close(fd);
}

int AresSockets::Connect(int fd, const sockaddr* address, socklen_t size, void* /*self*/) noexcept {
  return connect(fd, address, size);
}

ssize_t AresSockets::Send(int fd, const iovec* parts, int count, void* /*self*/) noexcept {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = static_cast<std::size_t>(count);
  return sendmsg(fd, &message, MSG_NOSIGNAL);
}

ssize_t AresSockets::Receive(int fd, void* buffer, std::size_t size, int /*flags*/,
                             sockaddr* address, socklen_t* address_size, void* self) noexcept {
  auto* sockets = static_cast<AresSockets*>(self);
  auto* out = static_cast<char*>(buffer);
  try {
    const auto stream = sockets->streams_.find(fd);
    return stream != sockets->streams_.end()
               ? sockets->ReceiveStream(fd, stream->second, out, size)
               : sockets->ReceiveDatagram(fd, out, size, address, address_size);
  } catch (...) {
    return NothingYet();  // out of memory: as if it had been lost on the way
  }
}

ssize_t AresSockets::ReceiveDatagram(int fd, char* buffer, std::size_t size, sockaddr* address,
                                     socklen_t* address_size) {
  std::array<char, kMaxMessage> message;
  const socklen_t room = address_size == nullptr ? 0 : *address_size;
  for (int i = 0; i < kMostJunk; ++i) {
    if (address_size != nullptr) *address_size = room;
    const ssize_t got = recvfrom(fd, message.data(), message.size(), 0, address, address_size);
    if (got < 0) return got;
    const std::string head = Keep({message.data(), static_cast<std::size_t>(got)});
    if (head.empty() || head.size() > size) continue;
    std::memcpy(buffer, head.data(), head.size());
    return static_cast<ssize_t>(head.size());
  }
  return NothingYet();
}

// RFC 1035 4.2.2: each message with two bytes of length in front.
ssize_t AresSockets::ReceiveStream(int fd, Stream& stream, char* buffer, std::size_t size) {
  if (stream.shown.empty()) {
    std::array<char, kMaxMessage> bytes;
    const ssize_t got = recv(fd, bytes.data(), bytes.size(), 0);
    if (got <= 0) return got;
    stream.received.append(bytes.data(), static_cast<std::size_t>(got));
    while (stream.received.size() >= 2) {
      const std::size_t length = WireReader(stream.received).U16();
      if (stream.received.size() < 2 + length) break;
      const std::string head = Keep(std::string_view(stream.received).substr(2, length));
      if (!head.empty()) {
        stream.shown += static_cast<char>(head.size() >> 8U);
        stream.shown += static_cast<char>(head.size() & 0xffU);
        stream.shown += head;
      }
      stream.received.erase(0, 2 + length);
    }
    if (stream.shown.empty()) return NothingYet();
  }
  const std::size_t count = std::min(size, stream.shown.size());
  std::memcpy(buffer, stream.shown.data(), count);
  stream.shown.erase(0, count);
  return static_cast<ssize_t>(count);
}

// Returns what c-ares is shown of it, "" if nothing.
std::string AresSockets::Keep(std::string_view message) {
  auto head = ReadHead(message);
  if (!head) return {};
  messages_.try_emplace(std::move(head->key), message);
  return std::move(head->bytes);
}

}  // namespace mxward::dns
