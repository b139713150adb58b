// SPDX-License-Identifier: Apache-2.0
#include "clients/recent_clients.h"

#include <algorithm>
#include <utility>

#include "base/client_network.h"

namespace mxward {
namespace {

using ClientCounts = RecentClients::Counts;

void Add(ClientCounts& sum, const ClientCounts& more) {
  sum.connections += more.connections;
  sum.passed += more.passed;
  sum.deferred += more.deferred;
  sum.rejected += more.rejected;
  sum.bad += more.bad;
}

}  // namespace

RecentClients::RecentClients(const Clock& clock) : clock_(clock) {
  auto spans = spans_.Lock();
  spans->began = spans->before_began = clock.Monotonic();
}

void RecentClients::Spans::Turn(MonoTime now) {
  if (now - began < kSpan) return;
  const bool follows = now - began < 2 * kSpan;
  before = follows ? std::exchange(current, {}) : Counted();
  current.clear();
  before_began = follows ? began : now - kSpan;
  began = now;
}

template <class Change>
void RecentClients::Note(const IpAddress& client, Change change) {
  const IpAddress one = ClientNetwork(client).address();
  const MonoTime now = clock_.Monotonic();
  auto spans = spans_.Lock();
  spans->Turn(now);
  auto found = spans->current.find(one);
  if (found == spans->current.end()) {
    if (spans->current.size() == kMaxClients) return;
    found = spans->current.emplace(one, ClientCounts()).first;
  }
  change(found->second);
}

void RecentClients::NoteConnection(const IpAddress& client) {
  Note(client, [](ClientCounts& counts) { ++counts.connections; });
}

void RecentClients::NoteRecipient(const IpAddress& client, History::Recipient what) {
  Note(client, [what](ClientCounts& counts) {
    switch (what) {
      case History::Recipient::kPassed:
        ++counts.passed;
        break;
      case History::Recipient::kDeferred:
        ++counts.deferred;
        break;
      case History::Recipient::kRejected:
      case History::Recipient::kRefused:
        ++counts.rejected;
        break;
      case History::Recipient::kBad:
        ++counts.bad;
        break;
    }
  });
}

RecentClients::Snapshot RecentClients::Busiest(std::size_t most) const {
  Snapshot snapshot;
  Counted counted;
  {
    const MonoTime now = clock_.Monotonic();
    auto spans = spans_.Lock();
    spans->Turn(now);
    snapshot.span = std::chrono::ceil<Millis>(now - spans->before_began);
    counted = spans->before;
    for (const auto& [client, counts] : spans->current) Add(counted[client], counts);
  }
  snapshot.clients = counted.size();
  for (const auto& [client, counts] : counted) snapshot.busiest.push_back({client, counts});
  const auto end = snapshot.busiest.begin() +
                   static_cast<std::ptrdiff_t>(std::min(most, snapshot.busiest.size()));
  std::partial_sort(snapshot.busiest.begin(), end, snapshot.busiest.end(),
                    [](const Busy& a, const Busy& b) { return a.counts.Sum() > b.counts.Sum(); });
  snapshot.busiest.erase(end, snapshot.busiest.end());
  return snapshot;
}

}  // namespace mxward
