// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/guarded.h"
#include "base/log.h"
#include "base/server_address.h"
#include "dns/ares_channel.h"
#include "dns/ares_resolver.h"
#include "dns/pacer.h"
#include "dns/server_health.h"

namespace mxward::dns {

// A server with its channel and what is known about it. On the loop's thread; what is shown of it
// is held apart, so that whoever looks at it never holds, and frees, a channel.
class Upstream {
 public:
  Upstream(const Clock& clock, Log& log, const ServerAddress& server,
           std::unique_ptr<AresChannel> channel);

  const ServerAddress& address() const { return address_; }
  bool up() const { return health_.up(); }
  AresChannel& channel() { return *channel_; }
  Pacer& pacer() { return pacer_; }
  void CloseChannel() { channel_.reset(); }

  // What became of a question sent then. True when the server is down, and was not before.
  bool NoteAnswer(const Question& question, MonoTime sent);
  bool NoteError(const std::string& error, MonoTime sent);
  bool NoteSilence(MonoTime sent);
  bool NoteUnreachable(const std::string& error);

  void NoteAsked(const Question& question) { last_asked_ = question; }
  // What to probe a server with that is down, when it is time to: in turns a question that it could
  // answer once, and one that it was asked last. Nothing when it is not time, or it is up.
  std::optional<Question> NextProbe(MonoTime now);

  using Shown = std::shared_ptr<Guarded<ServerStatus>>;
  const Shown& shown() const { return status_; }

 private:
  bool Show(bool changed);
  void NoteLatency(MonoTime sent);
  void NoteFailure();

  const Clock& clock_;
  Log& log_;
  const ServerAddress address_;
  std::unique_ptr<AresChannel> channel_;
  Pacer pacer_;
  ServerHealth health_;
  std::optional<Question> last_asked_;
  std::optional<Question> last_answered_;
  bool probe_with_answered_ = false;
  MonoTime next_probe_{};
  const Shown status_ = std::make_shared<Guarded<ServerStatus>>();
};

}  // namespace mxward::dns
