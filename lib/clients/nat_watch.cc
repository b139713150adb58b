// SPDX-License-Identifier: Apache-2.0
#include "clients/nat_watch.h"

#include <fmt/format.h>

#include <algorithm>

namespace mxward {

void NatWatch::Note(const IpAddress& client) {
  const MonoTime now = clock_.Monotonic();
  std::optional<std::string> warning;
  {
    const MutexLock lock(mutex_);
    warning = Count(client, now);
  }
  if (warning) log_.Warning(*warning);
}

std::optional<NatWatch::Translator> NatWatch::Suspected() const {
  const MutexLock lock(mutex_);
  if (clock_.Monotonic() - begin_ >= 2 * kSpan) return {};  // nobody has come for so long
  return sessions_ < kSessions ? of_last_hour_ : OfThisHour();
}

std::optional<NatWatch::Translator> NatWatch::OfThisHour() const {
  const auto most =
      std::max_element(of_private_.begin(), of_private_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (sessions_ < kSessions || most == of_private_.end()) return {};
  if (most->second * 2 <= sessions_) return {};
  return Translator{most->first, most->second, sessions_};
}

std::optional<std::string> NatWatch::Count(const IpAddress& client, MonoTime now) {
  if (sessions_ == 0 || now - begin_ >= kSpan) {
    of_last_hour_ = now - begin_ < 2 * kSpan ? OfThisHour() : std::nullopt;
    begin_ = now;
    warned_ = false;
    sessions_ = 0;
    of_private_.clear();
  }
  ++sessions_;
  if (!client.IsPrivate()) return {};
  auto counted = of_private_.find(client);
  if (counted == of_private_.end()) {
    if (of_private_.size() == kMaxAddresses) return {};
    counted = of_private_.emplace(client, 0).first;
  }
  const std::uint64_t of_client = ++counted->second;
  if (warned_ || sessions_ < kSessions || of_client * 2 <= sessions_) return {};
  warned_ = true;
  return fmt::format(
      "{} of {} sessions within an hour came from {}, a private address: an address translation "
      "(NAT) or a proxy hides who connects, and clients cannot be judged. Let it pass on the real "
      "addresses; if it is a mail server of yours, add it to trust.relays",
      of_client, sessions_, client.ToString());
}

}  // namespace mxward
