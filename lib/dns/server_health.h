// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/enum_words.h"

namespace mxward::dns {

enum class ServerState : std::uint8_t {
  kUp,
  kFailing,  // it answers, but each name it is probed with by an error, SERVFAIL for one
  kDown,     // it says nothing to probes
};
constexpr auto EnumWordsOf(ServerState) {
  return EnumWords<ServerState>(
      {{ServerState::kUp, "up"}, {ServerState::kFailing, "failing"}, {ServerState::kDown, "down"}});
}

// What is known of a DNS server, by probes alone.
//
// Who sends mail chooses names that we look up, and a name whose own servers are broken or silent
// looks like a broken or silent resolver. So no lookup of a session counts here, neither for a
// server nor against it: only probes, whose names are ours.
//
// Any well-formed answer to a probe, whatever its code, says that the server can be reached. It is
// down after kSilent probes in a row that got nothing, over at least kSilentFor; failing when the
// probes of all names, asked in turn, got errors in a row; up with the first probe that got an
// answer without an error. Pure but for what it remembers. Each Note...() is true when the state
// has changed by it.
class ServerHealth {
 public:
  static constexpr int kSilent = 3;
  static constexpr Millis kSilentFor{2000};

  // A probe was answered. error: "" or the code, "SERVFAIL". names: how many there are to probe
  // with.
  bool NoteReply(MonoTime now, const std::string& error, std::size_t names);
  // Nothing has come to a probe sent then, in good time. Does not count when a probe was answered
  // since. why: "no answer", "connection refused".
  bool NoteSilence(MonoTime sent, MonoTime now, const std::string& why);

  ServerState state() const { return state_; }
  const std::string& reason() const { return reason_; }  // why it is not up, for people
  // An error, and there are names left that might get an answer.
  bool undecided() const { return errors_ > 0 && state_ != ServerState::kFailing; }

 private:
  bool Become(ServerState state, std::string reason);

  ServerState state_ = ServerState::kUp;
  std::string reason_;
  bool ever_heard_ = false;
  MonoTime heard_{};
  int silent_ = 0;
  MonoTime silent_since_{};  // when the first of them was sent
  std::size_t errors_ = 0;
};

}  // namespace mxward::dns
