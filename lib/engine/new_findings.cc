// SPDX-License-Identifier: Apache-2.0
#include "engine/new_findings.h"

#include <charconv>
#include <string>
#include <string_view>

namespace mxward {
namespace {

// In Table::kMeta: "LEVEL SECONDS".
constexpr std::string_view kKey = "new-findings-count-from";

struct Saved {
  int level = 0;
  std::int64_t from = 0;

  std::string Text() const { return std::to_string(level) + " " + std::to_string(from); }
};

Saved Parse(std::string_view text) {
  Saved saved;
  const char* const end = text.data() + text.size();
  const auto level = std::from_chars(text.data(), end, saved.level);
  if (level.ptr != end) std::from_chars(level.ptr + 1, end, saved.from);
  return saved;
}

// Whether anybody's mail has been judged with this database.
bool IsUsed(const store::Transaction& transaction) {
  for (const store::Table table : {store::Table::kTuples, store::Table::kClients}) {
    const auto count = transaction.Count(table);
    if (!count || *count > 0) return true;
  }
  return false;
}

std::unique_ptr<store::Ticket> Put(const Saved& saved, store::Writer& writer,
                                   store::Priority priority) {
  return writer.Submit(
      [text = saved.Text()](store::WriteTransaction& write) {
        return write.Put(store::Table::kMeta, kKey, text);
      },
      priority);
}

}  // namespace

void NewFindings::Load(const store::Transaction& transaction) {
  const auto text = transaction.Get(store::Table::kMeta, kKey);
  if (!text) return;
  Saved saved = Parse(text->value_or(""));
  if (saved.level < kLevel) {
    const WallTime from = IsUsed(transaction) ? clock_.Now() + kWait : WallTime();
    saved = {kLevel, from.time_since_epoch().count()};
    Put(saved, writer_, store::Priority::kLow);
  }
  from_.store(saved.from, std::memory_order_relaxed);
}

Result<void> NewFindings::Enable() {
  from_.store(0, std::memory_order_relaxed);
  return Put({kLevel, 0}, writer_, store::Priority::kHigh)->Wait(config_.Get()->store.deadline);
}

std::optional<WallTime> NewFindings::CountFrom() const {
  const WallTime from{Seconds(from_.load(std::memory_order_relaxed))};
  if (from <= clock_.Now()) return std::nullopt;
  return from;
}

}  // namespace mxward
