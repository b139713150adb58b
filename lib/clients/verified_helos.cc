// SPDX-License-Identifier: Apache-2.0
#include "clients/verified_helos.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/bytes.h"
#include "clients/dynamic_name.h"
#include "clients/helo.h"
#include "clients/organisation.h"
#include "clients/standing.h"

namespace mxward {
namespace {

constexpr std::uint8_t kHelosFormat = 1;

bool HoldsPlace(WallTime last, WallTime now) { return now - last < VerifiedHelos::kWindow; }

WallTime ToTheHour(WallTime time) {
  return WallTime(std::chrono::floor<std::chrono::hours>(time.time_since_epoch()));
}

}  // namespace

bool CanVerifyHelo(std::string_view helo, const IpAddress& client, const Config& config,
                   std::string_view mta_name) {
  if (helo.empty() || helo.front() == '[' || client.IsPrivate() || client.IsLoopback()) {
    return false;
  }
  const std::vector<IpAddress>& ours = config.trust.own_addresses;
  return std::find(ours.begin(), ours.end(), client) == ours.end() &&
         CheckHelo(helo, client, config, mta_name) == HeloFault::kNone &&
         !RegisteredDomain(helo).empty() && !IsDynamicName(helo, client, config.names);
}

WallTime VerifiedHelos::Organisation::last() const {
  WallTime last{};
  for (const Network& network : networks) last = std::max(last, network.last);
  return last;
}

std::uint64_t VerifiedHelos::OrganisationOf(std::string_view helo) const {
  return SipHash(key_, RegisteredDomain(helo));
}

std::uint32_t VerifiedHelos::NetworkOf(const IpAddress& client) const {
  return static_cast<std::uint32_t>(NetworkHash(key_, client));
}

bool VerifiedHelos::WouldAdmit(std::string_view helo, const IpAddress& client) const {
  const std::uint64_t organisation = OrganisationOf(helo);
  const std::uint32_t network = NetworkOf(client);
  const WallTime now = clock_.Now();
  const MutexLock lock(mutex_);
  const auto found = organisations_.find(organisation);
  if (found == organisations_.end()) return true;
  std::size_t others = 0;
  for (const Network& one : found->second.networks) {
    if (one.hash == network) return true;
    others += HoldsPlace(one.last, now) ? 1 : 0;
  }
  return others < kMostNetworks;
}

bool VerifiedHelos::Admit(std::string_view helo, const IpAddress& client) {
  const std::uint64_t organisation = OrganisationOf(helo);
  const std::uint32_t network = NetworkOf(client);
  const WallTime now = clock_.Now();
  const MutexLock lock(mutex_);
  if (!organisations_.contains(organisation)) MakeRoom();
  std::vector<Network>& networks = organisations_[organisation].networks;
  const auto known = std::find_if(networks.begin(), networks.end(),
                                  [network](const Network& one) { return one.hash == network; });
  if (known != networks.end()) {
    known->last = ToTheHour(now);
    return true;
  }
  // Times from the future count as now: a clock that was ahead keeps no place for ever.
  for (Network& one : networks) one.last = std::min(one.last, ToTheHour(now));
  std::erase_if(networks, [now](const Network& one) { return !HoldsPlace(one.last, now); });
  if (networks.size() >= kMostNetworks) return false;
  networks.push_back({network, ToTheHour(now)});
  return true;
}

// First those of which nothing counts any more.
void VerifiedHelos::MakeRoom() {
  if (organisations_.size() < kMostOrganisations) return;
  const WallTime now = clock_.Now();
  std::erase_if(organisations_,
                [now](const auto& one) { return !HoldsPlace(one.second.last(), now); });
  if (organisations_.size() < kMostOrganisations) return;
  organisations_.erase(std::min_element(
      organisations_.begin(), organisations_.end(),
      [](const auto& a, const auto& b) { return a.second.last() < b.second.last(); }));
}

// Of each organisation: the hash of its domain, how many networks, and of each its hash and when it
// was last verified.
std::string VerifiedHelos::Encode() const {
  ByteWriter out;
  out.U8(kHelosFormat);
  const WallTime now = clock_.Now();
  const MutexLock lock(mutex_);
  for (const auto& [hash, organisation] : organisations_) {
    std::vector<Network> recent = organisation.networks;
    std::erase_if(recent, [now](const Network& one) { return !HoldsPlace(one.last, now); });
    if (recent.empty()) continue;
    out.U64(hash);
    out.U8(static_cast<std::uint8_t>(recent.size()));
    for (const Network& network : recent) {
      out.U32(network.hash);
      out.Time(network.last);
    }
  }
  return out.Take();
}

void VerifiedHelos::Restore(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.U8() != kHelosFormat) return;
  std::map<std::uint64_t, Organisation> restored;
  while (in.ok() && !in.at_end() && restored.size() < kMostOrganisations) {
    const std::uint64_t hash = in.U64();
    Organisation organisation;
    const std::size_t count = std::min<std::size_t>(in.U8(), kMostNetworks);
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
      const std::uint32_t network = in.U32();
      organisation.networks.push_back({network, in.Time()});
    }
    if (in.ok()) restored.emplace(hash, std::move(organisation));
  }
  const MutexLock lock(mutex_);
  // What has been verified since the start is newer.
  organisations_.merge(restored);
}

}  // namespace mxward
