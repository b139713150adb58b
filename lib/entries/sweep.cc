// SPDX-License-Identifier: Apache-2.0
#include "entries/sweep.h"

#include <utility>
#include <vector>

#include "entries/table.h"
#include "store/scan_slice.h"

namespace mxward::entries {
namespace {

constexpr std::size_t kSlice = 1000;
constexpr std::size_t kDeletions = 100;

}  // namespace

bool Sweep::Step(WallTime now, MonoTime monotonic) {
  if (!clock_guard_.InStep(now, monotonic)) return true;
  std::vector<std::string> over;
  const auto next = store::ScanSlice(environment_, store::Table::kEntries, next_, kSlice,
                                     [&](std::string_view key, std::string_view value) {
                                       const auto entry = Decode(static_cast<Kind>(key[0]), value);
                                       if (!entry || IsExpired(*entry, now)) over.emplace_back(key);
                                       return over.size() < kDeletions;
                                     });
  // With no read transaction open: a writer that commits at once may have to grow the map.
  if (!over.empty()) {
    writer_.Submit(ExpireEntries(std::move(over), now), store::Urgency::kBackground);
  }
  const bool more = next && *next;
  next_ = more ? **next : "";
  return !more;
}

}  // namespace mxward::entries
