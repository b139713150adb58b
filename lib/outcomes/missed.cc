// SPDX-License-Identifier: Apache-2.0
#include "outcomes/missed.h"

#include <algorithm>
#include <tuple>

#include "base/client_network.h"
#include "clients/host_name.h"
#include "greylist/identity.h"

namespace mxward::outcomes {
namespace {

constexpr std::string_view kOwnName = "name";

std::string ClientText(const IpAddress& client) {
  const Prefix prefix = ClientNetwork(client);
  return client.is_v4() ? client.ToString() : prefix.ToString();
}

void Choose(Missed& group, bool own_name) {
  if (own_name && group.all_clients == 0) {
    group.kind = entries::Kind::kClientName;
    group.key = group.organisation;
  } else if (group.all_clients == 1 && !own_name) {
    group.kind = entries::Kind::kClient;
    group.key = group.clients.front();
  } else {
    group.kind = entries::Kind::kSenderDomain;
    group.key = group.organisation;
  }
}

}  // namespace

std::string MissedName(const std::string& organisation, const IpAddress& client, bool own_name) {
  return Joined(organisation, own_name ? std::string(kOwnName) : ClientText(client));
}

bool IsAboutClient(const Key& key, const Prefix& client) {
  if (key.kind != Kind::kMissed && key.kind != Kind::kNewClient) return false;
  const auto prefix = Prefix::Parse(Split(key.name).second);
  return prefix && (client.Contains(prefix->address()) || prefix->Contains(client.address()));
}

bool IsAboutDomain(const Key& key, const std::string& domain) {
  if (key.kind == Kind::kNewClient) {
    return IsAtOrBelow(std::string(Split(key.name).second), domain);
  }
  if (key.kind != Kind::kMissed && key.kind != Kind::kOrganisation) return false;
  return IsAtOrBelow(std::string(Split(key.name).first), domain);
}

std::vector<Missed> GroupMissed(const std::map<std::string, Row>& rows) {
  struct Group {
    Missed missed;
    bool own_name = false;
  };
  std::map<std::string, Group> groups;
  for (const auto& [name, row] : rows) {
    const auto [organisation, client] = Split(name);
    if (client.empty()) continue;
    const bool known = !organisation.empty() && organisation != "<>";
    Group& group = groups[known ? std::string(organisation) : name];
    Missed& missed = group.missed;
    missed.organisation = organisation;
    if (client == kOwnName) {
      group.own_name = true;
    } else {
      ++missed.all_clients;
      if (missed.clients.size() < Missed::kMaxClients) missed.clients.emplace_back(client);
    }
    missed.lost += row.counts[kLost];
    missed.late += row.counts[kLate];
    missed.longest = std::max(missed.longest, Seconds(row.counts[kLongest]));
    missed.last = std::max(missed.last, WallTime(Seconds(row.counts[kLast])));
  }
  std::vector<Missed> all;
  all.reserve(groups.size());
  for (auto& [name, group] : groups) {
    Choose(group.missed, group.own_name);
    all.push_back(std::move(group.missed));
  }
  std::stable_sort(all.begin(), all.end(), [](const Missed& a, const Missed& b) {
    return std::tie(b.lost, b.late, b.longest) < std::tie(a.lost, a.late, a.longest);
  });
  return all;
}

}  // namespace mxward::outcomes
