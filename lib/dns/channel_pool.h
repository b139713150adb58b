// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dns/ares_channel.h"

namespace mxward::dns {

// One DNS server, asked from several source ports that change: c-ares 1.18 uses one socket of a
// channel for as long as anything is under way on it, so under load all questions would come from
// one port, and who forges answers from afar would have only the id to guess.
//
// A question takes one of kPorts channels at random; a channel that was asked kQuestions gives way
// to another. c-ares closes its socket when what is under way on it is done, and then it serves
// again, from a new port: a channel takes some 70 kB and as much time as a few questions to make.
// As AresChannel is, on the loop's thread alone.
class ChannelPool {
 public:
  static constexpr std::size_t kPorts = 4;  // a power of two
  static constexpr std::size_t kQuestions = 32;

  static Result<std::unique_ptr<ChannelPool>> Open(const Clock& clock, event_base* loop,
                                                   const ServerAddress& server,
                                                   const AresChannel::Manner& manner);

  // As AresChannel has them.
  void Ask(const Question& question, AresChannel::Done done);
  void Tick();
  std::size_t under_way() const;

 private:
  struct Port {
    std::unique_ptr<AresChannel> channel;  // null: not opened yet
    std::size_t asked = 0;
  };

  ChannelPool(const Clock& clock, event_base* loop, const ServerAddress& server,
              const AresChannel::Manner& manner)
      : clock_(clock), loop_(loop), server_(server), manner_(manner) {}
  AresChannel& Choose();
  std::size_t RandomPort();
  // One that was asked enough and has no socket any more, or a new one; null without descriptors.
  std::unique_ptr<AresChannel> Another();

  const Clock& clock_;
  event_base* const loop_;
  const ServerAddress server_;
  const AresChannel::Manner manner_;
  std::array<Port, kPorts> ports_;  // the first is always open
  std::vector<std::unique_ptr<AresChannel>> draining_;
  std::uint64_t random_ = 0;  // bits that were not used yet
  unsigned random_bits_ = 0;
};

}  // namespace mxward::dns
