// SPDX-License-Identifier: Apache-2.0
#include "dns/pacer.h"

#include <iterator>
#include <memory>
#include <utility>

namespace mxward::dns {

Pacer::Ticket Pacer::Enter(MonoTime now) {
  sent_.emplace_hint(sent_.end(), next_, now);
  return next_++;
}

Pacer::Place Pacer::Wait(Send send) {
  waiting_.push_back(std::move(send));
  return std::prev(waiting_.end());
}

void Pacer::SendWaiting() {
  // What is sent can fail at once, and would come back here for each that waits.
  if (sending_) return;
  sending_ = true;
  // Out of memory, too, is over some time.
  const std::unique_ptr<bool, void (*)(bool*)> end(&sending_,
                                                   [](bool* sending) { *sending = false; });
  while (!waiting_.empty() && sent_.size() < kMost) {
    const Send send = std::move(waiting_.front());
    waiting_.pop_front();
    send();
  }
}

void Pacer::Expire(MonoTime now) {
  while (!sent_.empty() && sent_.begin()->second + kHolds <= now) sent_.erase(sent_.begin());
}

}  // namespace mxward::dns
