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
  const bool expire = clock_guard_.InStep(now, monotonic);
  auto read = environment_.Read();
  if (!expire || !read) return true;
  std::vector<std::string> over;
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
  if (!over.empty()) {
    writer_.Submit(ExpireEntries(std::move(over), now), store::Urgency::kBackground);
  }
  if (scanned && more) return false;
  next_.clear();
  return true;
}

}  // namespace mxward::entries
