// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

#include "base/result.h"

namespace mxward {

struct EvidenceOptions {
  std::string daemon;  // the program
  std::string name_server = "/usr/sbin/rbldnsd";
  std::string unbound = "/usr/sbin/unbound";
  std::string directory;  // for stores, zones, sockets and logs; made if missing
  std::set<std::string> figures = {"distinct", "cached", "memory", "dead", "spf"};
  int connections = 16;
  double rate = 500;                  // sessions a second of distinct clients
  std::chrono::seconds duration{20};  // of distinct clients
  int pairs = 20;
  std::chrono::milliseconds window{500};
  std::uint64_t repeated = 300;     // clients that come again and again
  std::uint64_t answers = 100'000;  // in the cache
  int burst = 1000;                 // connections at once while the resolver is silent
  std::uint64_t seed = 1;
};

std::string EvidenceUsage();

// kInvalid with a text for a wrong option; an empty message for --help.
Result<EvidenceOptions> ParseEvidenceOptions(int argc, char** argv);

}  // namespace mxward
