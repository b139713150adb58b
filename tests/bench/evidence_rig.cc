// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/evidence_rig.h"

#include <cstdio>
#include <filesystem>
#include <thread>
#include <utility>

#include "cli/http_client.h"
#include "control/json.h"

namespace mxward {
namespace {

using std::chrono::steady_clock;

// A cache that no run fills: the figures say themselves how full it is.
constexpr const char* kCacheEntries = "1000000";

std::string ListText(int number) {
  // The first one lists half of the clients.
  return "[[dnsbl]]\nname = \"list " + std::to_string(number) + "\"\nzone = \"" +
         NameServer::Zone(number) +
         "\"\nipv6 = false\ncodes = { \"127.0.0.2\" = " + (number == 0 ? "1" : "4") + " }\n";
}

std::string Settings(const NameServer& dns, Lists lists) {
  std::string text =
      "[score]\nsender_domain_none = 0\nsender_null_mx = 0\nsender_mx_nowhere = 0\n"
      "[greylist]\napply = \"suspicious\"\n"
      "[dns]\nservers = [\"" +
      dns.Address() + "\"]\ndeadline = \"" + std::to_string(kDeadline.count()) +
      "ms\"\ncache_entries = " + kCacheEntries + "\n";
  if (lists == Lists::kNeverAsked) {
    text += "[[dnsbl]]\nname = \"never asked\"\nzone = \"" + NameServer::Zone(1) +
            "\"\nipv4 = false\nlisted_v6 = \"\"\ncodes = { \"127.0.0.2\" = 4 }\n";
  }
  for (int i = 0; lists == Lists::kEight && i < NameServer::kZones; ++i) text += ListText(i);
  return text;
}

}  // namespace

Result<std::unique_ptr<BenchDaemon>> StartEvidenceDaemon(const EvidenceRig& rig,
                                                         const std::string& name, Lists lists) {
  const std::string directory = rig.options.directory + "/" + name;
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  auto daemon = BenchDaemon::Start(rig.options.daemon, directory, Settings(rig.dns, lists));
  if (!daemon) return daemon;
  const int healthy = lists == Lists::kEight ? NameServer::kZones : 0;
  auto tested = AwaitHealthy(**daemon, healthy, std::chrono::seconds(20));
  if (!tested) return Fail(tested.error());
  return daemon;
}

LoadSpec DistinctClients(const EvidenceRig& rig, const BenchDaemon& daemon) {
  LoadSpec spec;
  spec.socket = daemon.Socket();
  spec.connections = rig.options.connections;
  spec.layout = supply::kDistinct;
  spec.first_message = rig.next_client;
  spec.messages = ~std::uint64_t{0};
  spec.seed = rig.options.seed;
  spec.depth = LoadSession::Depth::kData;
  return spec;
}

Result<EvidenceStatus> StatusOf(const BenchDaemon& daemon) {
  auto connection = cli::HttpConnection::Open(daemon.ControlSocket(), Millis(10'000));
  if (!connection) return Fail(connection.error());
  const auto reply = connection->Ask("GET", "/v1/status", "");
  if (!reply) return Fail(reply.error());
  const auto json = ParseJson(reply->body);
  if (!json) return Fail("status", json.error());
  EvidenceStatus status;
  const Json& dns = (*json)["dns"];
  status.cache_entries = static_cast<std::uint64_t>(dns["cache_entries"].integer());
  status.cache_bytes = static_cast<std::uint64_t>(dns["cache_bytes"].integer());
  for (const Json& list : (*json)["lists"].items()) {
    if (list["condition"].text() == "healthy") ++status.lists_healthy;
  }
  for (const Json& server : dns["servers"].items()) {
    if (server["state"].text() == "up") ++status.servers_up;
  }
  return status;
}

Result<std::chrono::nanoseconds> AwaitHealthy(const BenchDaemon& daemon, int lists,
                                              std::chrono::seconds timeout) {
  const auto began = steady_clock::now();
  while (steady_clock::now() - began < timeout) {
    const auto status = StatusOf(daemon);
    if (!status) return Fail(status.error());
    if (status->lists_healthy >= lists && status->servers_up > 0) {
      return steady_clock::now() - began;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return Fail(ErrorCode::kTimeout, "the lists do not become healthy");
}

void PrintUnlessAllPassed(const LoadResult& result) {
  if (result.failures == 0 && result.deferred + result.rejected == 0) return;
  std::printf("  NOT VALID: %llu sessions broke, %llu recipients were deferred, %llu rejected\n",
              static_cast<unsigned long long>(result.failures),
              static_cast<unsigned long long>(result.deferred),
              static_cast<unsigned long long>(result.rejected));
}

}  // namespace mxward
