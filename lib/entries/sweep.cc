// SPDX-License-Identifier: Apache-2.0
#include "entries/sweep.h"

#include <string_view>
#include <utility>
#include <vector>

#include "entries/table.h"

namespace mxward::entries {
namespace {

using Fate = store::ExpiryPass::Fate;

Fate FateOf(std::string_view key, std::string_view value, WallTime now, bool trusted) {
  if (!trusted) return Fate::kStays;
  const auto entry = Decode(static_cast<Kind>(key[0]), value);
  return !entry || IsExpired(*entry, now) ? Fate::kGoes : Fate::kStays;
}

}  // namespace

Sweep::Sweep(store::Environment& environment, store::Writer& writer)
    : pass_(environment, writer,
            {{store::Table::kEntries, FateOf, [](std::vector<std::string> keys, WallTime now) {
                return ExpireEntries(std::move(keys), now);
              }}}) {}

bool Sweep::Step(WallTime now, MonoTime monotonic) {
  return pass_.Step(now, monotonic) != store::ExpiryPass::Progress::kMore;
}

}  // namespace mxward::entries
