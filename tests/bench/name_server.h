// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "tests/bench/child_process.h"

namespace mxward {

// An rbldnsd on a free port of 127.0.0.1 that serves the zones of the benchmark, each with an SOA
// and the test point of RFC 5782: zone 0 lists the half of all clients of the message supply
// (BenchMessage), the others none of them. Not thread-safe.
class NameServer {
 public:
  static constexpr int kZones = 8;
  static std::string Zone(int number);  // "list0.bench.example"

  // Its files and its log go to `directory`, which its user must be able to enter: rbldnsd does not
  // run as root.
  static Result<std::unique_ptr<NameServer>> Start(const std::string& program,
                                                   const std::string& directory);
  std::uint16_t Port() const { return port_; }
  std::string Address() const { return "127.0.0.1:" + std::to_string(port_); }

  // Silent: its socket is there and takes questions until it is full, but nobody reads them.
  void FallSilent() { process_->Pause(); }
  void AnswerAgain() { process_->Resume(); }

 private:
  NameServer(std::uint16_t port, std::unique_ptr<ChildProcess> process)
      : port_(port), process_(std::move(process)) {}

  std::uint16_t port_;
  std::unique_ptr<ChildProcess> process_;
};

// One of 127.0.0.1 that nobody has just now.
Result<std::uint16_t> FreeUdpPort();

// Asks a name server plain questions over UDP, one after the other: what a DNS round trip costs
// without mxward. Not thread-safe.
class RoundTrip {
 public:
  explicit RoundTrip(std::uint16_t port);
  RoundTrip(const RoundTrip&) = delete;
  RoundTrip& operator=(const RoundTrip&) = delete;
  ~RoundTrip();

  // How long the answer about this client took; kTimeout after a second.
  Result<std::chrono::nanoseconds> Ask(const std::string& client_address, int zone);

 private:
  int socket_ = -1;
  std::uint16_t id_ = 0;
};

}  // namespace mxward
