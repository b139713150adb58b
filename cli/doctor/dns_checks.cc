// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <set>

#include "base/ip_address.h"
#include "cli/doctor/checks.h"
#include "cli/doctor/our_milter.h"
#include "dns/resolv_conf.h"

namespace mxward::cli::doctor {
namespace {

struct Provider {
  std::string_view prefix;
  std::string_view name;
};

constexpr std::array kProviders = {
    Provider{"8.8.8.8", "Google"},
    Provider{"8.8.4.4", "Google"},
    Provider{"2001:4860:4860::/48", "Google"},
    Provider{"1.1.1.0/24", "Cloudflare"},
    Provider{"1.0.0.0/24", "Cloudflare"},
    Provider{"2606:4700:4700::/48", "Cloudflare"},
    Provider{"9.9.9.0/24", "Quad9"},
    Provider{"149.112.112.0/24", "Quad9"},
    Provider{"2620:fe::/48", "Quad9"},
    Provider{"208.67.220.0/24", "OpenDNS"},
    Provider{"208.67.222.0/24", "OpenDNS"},
    Provider{"2620:119:35::/48", "OpenDNS"},
    Provider{"2620:119:53::/48", "OpenDNS"},
    Provider{"4.2.2.0/29", "Level 3"},
    Provider{"64.6.64.6", "UltraDNS"},
    Provider{"64.6.65.6", "UltraDNS"},
    Provider{"156.154.70.0/24", "UltraDNS"},
    Provider{"156.154.71.0/24", "UltraDNS"},
    Provider{"94.140.14.0/24", "AdGuard"},
    Provider{"94.140.15.0/24", "AdGuard"},
    Provider{"185.228.168.0/24", "CleanBrowsing"},
    Provider{"185.228.169.0/24", "CleanBrowsing"},
    Provider{"77.88.8.0/24", "Yandex"},
    Provider{"84.200.69.80", "DNS.WATCH"},
    Provider{"84.200.70.40", "DNS.WATCH"},
    Provider{"76.76.2.0/24", "Control D"},
    Provider{"76.76.10.0/24", "Control D"},
    Provider{"223.5.5.5", "AliDNS"},
    Provider{"223.6.6.6", "AliDNS"},
    Provider{"114.114.114.0/24", "114DNS"},
    Provider{"86.54.11.0/24", "DNS4EU"},
};

// Who runs the public DNS resolver at this address, "" when none is known there. Providers publish
// these addresses; DNS lists refuse them, because they cannot tell who asks.
std::string_view PublicResolver(const IpAddress& address) {
  for (const Provider& provider : kProviders) {
    const auto prefix = Prefix::Parse(provider.prefix);
    if (prefix && prefix->Contains(address)) return provider.name;
  }
  return "";
}

constexpr const char* kResolvConf = "/etc/resolv.conf";
// The servers that systemd-resolved queries, as opposed to the one it offers: itself.
constexpr const char* kBehindTheStub = "/run/systemd/resolve/resolv.conf";

struct Servers {
  std::vector<ServerAddress> addresses;
  std::string from;              // "dns.servers"
  dns::NameServers resolv_conf;  // where that is used
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
    servers.addresses = dns::ParseResolvConf(*text).servers;
    servers.from += ", which leads to systemd-resolved (" + std::string(kBehindTheStub) + ")";
    return;
  }
}

Result<Servers> ServersInUse(const HostFacts& facts) {
  Servers servers;
  if (!facts.config->dns.servers.empty()) {
    servers.from = "dns.servers";
    for (const std::string& text : facts.config->dns.servers) {
      if (const auto address = ParseServerAddress(text)) servers.addresses.push_back(*address);
    }
  } else {
    MXWARD_TRY(const auto text, facts.machine.Read(kResolvConf));
    servers.from = kResolvConf;
    servers.resolv_conf = dns::ParseResolvConf(text);
    servers.addresses = servers.resolv_conf.servers;
  }
  LookBehindTheStub(facts.machine, servers);
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

void CheckResolvConf(const HostFacts& facts, const dns::NameServers& found, Report& report) {
  for (const std::string& server : found.unusable) {
    report.Found("the name server " + server + " of " + kResolvConf + " is not asked",
                 "Its address has a zone (link-local), which mxward does not support; it asks " +
                     found.servers.front().ToString() + " first.",
                 {facts.EditConfig("[dns] servers = [\"127.0.0.1\"]  # a resolver of your own, or "
                                   "another address of that one"),
                  "mxwardctl reload"});
  }
  if (!found.wants_tcp) return;
  report.Found(std::string(kResolvConf) + " says \"options use-vc\", which mxward does not heed",
               "It asks over UDP first. Where no UDP gets through, no DNS list is ever heard.",
               {"apt-get install unbound", facts.EditConfig("[dns] servers = [\"127.0.0.1\"]"),
                "mxwardctl reload"});
}

}  // namespace

void CheckResolver(const HostFacts& facts, Report& report) {
  if (facts.config == nullptr) {
    report.Unchecked("without its configuration, it is not known which resolver mxward uses");
    return;
  }
  const std::string lists = ListsThatRefuse(*facts.config);
  const auto servers = ServersInUse(facts);
  if (!servers) {
    if (!lists.empty()) report.Unchecked(servers.error().message);
    return;
  }
  CheckResolvConf(facts, servers->resolv_conf, report);
  if (lists.empty()) return;
  for (const ServerAddress& server : servers->addresses) {
    const std::string_view provider = PublicResolver(server.address);
    if (provider.empty()) continue;
    report.Found("DNS lists are queried through a public resolver: " + server.address.ToString() +
                     " (" + std::string(provider) + "), by " + servers->from,
                 "Lists refuse queries from there, so nothing is ever listed: " + lists + ".",
                 {"apt-get install unbound", facts.EditConfig("[dns] servers = [\"127.0.0.1\"]"),
                  "mxwardctl reload", "mxwardctl dnsbl test"});
    return;
  }
}

void CheckLists(const HostFacts& facts, Report& report) {
  if (!facts.running()) {
    if (facts.config != nullptr && !facts.config->dnsbl.empty()) {
      report.Unchecked("only the running daemon knows the health of its DNS lists");
    }
    return;
  }
  const auto lists = facts.machine.AskDaemon("/v1/dnsbl");
  if (!lists) {
    report.Unchecked(lists.error().message);
    return;
  }
  for (const Json& list : (*lists)["items"].items()) {
    if (!list["suspended"].boolean()) continue;
    const std::string& name = list["name"].text();
    report.Found("DNS list " + name + " is " + list["condition"].text() + " since " +
                     list["since"].text() + ": " + list["detail"].text(),
                 "It adds nothing to scores until it passes its self-test.",
                 {"mxwardctl dnsbl test " + ShellQuoted(name)});
  }
  const Json& blind = (*lists)["blind"];
  if (blind["lists"].items().empty()) return;
  std::vector<std::string> commands;
  for (const Json& name : blind["lists"].items()) {
    commands.push_back("mxwardctl dnsbl test " + ShellQuoted(name.text()));
  }
  report.Found(
      blind["message"].text(),
      "Listings do not get through: the list looks healthy, and adds nothing to any score.",
      std::move(commands));
}

namespace {

constexpr const char* kLookup = "smtpd_peername_lookup";

void CheckPostfixLooksUp(const HostFacts& facts, Report& report) {
  for (const PostfixInstance& instance : facts.postfix.instances) {
    std::set<std::string> seen;
    for (const OurMilter& ours : OurMilters(facts, instance)) {
      if (instance.Get(*ours.service, kLookup) != "no") continue;
      const std::string whose = Whose(instance, *ours.service, kLookup);
      if (!seen.insert(whose).second) continue;
      report.Found(std::string(kLookup) + " is \"no\" in " + whose,
                   "Then no client has a name, which would count against all of them: mxward "
                   "greylists them until it notices, and ignores names from then on.",
                   {instance.SetCommand(*ours.service, kLookup, "yes"), instance.ReloadCommand()});
    }
  }
}

}  // namespace

void CheckNames(const HostFacts& facts, Report& report) {
  CheckPostfixLooksUp(facts, report);
  if (!facts.running()) return;
  for (const Json& names : (*facts.status)["names"].items()) {
    if (!names["suspended"].boolean()) continue;
    report.Found("the mail server " + names["mail_server"].text() +
                     " has found no names for its clients since " + names["since"].text() + ": " +
                     names["detail"].text(),
                 "Missing names are not counted until this ends; without names hardly any client "
                 "is suspicious.",
                 {"# as the mail server's user: getent hosts 8.8.8.8",
                  std::string("# see ") + kLookup +
                      " of Postfix, its resolver, and the proxy "
                      "in front of it, if there is one"});
  }
}

void CheckNat(const HostFacts& facts, Report& report) {
  if (!facts.running()) return;
  const Json& nat = (*facts.status)["nat"];
  if (nat.is_null()) return;
  const std::string& client = nat["client"].text();
  report.Found(
      "the private address " + client + " makes " + std::to_string(nat["sessions"].integer()) +
          " of " + std::to_string(nat["of"].integer()) + " sessions within an hour",
      "Address translation (NAT) or a proxy hides who connects: clients cannot be told apart, and "
      "one that misbehaves affects all others.",
      {"# make the translation preserve the source address, or the proxy use the PROXY protocol "
       "(smtpd_upstream_proxy_protocol, postscreen_upstream_proxy_protocol)",
       facts.EditConfig("or, if it is a relay of yours, [trust] relays = [\"" + client + "\"]")});
}

}  // namespace mxward::cli::doctor
