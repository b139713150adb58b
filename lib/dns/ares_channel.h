// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/server_address.h"
#include "dns/ares_sockets.h"
#include "dns/question.h"

struct ares_channeldata;
struct event;
struct event_base;

namespace mxward::dns {

// What became of one question to one server.
struct ServerReply {
  enum class Kind {
    kMessage,      // the server said something that belongs to the question
    kSilence,      // nothing came after all tries
    kUnreachable,  // nobody listens there, or there is no way to it
    kOther,        // c-ares did not send it, or was stopped
  };
  Kind kind = Kind::kOther;
  std::string_view message;  // of kMessage; valid during the call
  std::string failure;       // of the others, for people
};

// One DNS server, asked through c-ares (1.18 to 1.34) on a libevent loop: a channel for each,
// because c-ares knows no health of servers and begins with the first for every question.
//
// c-ares sees to ids, the source port (a new one whenever nothing was under way), the match of
// address, id and question, and fetches truncated answers over TCP. It reads no resolv.conf, no
// hosts file, has no search list and no EDNS (its 1.18 turns EDNS on and off for a whole channel at
// a FORMERR). Of answers it reads the question alone: AresSockets. When to ask again is decided
// here: c-ares 1.34 would do so from another port, and be deaf to what comes late to the
// first, so that it would never hear a server that is slower than the first wait.
//
// Lives on the loop's thread alone.
class AresChannel {
 public:
  // Brief; may Ask() this and other channels, but not destroy this one.
  using Done = std::function<void(const ServerReply&)>;

  struct Manner {
    Millis first_wait;             // before the first repetition
    int tries = 3;                 // in all, each waits twice as long as the one before
    bool takes_truncated = false;  // a truncated answer is the answer
  };
  // The clock and the loop outlive the channel.
  static Result<std::unique_ptr<AresChannel>> Open(const Clock& clock, event_base* loop,
                                                   const ServerAddress& server,
                                                   const Manner& manner);
  AresChannel(const AresChannel&) = delete;
  AresChannel& operator=(const AresChannel&) = delete;
  ~AresChannel();  // what is under way is done, with kOther

  // `done` comes exactly once, perhaps before this returns.
  void Ask(const Question& question, Done done);
  // Repeats and gives up what is due. To be called every some 50 ms while anything is under way.
  void Tick();
  std::size_t under_way() const { return under_way_; }
  // c-ares closes them when nothing is under way, soon after the last answer.
  bool has_socket() const { return !watched_.empty(); }

 private:
  struct EventFreer {
    void operator()(event* one) const;
  };
  struct Query {
    Question question;
    Done done;  // empty when that has come
    int sent = 0;
  };
  using QueryPtr = std::shared_ptr<Query>;
  struct Sending {
    AresChannel* channel;
    QueryPtr query;
  };

  AresChannel(const Clock& clock, event_base* loop, const Manner& manner)
      : clock_(clock), loop_(loop), manner_(manner) {}
  void Send(const QueryPtr& query);
  static void OnSocketState(void* self, int fd, int readable, int writable) noexcept;
  static void OnSocketEvent(int fd, short what, void* self) noexcept;
  static void OnReply(void* sending, int status, int timeouts, unsigned char* message,
                      int size) noexcept;
  void Watch(int fd, bool readable, bool writable);

  const Clock& clock_;
  event_base* const loop_;
  const Manner manner_;
  ares_channeldata* channel_ = nullptr;
  AresSockets sockets_;
  std::map<int, std::unique_ptr<event, EventFreer>> watched_;
  std::multimap<MonoTime, QueryPtr> repetitions_;
  std::size_t under_way_ = 0;  // queries
  std::size_t sendings_ = 0;   // of them, and of those that are done, that c-ares waits for
};

}  // namespace mxward::dns
