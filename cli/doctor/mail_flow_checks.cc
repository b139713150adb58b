// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <sstream>

#include "base/text.h"
#include "cli/doctor/checks.h"
#include "cli/doctor/milter_list.h"
#include "cli/doctor/our_milter.h"

namespace mxward::cli::doctor {

void CheckReinjection(const HostFacts& facts, Report& report) {
  for (const PostfixInstance& instance : facts.postfix.instances) {
    for (const OurMilter& ours : OurMilters(facts, instance)) {
      if (!IsReinjection(instance, *ours.service)) continue;
      report.Found(ours.service->Label() + " of " + instance.Name() +
                       ", which is not open to others, uses mxward as well",
                   "Mail that a content filter reinjects was checked when it arrived; if it were "
                   "deferred now, it would stay in the queue.",
                   {instance.OverrideCommand(*ours.service, "smtpd_milters",
                                             MiltersWithout(instance, ours, "")),
                    instance.ReloadCommand()});
    }
  }
}

void CheckNonSmtpd(const HostFacts& facts, Report& report) {
  for (const PostfixInstance& instance : facts.postfix.instances) {
    // cleanup(8) asks these.
    for (const PostfixService& service : instance.services) {
      if (service.program != "cleanup") continue;
      const std::string list = instance.Get(service, "non_smtpd_milters");
      if (!NamesUs(facts, instance, list, service.chroot)) continue;
      std::vector<PostfixMilter> others;
      for (PostfixMilter& milter : ParseMilterList(list)) {
        if (!NamesUs(facts, instance, milter.text, service.chroot))
          others.push_back(std::move(milter));
      }
      report.Found("non_smtpd_milters of " + instance.Name() + " has mxward",
                   "Mail submitted on this machine appears to come from localhost; if it were "
                   "deferred, it would stay in the queue. There is nothing to check.",
                   {instance.SetCommand(service, "non_smtpd_milters", FormatMilterList(others)),
                    instance.ReloadCommand()});
      break;
    }
  }
}

void CheckSubmission(const HostFacts& facts, Report& report) {
  for (const PostfixInstance& instance : facts.postfix.instances) {
    for (const OurMilter& ours : OurMilters(facts, instance)) {
      if (!ours.service->IsSubmission()) continue;
      const std::string what = ours.service->Label() + " of " + instance.Name() +
                               ", where users submit their mail, uses mxward as well";
      if (facts.config != nullptr && !facts.config->trust.authenticated) {
        report.Note(what,
                    "trust.authenticated is off: users are checked and deferred like strangers.",
                    {facts.EditConfig("[trust] authenticated = true"), "mxwardctl reload"});
      } else {
        report.Note(what,
                    "Authenticated users are not checked (trust.authenticated); limits per user "
                    "and sender apply.");
      }
    }
  }
}

namespace {

// A mynetworks this short lets a good part of the Internet relay.
constexpr int kShortestV4 = 8;
constexpr int kShortestV6 = 16;

const Prefix kLoopbackV4(IpAddress::V4(0x7f000000), 8);

bool Covers(const Prefix& outer, const Prefix& inner) {
  return outer.address().family() == inner.address().family() && outer.length() <= inner.length() &&
         outer.Contains(inner.address());
}

bool CoversAny(const std::vector<Prefix>& outer, const Prefix& inner) {
  return std::any_of(outer.begin(), outer.end(),
                     [&](const Prefix& prefix) { return Covers(prefix, inner); });
}

bool IsTrusted(const TrustConfig& trust, const Prefix& network) {
  const bool loopback =
      Covers(kLoopbackV4, network) || (network.IsHost() && network.address().IsLoopback());
  if (trust.loopback && loopback) return true;
  const auto& own = trust.own_addresses;
  if (trust.self && network.IsHost() &&
      std::find(own.begin(), own.end(), network.address()) != own.end()) {
    return true;
  }
  return CoversAny(trust.networks, network) || CoversAny(trust.relays, network);
}

// "192.0.2.0/24", "[2001:db8::]/32", an address
Result<Prefix> ParsePattern(std::string text) {
  std::erase_if(text, [](char c) { return c == '[' || c == ']'; });
  return Prefix::Parse(text);
}

// A word that starts with '/' names a file with more of them; "type:table" cannot be looked into.
void CollectPatterns(Machine& machine, std::string_view list, std::vector<Prefix>& networks,
                     Report& report) {
  for (const std::string& word : SplitPostfixList(list)) {
    if (word.starts_with('!')) continue;
    if (word.starts_with('/')) {
      const auto text = machine.Read(word);
      if (!text) {
        report.Unchecked("mynetworks: " + text.error().message);
        continue;
      }
      std::istringstream lines(*text);
      for (std::string line; std::getline(lines, line);) {
        if (Trim(line).starts_with('#')) continue;
        CollectPatterns(machine, line, networks, report);
      }
      continue;
    }
    if (const auto prefix = ParsePattern(word)) {
      networks.push_back(*prefix);
    } else {
      report.Unchecked("mynetworks: what " + word + " holds");
    }
  }
}

std::string TomlList(const TrustConfig& trust, const std::vector<Prefix>& more) {
  std::string list;
  const auto add = [&](const std::string& text) {
    list += (list.empty() ? "\"" : ", \"") + text + "\"";
  };
  if (trust.loopback) add("loopback");
  if (trust.self) add("self");
  for (const Prefix& prefix : trust.networks) add(prefix.ToString());
  for (const Prefix& prefix : more) add(prefix.ToString());
  return "[" + list + "]";
}

bool IsWide(const Prefix& network) {
  return network.length() < (network.address().is_v4() ? kShortestV4 : kShortestV6);
}

std::string Names(const std::vector<Prefix>& networks) {
  std::string names;
  for (const Prefix& network : networks) names += (names.empty() ? "" : ", ") + network.ToString();
  return names;
}

void CheckNetworksOf(const HostFacts& facts, const PostfixInstance& instance, Report& report) {
  if (OurMilters(facts, instance).empty()) return;
  std::vector<Prefix> networks;
  CollectPatterns(facts.machine, instance.Get("mynetworks"), networks, report);
  std::vector<Prefix> strangers;
  std::vector<Prefix> wide;
  for (const Prefix& network : networks) {
    if (IsTrusted(facts.config->trust, network)) continue;
    (IsWide(network) ? wide : strangers).push_back(network);
  }
  if (!wide.empty()) {
    report.Found("mynetworks of " + instance.Name() + " has " + Names(wide) +
                     ", a large part of the Internet",
                 "Any host in it may relay mail through this server to anywhere.",
                 {"postconf mynetworks", "# list only your own networks there"});
  }
  if (strangers.empty()) return;
  report.Found("mynetworks of " + instance.Name() + " has " + Names(strangers) +
                   ", which mxward treats as strangers",
               "Hosts that may relay through this server are deferred and limited like any other.",
               {facts.EditConfig("[trust] networks = " + TomlList(facts.config->trust, strangers)),
                "mxwardctl reload"});
}

}  // namespace

void CheckMynetworks(const HostFacts& facts, Report& report) {
  if (facts.config == nullptr) {
    report.Unchecked("without its configuration, it is not known whom mxward trusts");
    return;
  }
  for (const PostfixInstance& instance : facts.postfix.instances) {
    CheckNetworksOf(facts, instance, report);
  }
}

}  // namespace mxward::cli::doctor
