// SPDX-License-Identifier: Apache-2.0
#include "engine/spf_failures.h"

#include <algorithm>
#include <iterator>

namespace mxward {
namespace {

Prefix NetworkOfFailure(const IpAddress& client) { return {client, client.is_v4() ? 24 : 48}; }
Prefix WideNetworkOfFailure(const IpAddress& client) { return {client, client.is_v4() ? 16 : 32}; }

}  // namespace

std::uint64_t SpfFailures::HashOf(const IpAddress& client, const std::string& domain) const {
  std::string data(NetworkOfFailure(client).address().view());
  return SipHash(key_, data.append(domain));
}

bool SpfFailures::Note(const IpAddress& client, const std::string& domain, MonoTime now) {
  const std::uint64_t hash = HashOf(client, domain);
  const std::uint64_t wide = SipHash(key_, WideNetworkOfFailure(client).address().view());
  const MutexLock lock(mutex_);
  auto found = failures_.find(hash);
  if (found == failures_.end()) {
    if (failures_.size() >= kMost) MakeRoom(now);
    ++held_[wide];
    failures_.emplace(hash, Failure{now, now, wide});
    return false;
  }
  Failure& failure = found->second;
  if (now - failure.last > kWithin) failure.first = now;
  failure.last = now;
  return now - failure.first >= kApart;
}

bool SpfFailures::HasFailed(const IpAddress& client, const std::string& domain,
                            MonoTime now) const {
  const MutexLock lock(mutex_);
  const auto found = failures_.find(HashOf(client, domain));
  return found != failures_.end() && now - found->second.last <= kWithin &&
         now - found->second.first >= kApart;
}

std::size_t SpfFailures::size() const {
  const MutexLock lock(mutex_);
  return failures_.size();
}

void SpfFailures::Remove(std::unordered_map<std::uint64_t, Failure>::iterator one) {
  const auto held = held_.find(one->second.wide);
  if (--held->second == 0) held_.erase(held);
  failures_.erase(one);
}

void SpfFailures::MakeRoom(MonoTime now) {
  for (auto one = failures_.begin(); one != failures_.end();) {
    const auto next = std::next(one);
    if (now - one->second.last > kWithin) Remove(one);
    one = next;
  }
  if (failures_.size() < kMost) return;
  const auto largest = std::max_element(
      held_.begin(), held_.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  const std::uint64_t wide = largest->first;
  auto stalest = failures_.end();
  for (auto one = failures_.begin(); one != failures_.end(); ++one) {
    if (one->second.wide != wide) continue;
    if (stalest == failures_.end() || one->second.last < stalest->second.last) stalest = one;
  }
  Remove(stalest);
}

}  // namespace mxward
