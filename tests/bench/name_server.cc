// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/name_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace mxward {
namespace {

using std::chrono::steady_clock;

// As long as mxward keeps an answer at most, so that what is in the cache stays there.
constexpr int kTtl = 3600;
// Half of the first octets that BenchMessage makes.
constexpr int kFirstListed = 20;
constexpr int kLastListed = 59;

sockaddr_in LoopbackAt(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void WriteZone(const std::string& path, int number) {
  const std::string zone = NameServer::Zone(number);
  std::ofstream file(path);
  file << "$SOA " << kTtl << " ns." << zone << " admin." << zone << " 1 600 300 86400 " << kTtl
       << "\n$NS " << kTtl << " ns." << zone << "\n$TTL " << kTtl
       << "\n:127.0.0.2:listed\n127.0.0.2\n198.18.0.0/15\n";
  if (number != 0) return;
  for (int octet = kFirstListed; octet <= kLastListed; ++octet) file << octet << ".0.0.0/8\n";
}

void AppendLabel(std::string& packet, std::string_view label) {
  packet += static_cast<char>(label.size());
  packet += label;
}

void AppendName(std::string& packet, std::string_view name) {
  while (!name.empty()) {
    const std::size_t dot = name.find('.');
    AppendLabel(packet, name.substr(0, dot));
    name.remove_prefix(dot == name.npos ? name.size() : dot + 1);
  }
  packet += '\0';
}

std::string Reversed(std::string_view address) {
  std::string reversed;
  while (true) {
    const std::size_t dot = address.rfind('.');
    reversed += address.substr(dot == address.npos ? 0 : dot + 1);
    if (dot == address.npos) return reversed;
    reversed += '.';
    address = address.substr(0, dot);
  }
}

}  // namespace

Result<std::uint16_t> FreeUdpPort() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = LoopbackAt(0);
  socklen_t size = sizeof address;
  auto* name = reinterpret_cast<sockaddr*>(&address);
  const bool bound = fd >= 0 && ::bind(fd, name, size) == 0 && ::getsockname(fd, name, &size) == 0;
  if (fd >= 0) ::close(fd);
  if (!bound) return Fail(ErrorCode::kIo, "no UDP port");
  return ntohs(address.sin_port);
}

std::string NameServer::Zone(int number) {
  return "list" + std::to_string(number) + ".bench.example";
}

Result<std::unique_ptr<NameServer>> NameServer::Start(const std::string& program,
                                                      const std::string& directory) {
  const auto port = FreeUdpPort();
  if (!port) return Fail(port.error());
  std::filesystem::create_directories(directory);
  std::vector<std::string> arguments = {
      program, "-n", "-4", "-c", "0", "-w", directory, "-b", "127.0.0.1/" + std::to_string(*port)};
  for (int i = 0; i < kZones; ++i) {
    const std::string file = "zone" + std::to_string(i);
    WriteZone(directory + "/" + file, i);
    arguments.push_back(Zone(i) + ":ip4set:" + file);
  }
  const std::string log = directory + "/rbldnsd.log";
  auto process = ChildProcess::Start(arguments, log, "rbldns");
  if (!process) return Fail(process.error());
  std::unique_ptr<NameServer> server(new NameServer(*port, std::move(*process)));
  RoundTrip question(*port);
  const auto end = steady_clock::now() + std::chrono::seconds(5);
  while (server->process_->Running() && steady_clock::now() < end) {
    if (question.Ask("127.0.0.2", 0)) return server;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return Fail(ErrorCode::kUnavailable, program + " does not answer, see " + log);
}

RoundTrip::RoundTrip(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_in server = LoopbackAt(port);
  timeval second{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
  ::connect(socket_, reinterpret_cast<const sockaddr*>(&server), sizeof server);
}

RoundTrip::~RoundTrip() {
  if (socket_ >= 0) ::close(socket_);
}

Result<std::chrono::nanoseconds> RoundTrip::Ask(const std::string& client_address, int zone) {
  ++id_;
  std::string packet = {static_cast<char>(id_ >> 8), static_cast<char>(id_ & 0xff)};
  packet += std::string("\1\0\0\1\0\0\0\0\0\0", 10);  // recursion desired, one question
  AppendName(packet, Reversed(client_address) + "." + NameServer::Zone(zone));
  packet += std::string("\0\1\0\1", 4);  // A, IN
  std::array<char, 1500> reply;
  const auto began = steady_clock::now();
  if (::send(socket_, packet.data(), packet.size(), 0) < 0) {
    return Fail(ErrorCode::kUnavailable, "DNS: cannot ask");
  }
  while (::recv(socket_, reply.data(), reply.size(), 0) >= 12) {
    if (packet.compare(0, 2, reply.data(), 2) == 0) return steady_clock::now() - began;
  }
  return Fail(ErrorCode::kTimeout, "DNS: no answer");
}

}  // namespace mxward
