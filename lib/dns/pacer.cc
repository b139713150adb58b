// SPDX-License-Identifier: Apache-2.0
#include "dns/pacer.h"

#include <iterator>
#include <memory>
#include <utility>

namespace mxward::dns {

Pacer::Ticket Pacer::Enter(Whose whose, MonoTime now) {
  sent_.emplace_hint(sent_.end(), next_, Sent{now, whose});
  if (whose == Whose::kStrangers) ++strangers_;
  return next_++;
}

void Pacer::Leave(Ticket ticket) {
  const auto found = sent_.find(ticket);
  if (found == sent_.end()) return;
  if (found->second.whose == Whose::kStrangers) --strangers_;
  sent_.erase(found);
}

Pacer::Place Pacer::Wait(Whose whose, Send send) {
  auto& waiting = waiting_[Index(whose)];
  waiting.push_back(std::move(send));
  return {whose, std::prev(waiting.end())};
}

void Pacer::SendWaiting() {
  // What is sent can fail at once, and would come back here for each that waits.
  if (sending_) return;
  sending_ = true;
  // Out of memory, too, is over some time.
  const std::unique_ptr<bool, void (*)(bool*)> end(&sending_,
                                                   [](bool* sending) { *sending = false; });
  while (SendOne(Whose::kOurs) || SendOne(Whose::kStrangers)) {
  }
}

bool Pacer::SendOne(Whose whose) {
  auto& waiting = waiting_[Index(whose)];
  if (waiting.empty() || !Fits(whose)) return false;
  const Send send = std::move(waiting.front());
  waiting.pop_front();
  send();
  return true;
}

void Pacer::Expire(MonoTime now) {
  while (!sent_.empty() && sent_.begin()->second.when + kInFlightTimeout <= now)
    Leave(sent_.begin()->first);
}

}  // namespace mxward::dns
