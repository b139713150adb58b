// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "tests/fake/dns_message.h"

namespace mxward::dns {

// A DNS server on 127.0.0.1, over UDP and TCP on one port, with manners as bad as told. It has a
// thread of its own, which ends with the object.
class FakeDnsServer {
 public:
  struct Query {
    bool tcp = false;
    DnsMessage reply;        // id, name and type of the query, ready to be filled in
    std::uint16_t port = 0;  // it came from, of UDP

    // Of the resolver's own accord, to see whether the server answers.
    bool probe() const;
  };
  struct Reply {
    std::vector<std::string> messages;  // none: silence
    Millis after{};
  };
  using Manner = std::function<Reply(const Query&)>;

  // port 0: any that is free. receive_buffer, of UDP: as SO_RCVBUF has it.
  explicit FakeDnsServer(Manner manner, std::uint16_t port = 0, int receive_buffer = 1 << 20);
  ~FakeDnsServer();
  FakeDnsServer(const FakeDnsServer&) = delete;
  FakeDnsServer& operator=(const FakeDnsServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void SetManner(Manner manner) { *manner_.Lock() = std::move(manner); }

  // Probes are counted apart.
  std::size_t queries() const { return counts_.Lock()->all; }
  std::size_t probes() const { return counts_.Lock()->probes; }
  // That it had taken and not yet answered, at its busiest.
  std::size_t most_pending() const { return counts_.Lock()->most_pending; }
  std::size_t tcp_queries() const { return counts_.Lock()->tcp; }
  std::size_t queries(const std::string& name) const {
    auto counts = counts_.Lock();
    const auto found = counts->by_name.find(name);
    return found == counts->by_name.end() ? 0 : found->second;
  }

 private:
  struct Counts {
    std::size_t all = 0;
    std::size_t probes = 0;
    std::size_t tcp = 0;
    std::size_t most_pending = 0;
    std::map<std::string, std::size_t> by_name;
  };
  struct Pending {
    std::string message;
    std::string peer;  // a sockaddr, of UDP
    int tcp_fd = -1;
  };

  void Open(std::uint16_t port, int receive_buffer);
  void Run();
  void ReadDatagram();
  void ReadStream(int fd);
  void Serve(const std::string& query, const std::string& peer, int tcp_fd);
  void SendDue();

  RealClock clock_;
  std::uint16_t port_ = 0;
  int udp_ = -1;
  int tcp_ = -1;
  std::map<int, std::string> streams_;  // what has come on each TCP connection
  std::multimap<MonoTime, Pending> pending_;
  mutable Guarded<Manner> manner_;
  mutable Guarded<Counts> counts_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// Manners.
namespace manners {

FakeDnsServer::Reply Silent(const FakeDnsServer::Query& query);
// 127.0.0.2 to A, NODATA to the rest.
FakeDnsServer::Reply Listed(const FakeDnsServer::Query& query);
FakeDnsServer::Reply NoName(const FakeDnsServer::Query& query);
// Truncated and empty over UDP; 127.0.0.2 over TCP.
FakeDnsServer::Reply Truncating(const FakeDnsServer::Query& query);
FakeDnsServer::Reply TruncatingSilentTcp(const FakeDnsServer::Query& query);
FakeDnsServer::Manner Code(unsigned rcode);
// Names' own servers are in trouble, not this one: probes are answered.
FakeDnsServer::Manner ButProbes(FakeDnsServer::Manner manner);
FakeDnsServer::Manner Slow(Millis after, FakeDnsServer::Manner manner);

}  // namespace manners

}  // namespace mxward::dns
