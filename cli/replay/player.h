// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "cli/replay/new_evidence.h"
#include "cli/replay/stage.h"
#include "cli/replay/step.h"
#include "cli/replay/tally.h"
#include "clients/organisation.h"
#include "engine/session.h"

namespace mxward::cli {

// Plays the sessions of a log to the engine, at the times of the log.
//
// Who is deferred here and was not in the log did not come back there. So it is assumed that the
// sender of a mail which the log's server took tries again: after `retry`, then each time after
// twice the last wait, 4000 s at most, for five days (the ways of Postfix as a sender). Of a mail
// that the log's server deferred as well the retries are in the log; of one that it turned away for
// good nothing is assumed.
class Player {
 public:
  // All outlive it.
  Player(Stage& stage, LogClock& clock, Tally& tally, NewEvidence& evidence, Seconds retry)
      : stage_(stage), clock_(clock), tally_(tally), evidence_(evidence), retry_(retry) {}

  void Play(const maillog::Step& step);
  // After the last step: what is still to be retried is.
  void End();

  static constexpr Seconds kLongestWait{4000};
  static constexpr std::chrono::hours kGivesUp{120};
  static constexpr std::size_t kMostRetries = 500000;
  static constexpr std::size_t kMostWaiting = 1000000;

 private:
  // A session that is open.
  struct Live {
    Live(Engine& engine, std::shared_ptr<const SessionFacts> facts)
        : session(engine), client(std::move(facts)) {}
    Session session;
    std::shared_ptr<const SessionFacts> client;
    Answer at_connect;
    std::string organisation;
    std::string helo;
    bool tls = false;
    // Of a message that has had only refusals: further recipients may follow.
    bool only_refusals = false;
    std::string sender;
    std::string user;
  };
  // A mail to one recipient that was deferred.
  struct Mail {
    std::string recipient;
    WallTime first{};
  };
  // A message whose sender is assumed to come back, for these recipients.
  struct Retry {
    WallTime due{};
    std::uint64_t number = 0;
    WallTime first{};
    Seconds wait{};
    std::shared_ptr<const maillog::Message> message;
    std::vector<Mail> mails;
    bool operator<(const Retry& other) const {  // the queue gives the largest first
      return due != other.due ? due > other.due : number > other.number;
    }
  };
  Live& Begin(std::uint64_t session, const std::shared_ptr<const SessionFacts>& client);
  std::unique_ptr<Live> Connect(const std::shared_ptr<const SessionFacts>& client);
  void BeginMail(Live& live, const maillog::Message& message);
  Decision Judge(Live& live, const std::string& recipient, const std::string& queue_id);
  void PlayMessage(const std::shared_ptr<const maillog::Message>& message);
  // Since when a mail waits for which a retry is to be assumed; nothing: none is.
  std::optional<WallTime> Settle(const Live& live, const Decision& decision, LogFate fate,
                                 const std::string& sender, const std::string& recipient);
  void Assume(Retry retry);
  void PlayRetry(Retry retry);
  void PlayRetriesUntil(WallTime time);
  void DropOld(WallTime now);
  void MoveTo(WallTime time);

  Stage& stage_;
  LogClock& clock_;
  Tally& tally_;
  NewEvidence& evidence_;
  const Seconds retry_;
  Organisations organisations_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Live>> live_;
  std::priority_queue<Retry> retries_;
  std::uint64_t retries_made_ = 0;
  // Mails that the log's server deferred as well, and since when.
  std::unordered_map<std::uint64_t, WallTime> waiting_;
  WallTime dropped_old_{};
};

}  // namespace mxward::cli
