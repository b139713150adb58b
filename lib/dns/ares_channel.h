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
#include "dns/question.h"

struct ares_channeldata;
struct event;
struct event_base;

namespace mxward::dns {

// What became of one question to one server.
struct ServerReply {
  enum class Kind {
    kMessage,      // the server said something that belongs to the question
    kSilence,      // nothing came, or nonsense, after all tries
    kUnreachable,  // nobody listens there, or there is no way to it
    kOther,        // c-ares would not ask, or has been told to end
  };
  Kind kind = Kind::kOther;
  std::string_view message;  // of kMessage; valid during the call
  std::string failure;       // of the others, for people
};

// One DNS server, asked through c-ares (1.18 to 1.34) on a libevent loop: a channel for each,
// because c-ares knows no health of servers and begins with the first for every question.
//
// c-ares sees to ids, the source port (a new one whenever nothing was under way), the match of
// address, id and question, tries again, and fetches truncated answers over TCP. It reads no
// resolv.conf, no hosts file, has no search list and no EDNS (its 1.18 turns EDNS on and off for a
// whole channel at a FORMERR).
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
  // The loop outlives the channel.
  static Result<std::unique_ptr<AresChannel>> Open(event_base* loop, const ServerAddress& server,
                                                   const Manner& manner);
  AresChannel(const AresChannel&) = delete;
  AresChannel& operator=(const AresChannel&) = delete;
  ~AresChannel();  // what is under way is done, with kOther

  // `done` comes exactly once, perhaps before this returns.
  void Ask(const Question& question, Done done);
  // Repeats and gives up what is due. To be called every some 50 ms while anything is under way.
  void Tick();
  std::size_t under_way() const { return under_way_; }

 private:
  struct EventFreer {
    void operator()(event* one) const;
  };
  struct Query {
    AresChannel* channel;
    Done done;
  };

  explicit AresChannel(event_base* loop) : loop_(loop) {}
  static void OnSocketState(void* self, int fd, int readable, int writable) noexcept;
  static void OnSocketEvent(int fd, short what, void* self) noexcept;
  static void OnReply(void* query, int status, int timeouts, unsigned char* message,
                      int size) noexcept;
  void Watch(int fd, bool readable, bool writable);

  event_base* const loop_;
  ares_channeldata* channel_ = nullptr;
  std::map<int, std::unique_ptr<event, EventFreer>> sockets_;
  std::size_t under_way_ = 0;
};

}  // namespace mxward::dns
