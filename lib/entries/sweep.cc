// SPDX-License-Identifier: Apache-2.0
#include "entries/sweep.h"

#include <utility>
#include <vector>

#include "entries/table.h"

namespace mxward::entries {
namespace {

constexpr int kSlice = 1000;
constexpr std::size_t kDeletions = 100;

}  // namespace

bool Sweep::Step(WallTime now, MonoTime monotonic) {
  if (!clock_guard_.InStep(now, monotonic)) return true;
  std::vector<std::string> over;
  const bool more = Visit(now, over);
  // With no read transaction open: a writer that commits at once may have to grow the map.
  if (!over.empty()) {
    writer_.Submit(ExpireEntries(std::move(over), now), store::Urgency::kBackground);
  }
  if (more) return false;
  next_.clear();
  return true;
}

bool Sweep::Visit(WallTime now, std::vector<std::string>& over) {
  auto read = environment_.Read();
  if (!read) return false;
  int visited = 0;
  bool more = false;
  auto scanned =
      read->Scan(store::Table::kEntries, next_, [&](std::string_view key, std::string_view value) {
        if (visited++ >= kSlice || over.size() >= kDeletions) {
          next_ = key;
          more = true;
          return false;
        }
        const auto entry = Decode(static_cast<Kind>(key[0]), value);
        if (!entry || IsExpired(*entry, now)) over.emplace_back(key);
        return true;
      });
  return scanned && more;
}

}  // namespace mxward::entries
