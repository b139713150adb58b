// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/log.h"
#include "base/server_address.h"
#include "dns/ares_channel.h"
#include "dns/ares_resolver.h"
#include "dns/channel_pool.h"
#include "dns/pacer.h"
#include "dns/server_health.h"

namespace mxward::dns {

// A server with its channels and what is known about it. On the loop's thread; what is shown of it
// is kept separately, so that readers never hold, and free, a channel.
//
// Probes have a channel of their own, so that they neither wait for other questions nor share a
// source port with them. Their names are ours: in turn the NS of the root, the SOA of each zone
// that we were given, a random label below the root. One is sent once a minute; once a second while
// the server is suspected, which is all that other questions can do; twice a second while it is not
// up; and the next name at once when one got an error.
class Upstream {
 public:
  // How long a probe is waited for. Not less than any other question, or a slow server would be
  // down for its probes alone.
  static Millis ProbeWait(Millis deadline);

  Upstream(const Clock& clock, Log& log, const ServerAddress& server,
           std::unique_ptr<ChannelPool> channel, std::unique_ptr<AresChannel> probes);

  const ServerAddress& address() const { return address_; }
  ServerState state() const { return health_.state(); }
  bool up() const { return state() == ServerState::kUp; }
  ChannelPool& channel() { return *channel_; }
  AresChannel& probes() { return *probes_; }
  Pacer& pacer() { return pacer_; }
  std::size_t under_way() const { return channel_->under_way() + probes_->under_way(); }
  // It is to be looked at soon.
  bool busy() const { return under_way() > 0 || !up() || suspected_; }
  void CloseChannels();

  // Something came to a question sent then; failed: an error.
  void NoteReply(MonoTime sent, bool failed);
  // It got nothing, or an error: time for a probe. Changes no state.
  void Suspect();
  // Nothing came, or nobody listens.
  void NoteFailure();
  // Whether anything at all has come from the server since.
  bool HeardSince(MonoTime then) const { return heard_ && *heard_ >= then; }

  // What to probe it with, when it is time to.
  std::optional<Question> NextProbe(const std::vector<std::string>& zones);
  // What became of a probe. True when the state has changed by it.
  bool NoteProbe(MonoTime sent, const ServerReply& reply, std::size_t zones);

  using Shown = std::shared_ptr<Guarded<ServerStatus>>;
  const Shown& shown() const { return status_; }

 private:
  void Show();

  const Clock& clock_;
  Log& log_;
  const ServerAddress address_;
  std::unique_ptr<ChannelPool> channel_;
  std::unique_ptr<AresChannel> probes_;
  Pacer pacer_;
  ServerHealth health_;
  std::optional<MonoTime> heard_;
  bool suspected_ = false;
  std::optional<MonoTime> last_probe_;
  MonoTime next_probe_;
  std::size_t probes_made_ = 0;
  const Shown status_ = std::make_shared<Guarded<ServerStatus>>();
};

}  // namespace mxward::dns
