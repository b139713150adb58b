// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "cli/replay/event.h"
#include "cli/replay/log_line.h"
#include "cli/replay/step.h"
#include "facts/session_facts.h"

namespace mxward::cli::maillog {

// What one process of the mail server is doing; a process has one client at a time.
struct Process {
  std::string server;         // whose process it is, by what the log calls it
  std::uint64_t session = 0;  // 0: no client
  std::shared_ptr<SessionFacts> client;
  std::string helo;
  bool tls = false;
  bool silent_end = false;           // its end is not logged (Sendmail)
  std::shared_ptr<Message> message;  // the last one
  // The name of the client that connects next does not lead back.
  std::optional<SessionFacts> name_trouble;
  WallTime last{};
};

// The processes that the log is about, by host, program and pid. Bounded: those that have been
// silent for long are dropped, and when there are too many all the same, the longest silent ones.
class OpenSessions {
 public:
  // For a process with a client that is dropped.
  using Dropped = std::function<void(const Process&)>;
  explicit OpenSessions(Dropped dropped) : dropped_(std::move(dropped)) {}

  // Its process, which is made where there is none.
  Process& Get(std::uint64_t key, WallTime now);
  void DropSilent(WallTime now);
  std::size_t size() const { return processes_.size(); }

  static constexpr std::size_t kMost = 20000;
  // Postfix ends an idle session after 5 minutes; a transfer may take long.
  static constexpr std::chrono::minutes kSilence{60};
  static constexpr std::chrono::minutes kSilenceWithoutEnd{2};

 private:
  void DropSilentFor(Seconds silence, Seconds silence_without_end, WallTime now);

  Dropped dropped_;
  std::unordered_map<std::uint64_t, Process> processes_;
};

// What became of the lines.
struct Counts {
  std::uint64_t lines = 0;        // that were added
  std::uint64_t mail_server = 0;  // of them, of Postfix or Sendmail
  std::uint64_t broken = 0;       // of those, what could not be understood
  std::uint64_t sessions = 0;
  std::uint64_t tls_sessions = 0;  // of them, with TLS by what the log says
  std::uint64_t messages = 0;
  std::uint64_t refused_early = 0;  // clients, HELOs or senders, before any recipient
  std::uint64_t screened = 0;       // recipients refused by postscreen
  std::uint64_t reinjected = 0;     // messages that came back from a content filter
  std::uint64_t submissions = 0;    // messages on submission ports without a login in the log
  std::uint64_t unfinished = 0;     // messages with incomplete log lines: no sender
  std::uint64_t forced = 0;         // steps that could not be waited for any longer: too many
};

// Makes SMTP sessions out of the lines of a log: puts together, by process and queue ID, what a
// client did, and reports it step by step in the order and at the times in which it happened. A
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
  // After the last line: reports what was held back, and ends all sessions.
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
  // A session may go on for so long behind a message before it is taken to have no TLS.
  static constexpr Seconds kPatienceForTls{310};
  static constexpr std::size_t kMostSteps = 100000;
  static constexpr std::size_t kMostRecipients = 1000;  // of one message
  static constexpr std::size_t kLongestText = 1024;

 private:
  // A message that has not been reported yet.
  struct Held {
    Step step;
    std::uint64_t key = 0;  // of its queue ID; 0: it has none
    bool complete = false;
    bool submission = false;  // only counted
    WallTime give_up{};
    // Whether its session has TLS is told by the session's end: how long that is waited for.
    WallTime tls_known{};
    std::uint32_t expected = 0;  // recipients that were taken; 0: not known
    std::uint32_t delivered = 0;
  };
  using HeldPtr = std::shared_ptr<Held>;

  void AddPostfix(const Line& line, std::string_view daemon, std::string_view port);
  void AddSendmail(const Line& line);
  void Connect(Process& process, const Event& event, std::string_view port);
  void Disconnect(Process& process);
  void NoteTls(Process& process);
  void AwaitTls(const Process& process, const HeldPtr& held);
  void EndTlsWait(std::uint64_t session, bool used_tls);
  void EnsureConnected(Process& process, const Event& event, std::string_view port);
  void BeginMessage(Process& process, const Event& event, std::uint64_t key, bool submission);
  void AddWhole(Process& process, const Event& event);
  void AddRefusal(Process& process, const Event& event, std::uint64_t key);
  void AddSendmailMessage(const Line& line, const Event& event, std::uint64_t key);
  void AddDeliveries(Held& held, std::string_view recipients);
  void Note(Process& process, const Event& event, const HeldPtr& held);
  void RefuseContent(Held& held, const Event& event);

  Process& ProcessOf(const Line& line);
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
  // Messages of open sessions of which it is not known whether they have TLS.
  std::unordered_map<std::uint64_t, std::vector<HeldPtr>> without_tls_;
  // Postfix's lines about the end of sessions count commands; it logs when TLS begins.
  bool counts_commands_ = false;
  bool logs_tls_ = false;
  // The newest message of each open session: reported when it ends.
  std::unordered_map<std::uint64_t, HeldPtr> newest_;
};

}  // namespace mxward::cli::maillog
