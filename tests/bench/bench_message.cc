// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bench_message.h"

namespace mxward {
namespace {

// First octets 20 to 99 hold no private, loopback or shared network.
constexpr std::uint64_t kFirstOctet = 20;
constexpr std::uint64_t kNetworks = (100 - kFirstOctet) * 65536;

constexpr char kAlphabet[] = "ghijklmnopqrstuvwxyz";

// Scatters numbers below `size`, one to one: 7 919 and the seed's factor share no divisor with it.
std::uint64_t Scatter(std::uint64_t number, std::uint64_t size, std::uint64_t seed) {
  return (number % size * 2654435761 + seed * 7919) % size;
}

}  // namespace

std::string Letters(std::uint64_t number, int width) {
  std::string text(static_cast<std::size_t>(width), 'g');
  for (auto letter = text.rbegin(); letter != text.rend(); ++letter, number /= 20) {
    *letter = kAlphabet[number % 20];
  }
  return text;
}

std::string AddressOf(std::uint64_t client, std::uint64_t seed) {
  const std::uint64_t network = Scatter(client, kNetworks, seed);
  return std::to_string(kFirstOctet + network / 65536) + "." + std::to_string(network / 256 % 256) +
         "." + std::to_string(network % 256) + "." + std::to_string(1 + client % 250);
}

BenchSession MakeSession(const MessageLayout& layout, std::uint64_t number, std::uint64_t seed) {
  const std::uint64_t client = layout.first_client + number / layout.messages_of_client;
  // Senders of two layouts differ because their clients' domains do.
  const std::string domain = "o" + Letters(client, 7) + ".example";  // 16 bytes
  BenchSession session;
  session.client_address = AddressOf(client, seed);
  session.client_name = session.claimed_name = "mail." + domain;
  session.helo = layout.suspicious ? session.client_address : session.client_name;
  BenchMessage& message = session.messages.emplace_back();
  message.sender = "<sender." + Letters(number, 8) + "@" + domain + ">";  // 32 bytes inside
  message.recipients.reserve(layout.recipients);
  for (unsigned i = 0; i < layout.recipients; ++i) {
    message.recipients.push_back({"<jane." + Letters(number * layout.recipients + i, 8) +
                                  "@hq.example.org>"});  // 28 bytes inside
  }
  return session;
}

}  // namespace mxward
