// SPDX-License-Identifier: Apache-2.0
#include "clients/client_sweep.h"

#include <utility>
#include <vector>

#include "clients/client_table.h"
#include "store/scan_slice.h"

namespace mxward {

bool ClientSweep::Step(Seconds lifetime, WallTime now, MonoTime monotonic) {
  if (!clock_guard_.InStep(now, monotonic)) return true;
  std::vector<std::string> stale;
  // Unlike ListClients() it sees what cannot be read, and removes it.
  auto next = store::ScanSlice(
      environment_, store::Table::kClients, next_, kSlice,
      [&](std::string_view key, std::string_view value) {
        const auto record = ClientRecord::Decode(value);
        if (!record || IsExpired(*record, now, lifetime) || IsFromFuture(*record, now)) {
          stale.emplace_back(key);
        }
        return stale.size() < kDeletions;
      });
  if (!stale.empty()) {
    writer_.Submit(ExpireClients(std::move(stale), now, lifetime), store::Urgency::kBackground);
  }
  const bool more = next && *next;
  next_ = more ? **next : "";
  return !more;
}

}  // namespace mxward
