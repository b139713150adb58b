// SPDX-License-Identifier: Apache-2.0
#include "clients/client_sweep.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/client_table.h"

namespace mxward {

ClientSweep::ClientSweep(store::Environment& environment, store::Writer& writer)
    : pass_(environment, writer,
            {{store::Table::kClients,
              // Unlike ListClients() it sees what cannot be read, and removes it.
              [this](std::string_view /*key*/, std::string_view value, WallTime now, bool trusted) {
                using Fate = store::ExpiryPass::Fate;
                if (!trusted) return Fate::kStays;
                const auto record = ClientRecord::Decode(value);
                const bool stale =
                    !record || IsExpired(*record, now, lifetime_) || IsFromFuture(*record, now);
                return stale ? Fate::kGoes : Fate::kStays;
              },
              [this](std::vector<std::string> keys, WallTime now) {
                return ExpireClients(std::move(keys), now, lifetime_);
              }}}) {}

bool ClientSweep::Step(Seconds lifetime, WallTime now, MonoTime monotonic) {
  lifetime_ = lifetime;
  return pass_.Step(now, monotonic) != store::ExpiryPass::Progress::kMore;
}

}  // namespace mxward
