// SPDX-License-Identifier: Apache-2.0
#include "dns/server_health.h"

#include <utility>

namespace mxward::dns {

bool ServerHealth::NoteReply(MonoTime now, const std::string& error, std::size_t names) {
  ever_heard_ = true;
  heard_ = now;
  silent_ = 0;
  if (error.empty()) {
    errors_ = 0;
    return Become(ServerState::kUp, "");
  }
  if (++errors_ < names) return false;
  return Become(ServerState::kFailing, error + " to all " + std::to_string(names) + " probes");
}

bool ServerHealth::NoteSilence(MonoTime sent, MonoTime now, const std::string& why) {
  if (ever_heard_ && heard_ >= sent) return false;
  if (silent_ == 0 || sent < silent_since_) silent_since_ = sent;
  ++silent_;
  errors_ = 0;
  if (silent_ < kSilent || now - silent_since_ < kSilentFor) return false;
  return Become(ServerState::kDown, why + " to " + std::to_string(silent_) + " probes in a row");
}

bool ServerHealth::Become(ServerState state, std::string reason) {
  if (state_ == state) return false;
  state_ = state;
  reason_ = std::move(reason);
  return true;
}

}  // namespace mxward::dns
