// SPDX-License-Identifier: Apache-2.0
#include "dns/channel_pool.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/siphash.h"

namespace mxward::dns {

Result<std::unique_ptr<ChannelPool>> ChannelPool::Open(const Clock& clock, event_base* loop,
                                                       const ServerAddress& server,
                                                       const AresChannel::Manner& manner) {
  MXWARD_TRY(auto first, AresChannel::Open(clock, loop, server, manner));
  std::unique_ptr<ChannelPool> self(new ChannelPool(clock, loop, server, manner));
  self->ports_[0].channel = std::move(first);
  return self;
}

void ChannelPool::Ask(const Question& question, AresChannel::Done done) {
  Choose().Ask(question, std::move(done));
}

std::size_t ChannelPool::RandomPort() {
  if (random_bits_ == 0) {
    const HashKey bytes = NewHashKey();
    std::memcpy(&random_, bytes.data(), sizeof random_);
    random_bits_ = 64;
  }
  constexpr unsigned kBits = std::countr_zero(kPorts);
  const std::size_t port = random_ % kPorts;
  random_ >>= kBits;
  random_bits_ -= kBits;
  return port;
}

std::unique_ptr<AresChannel> ChannelPool::Another() {
  const auto idle = std::find_if(draining_.begin(), draining_.end(), [](const auto& channel) {
    return channel->under_way() == 0 && !channel->has_socket();
  });
  if (idle != draining_.end()) {
    std::unique_ptr<AresChannel> channel = std::move(*idle);
    draining_.erase(idle);
    return channel;
  }
  auto opened = AresChannel::Open(clock_, loop_, server_, manner_);
  return opened ? *std::move(opened) : nullptr;
}

AresChannel& ChannelPool::Choose() {
  Port& port = ports_[RandomPort()];
  if (port.channel == nullptr || port.asked >= kQuestions) {
    // Without descriptors what is open has to do.
    if (auto another = Another(); another != nullptr) {
      // Not destroyed here: one of its callbacks may be what asks.
      if (port.channel != nullptr) draining_.push_back(std::move(port.channel));
      port.channel = std::move(another);
      port.asked = 0;
    }
  }
  ++port.asked;
  return port.channel != nullptr ? *port.channel : *ports_[0].channel;
}

void ChannelPool::Tick() {
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    if (ports_[i].channel != nullptr) ports_[i].channel->Tick();
  }
  // A callback may ask, and add to draining_.
  for (std::size_t i = 0; i < draining_.size(); ++i) draining_[i]->Tick();
  // A few are kept for later; with their sockets they have lost their ports.
  std::size_t kept = 0;
  std::erase_if(draining_,
                [&](const auto& channel) { return channel->under_way() == 0 && ++kept > kPorts; });
}

std::size_t ChannelPool::under_way() const {
  std::size_t count = 0;
  for (const Port& port : ports_) {
    if (port.channel != nullptr) count += port.channel->under_way();
  }
  for (const auto& channel : draining_) count += channel->under_way();
  return count;
}

}  // namespace mxward::dns
