// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mxward {

// The mail that the benchmark sends: an endless numbered supply, the same for the same seed.
// Every client has its own address in its own /24 and its own organisational domain, so that no
// identity is shared by accident; no address is private and no name looks dynamic. A sender and a
// recipient are 60 bytes together, and hold no digits, which a greylist may fold.
struct BenchMessage {
  std::string client_address;
  std::string client_name;  // also the HELO name
  std::string sender;       // in angle brackets
  std::vector<std::string> recipients;
};

// How many distinct tuples and clients a number of messages makes.
struct MessageLayout {
  std::uint64_t first_client = 0;
  unsigned recipients = 1;          // of each message
  unsigned messages_of_client = 1;  // that many in a row come from one client
};

BenchMessage MakeMessage(const MessageLayout& layout, std::uint64_t number, std::uint64_t seed);

}  // namespace mxward
