// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "tests/bench/child_process.h"

namespace mxward {

// An unbound on a free port of 127.0.0.1, as a mail server has one on its own machine. It asks
// nobody else: each domain of the message supply (BenchMessage) has an MX record, whose host has an
// address, and nothing else exists. Not thread-safe.
class LiveResolver {
 public:
  // Its files and its log go to `directory`, which is made.
  static Result<std::unique_ptr<LiveResolver>> Start(const std::string& program,
                                                     const std::string& directory);
  // Each name below it is a domain that takes mail and has an SPF record of its own, which takes
  // four questions, one after the other, that no other domain's takes. Whoever asks passes.
  static constexpr const char* kSpfDomain = "one.example.org";
  std::uint16_t Port() const { return port_; }
  const std::string& Address() const { return address_; }  // for dns.servers

 private:
  LiveResolver(std::uint16_t port, std::unique_ptr<ChildProcess> process);

  const std::uint16_t port_;
  const std::string address_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace mxward
