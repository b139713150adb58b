// SPDX-License-Identifier: Apache-2.0
#include "tests/fake/dns_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace mxward::dns {
namespace {

constexpr int kPollMillis = 5;  // how late a slow answer, a change of manners or the end may be

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool Bind(int fd, std::uint16_t port) {
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in address = Loopback(port);
  return bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

unsigned Number(const std::string& bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]) * 256U + static_cast<unsigned char>(bytes[at + 1]);
}

// A reply to fill in; the queries are c-ares' own, and well-formed.
DnsMessage ReplyTo(const std::string& query) {
  DnsMessage reply;
  reply.id = Number(query, 0);
  reply.name.clear();
  std::size_t at = 12;
  while (at < query.size() && query[at] != 0) {
    const auto length = static_cast<unsigned char>(query[at]);
    if (!reply.name.empty()) reply.name += '.';
    reply.name += query.substr(at + 1, length);
    at += length + 1U;
  }
  if (at + 3 <= query.size()) reply.type = Number(query, at + 1);
  return reply;
}

}  // namespace

bool FakeDnsServer::Query::probe() const {
  return reply.type == kTypeNs || reply.type == kTypeSoa ||
         reply.name.find('.') == std::string::npos;
}

FakeDnsServer::FakeDnsServer(Manner manner, std::uint16_t port, int receive_buffer)
    : manner_(std::move(manner)) {
  Open(port, receive_buffer);
  thread_ = std::thread([this] { Run(); });
}

FakeDnsServer::~FakeDnsServer() {
  stop_ = true;
  thread_.join();
  for (const auto& [fd, bytes] : streams_) close(fd);
  close(udp_);
  close(tcp_);
}

// The same port for both, which may take a few tries.
void FakeDnsServer::Open(std::uint16_t port, int receive_buffer) {
  for (int tries = 0; tries < 50; ++tries) {
    udp_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    tcp_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(udp_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    if (Bind(udp_, port)) {
      sockaddr_in bound{};
      socklen_t size = sizeof bound;
      getsockname(udp_, reinterpret_cast<sockaddr*>(&bound), &size);
      port_ = ntohs(bound.sin_port);
      if (Bind(tcp_, port_) && listen(tcp_, 64) == 0) return;
    }
    close(udp_);
    close(tcp_);
  }
  throw std::runtime_error("no port for a DNS server");
}

void FakeDnsServer::Run() {
  while (!stop_) {
    std::vector<pollfd> waited{{udp_, POLLIN, 0}, {tcp_, POLLIN, 0}};
    for (const auto& [fd, bytes] : streams_) waited.push_back({fd, POLLIN, 0});
    poll(waited.data(), waited.size(), kPollMillis);
    if (waited[0].revents != 0) ReadDatagram();
    for (std::size_t i = 2; i < waited.size(); ++i) {
      if (waited[i].revents != 0) ReadStream(waited[i].fd);
    }
    if (waited[1].revents != 0) {
      const int fd = accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) streams_.emplace(fd, "");
    }
    SendDue();
  }
}

void FakeDnsServer::ReadDatagram() {
  char bytes[2048];
  for (;;) {
    sockaddr_in peer{};
    socklen_t peer_size = sizeof peer;
    const ssize_t size = recvfrom(udp_, bytes, sizeof bytes, MSG_DONTWAIT,
                                  reinterpret_cast<sockaddr*>(&peer), &peer_size);
    if (size < 12) return;
    Serve({bytes, static_cast<std::size_t>(size)},
          {reinterpret_cast<const char*>(&peer), sizeof peer}, -1);
  }
}

void FakeDnsServer::ReadStream(int fd) {
  char bytes[2048];
  const ssize_t size = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
  std::string& come = streams_[fd];
  if (size > 0) come.append(bytes, static_cast<std::size_t>(size));
  while (come.size() >= 2 && come.size() >= 2 + Number(come, 0)) {
    const std::size_t length = Number(come, 0);
    const std::string query = come.substr(2, length);
    come.erase(0, 2 + length);
    if (query.size() >= 12) Serve(query, "", fd);
  }
  if (size > 0) return;
  std::erase_if(pending_, [fd](const auto& one) { return one.second.tcp_fd == fd; });
  streams_.erase(fd);
  close(fd);
}

void FakeDnsServer::Serve(const std::string& query, const std::string& peer, int tcp_fd) {
  Query asked{.tcp = tcp_fd >= 0, .reply = ReplyTo(query)};
  if (sockaddr_in from{}; peer.size() == sizeof from) {
    std::memcpy(&from, peer.data(), sizeof from);
    asked.port = ntohs(from.sin_port);
  }
  {
    auto counts = counts_.Lock();
    ++(asked.probe() ? counts->probes : counts->all);
    if (asked.tcp) ++counts->tcp;
    ++counts->by_name[asked.reply.name];
  }
  const Manner manner = *manner_.Lock();
  const Reply reply = manner(asked);
  for (const std::string& message : reply.messages) {
    pending_.emplace(clock_.Monotonic() + reply.after, Pending{message, peer, tcp_fd});
  }
  auto counts = counts_.Lock();
  counts->most_pending = std::max(counts->most_pending, pending_.size());
}

void FakeDnsServer::SendDue() {
  while (!pending_.empty() && pending_.begin()->first <= clock_.Monotonic()) {
    const Pending one = pending_.extract(pending_.begin()).mapped();
    if (one.tcp_fd >= 0) {
      const std::string framed = Wire16(static_cast<unsigned>(one.message.size())) + one.message;
      (void)send(one.tcp_fd, framed.data(), framed.size(), MSG_NOSIGNAL);
    } else {
      (void)sendto(udp_, one.message.data(), one.message.size(), 0,
                   reinterpret_cast<const sockaddr*>(one.peer.data()),
                   static_cast<socklen_t>(one.peer.size()));
    }
  }
}

namespace manners {

FakeDnsServer::Reply Silent(const FakeDnsServer::Query& /*query*/) { return {}; }

FakeDnsServer::Reply Listed(const FakeDnsServer::Query& query) {
  DnsMessage reply = query.reply;
  if (reply.type == kTypeA) reply.answers.push_back(ARecord(reply.name, 300, kListed));
  return {{reply.Bytes()}};
}

FakeDnsServer::Reply NoName(const FakeDnsServer::Query& query) {
  DnsMessage reply = query.reply;
  reply.authorities.push_back(SoaRecord("example", 300, 300));
  return {{reply.Rcode(3).Bytes()}};
}

FakeDnsServer::Reply Truncating(const FakeDnsServer::Query& query) {
  if (query.tcp) return Listed(query);
  DnsMessage reply = query.reply;
  reply.flags |= 0x0200U;
  return {{reply.Bytes()}};
}

FakeDnsServer::Reply TruncatingSilentTcp(const FakeDnsServer::Query& query) {
  return query.tcp ? FakeDnsServer::Reply{} : Truncating(query);
}

FakeDnsServer::Manner Code(unsigned rcode) {
  return [rcode](const FakeDnsServer::Query& query) {
    DnsMessage reply = query.reply;
    return FakeDnsServer::Reply{{reply.Rcode(rcode).Bytes()}};
  };
}

FakeDnsServer::Manner ButProbes(FakeDnsServer::Manner manner) {
  return [manner = std::move(manner)](const FakeDnsServer::Query& query) {
    return query.probe() ? NoName(query) : manner(query);
  };
}

FakeDnsServer::Manner Slow(Millis after, FakeDnsServer::Manner manner) {
  return [after, manner = std::move(manner)](const FakeDnsServer::Query& query) {
    FakeDnsServer::Reply reply = manner(query);
    reply.after = after;
    return reply;
  };
}

}  // namespace manners

}  // namespace mxward::dns
