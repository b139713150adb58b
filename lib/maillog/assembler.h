// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "maillog/event.h"
#include "maillog/line.h"
#include "maillog/open_sessions.h"
#include "maillog/step.h"

namespace mxward::maillog {

// What became of the lines.
struct Counts {
  std::uint64_t lines = 0;        // that were added
  std::uint64_t mail_server = 0;  // of them, of Postfix or Sendmail
  std::uint64_t broken = 0;       // of those, what could not be understood
  std::uint64_t sessions = 0;
  std::uint64_t messages = 0;
  std::uint64_t refused_early = 0;  // clients, HELOs or senders, before any recipient
  std::uint64_t screened = 0;       // recipients refused by postscreen
  std::uint64_t reinjected = 0;     // messages that came back from a content filter
  std::uint64_t submissions = 0;    // messages on submission ports without a login in the log
  std::uint64_t unfinished = 0;     // messages of which the log tells too little: no sender
  std::uint64_t forced = 0;         // steps that could not be waited for any longer: too many
};

// Makes SMTP sessions out of the lines of a log: puts together, by process and queue ID, what a
// client did, and tells it step by step in the order and at the times in which it happened. A
// message's sender and recipients are logged later than its beginning, so that a message is held
// back, and with it all that follows, until they are known, or for some of the log's time.
//
// Bounded memory: at most kMostSteps steps wait, and OpenSessions::kMost processes are known.
// What was taken on a submission port and by whom is not logged, and what a content filter brought
// back with word of its origin, is only counted. Not thread-safe.
class Assembler {
 public:
  explicit Assembler(std::function<void(const Step&)> tell);

  // Lines in the order of the log. A time that goes back is read as the latest so far.
  void Add(const Line& line);
  // After the last line: tells what was held back, and ends all sessions.
  void End();

  const Counts& counts() const { return counts_; }
  // The time of the log: the latest so far.
  WallTime now() const { return now_; }

  // A transfer may take this long before a message is given up.
  static constexpr std::chrono::minutes kPatience{15};
  // And a first attempt to deliver it, before it is taken with the recipients that are known.
  static constexpr std::chrono::minutes kPatienceForDelivery{120};
  // For the sender, when the client has gone.
  static constexpr Seconds kPatienceAfterEnd{10};
  static constexpr std::size_t kMostSteps = 100000;
  static constexpr std::size_t kMostRecipients = 1000;  // of one message
  static constexpr std::size_t kLongestText = 1024;

 private:
  // A message that is not told yet.
  struct Held {
    Step step;
    std::uint64_t key = 0;  // of its queue ID; 0: it has none
    bool complete = false;
    bool submission = false;  // only counted
    WallTime give_up{};
    std::uint32_t expected = 0;  // recipients that were taken; 0: not known
    std::uint32_t delivered = 0;
  };
  using HeldPtr = std::shared_ptr<Held>;

  void AddPostfix(const Line& line, std::string_view daemon, std::string_view port);
  void AddSendmail(const Line& line);
  void Connect(Process& process, const Event& event, std::string_view port);
  void Disconnect(Process& process);
  void EnsureConnected(Process& process, const Event& event, std::string_view port);
  void BeginMessage(Process& process, const Event& event, std::uint64_t key, bool submission);
  void AddWhole(Process& process, const Event& event);
  void AddRefusal(Process& process, const Event& event, std::uint64_t key);
  void AddSendmailMessage(const Line& line, const Event& event, std::uint64_t key);
  void AddDeliveries(Held& held, std::string_view recipients);
  void Note(Process& process, const Event& event, const HeldPtr& held);
  void RefuseContent(Held& held, const Event& event);

  HeldPtr Find(std::uint64_t key) const;
  HeldPtr NewMessage(const Process* process, std::uint64_t key);
  void Queue(Step step);
  void TellReady(bool all);

  std::function<void(const Step&)> tell_;
  Counts counts_;
  WallTime now_{};
  WallTime tidied_{};
  std::uint64_t sessions_made_ = 0;
  OpenSessions processes_;
  std::deque<HeldPtr> queue_;
  std::unordered_map<std::uint64_t, HeldPtr> by_queue_id_;
  // The newest message of each session that is open: told when it ends.
  std::unordered_map<std::uint64_t, HeldPtr> newest_;
};

}  // namespace mxward::maillog
