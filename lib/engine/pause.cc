// SPDX-License-Identifier: Apache-2.0
#include "engine/pause.h"

#include <charconv>
#include <string>

#include "base/text.h"

namespace mxward {

Result<void> Pause::Restore(std::string_view text) {
  if (text.empty()) return {};
  std::int64_t until = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), until);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    return Fail(ErrorCode::kCorrupt,
                "the stored end of a pause is not a number: \"" + EscapeForLog(text) + "\"");
  }
  until_.store(until);
  return {};
}

std::optional<WallTime> Pause::until() const {
  const WallTime until{Seconds(until_.load(std::memory_order_relaxed))};
  if (until <= clock_.Now()) return std::nullopt;
  return until;
}

Result<void> Pause::Write(std::optional<WallTime> until) {
  const std::int64_t seconds = until ? until->time_since_epoch().count() : 0;
  auto ticket = writer_.Submit(
      [seconds](store::WriteTransaction& transaction) {
        return transaction.Put(store::Table::kMeta, kKey, std::to_string(seconds));
      },
      store::Priority::kHigh);
  until_.store(seconds);
  return ticket->Wait(config_.Get()->store.deadline);
}

}  // namespace mxward
