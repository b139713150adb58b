// SPDX-License-Identifier: Apache-2.0
#include "dns/server_health.h"

namespace mxward::dns {

bool ServerHealth::NoteAnswer(MonoTime now) {
  ever_heard_ = true;
  heard_ = now;
  silent_ = 0;
  errors_ = 0;
  return SetUp();
}

bool ServerHealth::NoteError(MonoTime now, const std::string& error) {
  ever_heard_ = true;
  heard_ = now;
  silent_ = 0;
  if (!up()) return !down_for_errors_ && SetUp();
  if (++errors_ < kErrors) return false;
  down_for_errors_ = true;
  return SetDown(error + ", " + std::to_string(errors_) + " times in a row");
}

bool ServerHealth::NoteSilence(MonoTime sent) {
  if (ever_heard_ && heard_ >= sent) return false;
  return NoteUnreachable("no answer");
}

bool ServerHealth::NoteUnreachable(const std::string& error) {
  if (++silent_ < kSilent) return false;
  return SetDown(error + ", " + std::to_string(silent_) + " times in a row");
}

bool ServerHealth::SetUp() {
  if (up()) return false;
  reason_.clear();
  down_for_errors_ = false;
  errors_ = 0;
  return true;
}

bool ServerHealth::SetDown(const std::string& reason) {
  if (!up()) return false;
  reason_ = reason;
  return true;
}

}  // namespace mxward::dns
