// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/clock.h"

namespace mxward::dns {

// Whether a DNS server is worth asking. It is down after kSilent questions in a row that got
// nothing at all, or kErrors in a row that got only errors (SERVFAIL, REFUSED, nonsense); then it
// is only probed. A name whose own servers are broken gives a SERVFAIL too, and anybody can send us
// such names: that is why many errors are needed, and why one good answer wipes them out.
//
// Pure but for what it remembers. Each Note...() is true when the state has changed by it.
class ServerHealth {
 public:
  static constexpr int kSilent = 5;
  static constexpr int kErrors = 20;

  bool NoteAnswer(MonoTime now);
  // An answer, but of no use. A server that was silent is up again with that, too.
  bool NoteError(MonoTime now, const std::string& error);
  // Nothing has come to a question sent then, in good time. Does not count when anything at all has
  // come from the server since: it is alive, and busy.
  bool NoteSilence(MonoTime sent);
  bool NoteUnreachable(const std::string& error);

  bool up() const { return reason_.empty(); }
  const std::string& reason() const { return reason_; }  // why it is down, for people

 private:
  bool SetUp();
  bool SetDown(const std::string& reason);

  std::string reason_;
  bool down_for_errors_ = false;
  bool ever_heard_ = false;
  MonoTime heard_{};
  int silent_ = 0;
  int errors_ = 0;
};

}  // namespace mxward::dns
