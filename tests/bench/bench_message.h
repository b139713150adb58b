// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mxward {

struct BenchRecipient {
  std::string address;   // in angle brackets
  bool refused = false;  // by the MTA itself, as unknown: only filters that want such see it
};

struct BenchMessage {
  std::string sender;  // in angle brackets
  std::vector<BenchRecipient> recipients;
};

// One SMTP session, as the client and the MTA's look-ups make it.
struct BenchSession {
  std::string client_address;
  std::string client_name;           // verified; empty: none
  std::string claimed_name;          // of the PTR record, verified or not; empty: none
  std::string_view resolved = "OK";  // {client_resolve}
  std::string helo;
  std::vector<BenchMessage> messages;  // none: it leaves after HELO
};

// How many distinct tuples and clients a number of messages makes.
struct MessageLayout {
  std::uint64_t first_client = 0;
  unsigned recipients = 1;          // of each message
  unsigned messages_of_client = 1;  // that many in a row come from one client
  bool suspicious = false;          // they say HELO with an address, and not with their names
};

// The mail that the benchmark sends: an endless numbered supply of sessions with one message, the
// same for the same seed. Every client has its own address in its own /24 and its own
// organisational domain, so that no identity is shared by accident; no address is private and no
// name looks dynamic. A sender and a recipient are 60 bytes together, and hold no digits, which a
// greylist may fold.
BenchSession MakeSession(const MessageLayout& layout, std::uint64_t number, std::uint64_t seed);

// For other supplies: a number in `width` letters that are no hexadecimal digits, so that nobody
// takes them for an address.
std::string Letters(std::uint64_t number, int width);
// A public IPv4 address for each number below five million, each in its own /24.
std::string AddressOf(std::uint64_t client, std::uint64_t seed);

}  // namespace mxward
