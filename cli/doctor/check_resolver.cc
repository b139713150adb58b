// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/checks.h"
#include "cli/doctor/public_resolvers.h"
#include "dns/resolv_conf.h"

namespace mxward::cli::doctor {
namespace {

constexpr const char* kResolvConf = "/etc/resolv.conf";
// What systemd-resolved asks itself, as opposed to what it tells others to ask: itself.
constexpr const char* kBehindTheStub = "/run/systemd/resolve/resolv.conf";

struct Servers {
  std::vector<ServerAddress> addresses;
  std::string from;  // "dns.servers"
};

// systemd-resolved's: 127.0.0.53, and 127.0.0.54 that only forwards.
bool IsStub(const ServerAddress& server) {
  return server.address == IpAddress::V4(0x7f000035) || server.address == IpAddress::V4(0x7f000036);
}

// A resolver on this machine may forward to others; only of systemd's is it known where that
// stands.
void LookBehindTheStub(Machine& machine, Servers& servers) {
  for (const ServerAddress& server : servers.addresses) {
    if (!IsStub(server)) continue;
    const auto text = machine.Read(kBehindTheStub);
    if (!text) return;
    servers.addresses = dns::ParseResolvConf(*text);
    servers.from += ", which leads to systemd-resolved (" + std::string(kBehindTheStub) + ")";
    return;
  }
}

Result<Servers> ServersInUse(const Site& site) {
  Servers servers;
  if (!site.config->dns.servers.empty()) {
    servers.from = "dns.servers";
    for (const std::string& text : site.config->dns.servers) {
      if (const auto address = ParseServerAddress(text)) servers.addresses.push_back(*address);
    }
  } else {
    const auto text = site.machine.Read(kResolvConf);
    if (!text) return Fail(text.error());
    servers.from = kResolvConf;
    servers.addresses = dns::ParseResolvConf(*text);
  }
  LookBehindTheStub(site.machine, servers);
  return servers;
}

// With a key of one's own a list knows who asks, whichever way.
std::string ListsThatRefuse(const Config& config) {
  std::string names;
  for (const DnsblConfig& list : config.dnsbl) {
    if (!list.key.empty()) continue;
    names += (names.empty() ? "" : ", ") + list.name;
  }
  return names;
}

}  // namespace

void CheckResolver(const Site& site, Report& report) {
  if (site.config == nullptr) {
    report.Unchecked("without its configuration, whom mxward asks is unknown");
    return;
  }
  const std::string lists = ListsThatRefuse(*site.config);
  if (lists.empty()) return;
  const auto servers = ServersInUse(site);
  if (!servers) {
    report.Unchecked(servers.error().message);
    return;
  }
  for (const ServerAddress& server : servers->addresses) {
    const std::string_view provider = PublicResolver(server.address);
    if (provider.empty()) continue;
    report.Found("DNS lists are asked through a public resolver: " + server.address.ToString() +
                     " (" + std::string(provider) + "), by " + servers->from,
                 "Lists refuse questions from there, and then nobody is listed: " + lists + ".",
                 {"apt-get install unbound", site.EditConfig("[dns] servers = [\"127.0.0.1\"]"),
                  "mxwardctl reload", "mxwardctl dnsbl test"});
    return;
  }
}

}  // namespace mxward::cli::doctor
