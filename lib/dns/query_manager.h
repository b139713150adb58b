// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/result.h"
#include "base/server_address.h"
#include "dns/answer_cache.h"
#include "dns/resolver.h"
#include "dns/upstream.h"

struct event_base;

namespace mxward::dns {

// Calls back, whatever that does. Counts and logs what it throws.
class CallbackRunner {
 public:
  CallbackRunner(const Clock& clock, Log& log) : clock_(clock), log_(log) {}
  void Tell(const Callback& callback, const AnswerPtr& answer, bool from_cache) noexcept;
  std::uint64_t failures() const { return failures_.value(); }  // answers of kFailed
  std::uint64_t errors() const { return errors_.value(); }      // exceptions

 private:
  const Clock& clock_;
  Log& log_;
  Counter failures_;
  Counter errors_;
  OncePerMinute log_errors_;
};

// The questions under way: who waits for them and until when, which servers have been asked. All
// that AresResolver promises happens here. On the loop's thread, but for stats.
class QueryManager {
 public:
  struct Limits {
    Millis deadline{};
    std::size_t max_outstanding = 0;
    bool operator==(const Limits&) const = default;
  };
  // A waiter, and when it asked.
  struct Request {
    Question question;
    Callback callback;
    MonoTime asked;
  };
  // How often Tick() wants to be called while busy().
  static constexpr Millis kTick{20};

  QueryManager(const Clock& clock, Log& log, AnswerCache& cache, CallbackRunner& runner,
               event_base* loop)
      : clock_(clock), log_(log), cache_(cache), runner_(runner), loop_(loop) {}

  // Servers that stay are kept; what is under way on the others goes on, and then they go. One that
  // cannot be opened (no descriptors) is tried again every few seconds.
  void SetServers(const std::vector<ServerAddress>& servers, const Limits& limits);
  // Our own zones, lower case: see AresResolver.
  void SetZones(std::vector<std::string> zones) { zones_ = std::move(zones); }
  void Ask(Request request);
  // Deadlines, repetitions, probes.
  void Tick();
  bool busy() const;
  // Fails everything and closes all channels.
  void End(const std::string& reason);

  // From any thread.
  std::uint64_t joined() const { return joined_.value(); }
  std::uint64_t refused() const { return refused_.value(); }
  std::uint64_t late() const { return late_.value(); }
  std::uint64_t outstanding() const { return outstanding_.load(std::memory_order_relaxed); }
  std::vector<ServerStatus> servers() const;

 private:
  using UpstreamPtr = std::shared_ptr<Upstream>;
  using Timers = std::multimap<MonoTime, std::function<void()>>;
  struct Waiter {
    Callback callback;
    Timers::iterator deadline;
  };
  struct Job {
    Question question;
    Pacer::Whose whose = Pacer::Whose::kOurs;
    std::list<Waiter> waiters;
    std::vector<UpstreamPtr> tried;
    std::size_t under_way = 0;
    std::optional<MonoTime> first_sent;
    UpstreamPtr waits_for;  // has it in its queue; the last of `tried`
    Pacer::Place place;     // there
    std::optional<Timers::iterator>
        server_timeout;  // with the server asked last, or with its queue
    std::string failure;
    bool over = false;  // answered or failed, no longer in jobs_
  };
  using JobPtr = std::shared_ptr<Job>;

  UpstreamPtr OpenServer(const ServerAddress& server);
  UpstreamPtr NextServer(const Job& job) const;
  bool AnyUp() const;
  Pacer::Whose WhoseIs(const std::string& name) const;
  bool HasRoom(Pacer::Whose whose) const;
  bool WasHeard(const Job& job) const;
  void AddWaiter(const JobPtr& job, Request& request);
  void OnDeadline(const JobPtr& job, std::list<Waiter>::iterator waiter, MonoTime deadline);
  void AskNext(const JobPtr& job);
  void Send(const JobPtr& job, const UpstreamPtr& server);
  void SendNow(const JobPtr& job, const UpstreamPtr& server);
  void Queue(const JobPtr& job, const UpstreamPtr& server);
  void LeaveQueue(Job& job);
  void OnReply(const JobPtr& job, const UpstreamPtr& server, MonoTime sent,
               const ServerReply& reply);
  void OnServerTimeout(const JobPtr& job, const UpstreamPtr& server, MonoTime sent);
  Result<Answer> Read(const Question& question, const UpstreamPtr& server, MonoTime sent,
                      const ServerReply& reply);
  void OnProbed(const UpstreamPtr& server);
  void Probe(const UpstreamPtr& server);
  void Finish(const JobPtr& job, const AnswerPtr& answer);
  void AnswerWaiters(Job& job, const AnswerPtr& answer);
  void StopServerTimeout(Job& job);
  // The name was asked for in vain; or, as far as it is concerned, nobody was asked.
  AnswerPtr Failed(const Job& job, const std::string& reason) const;
  AnswerPtr NotQueried(const std::string& reason) const;
  AnswerPtr Nothing(const std::string& reason, bool not_queried) const;
  void NoteRefused();

  const Clock& clock_;
  Log& log_;
  AnswerCache& cache_;
  CallbackRunner& runner_;
  event_base* const loop_;
  Limits limits_;
  std::vector<UpstreamPtr> servers_;   // in order of preference
  std::vector<UpstreamPtr> draining_;  // not asked any more
  std::vector<std::string> zones_;
  std::map<Question, JobPtr> jobs_;
  std::size_t strangers_ = 0;  // of jobs_
  Timers timers_;
  std::vector<ServerAddress> wanted_;  // servers_ has fewer when one could not be opened
  MonoTime next_opening_{};
  OncePerMinute log_refused_;
  OncePerMinute log_unopened_;

  Counter joined_;
  Counter refused_;
  Counter late_;
  std::atomic<std::uint64_t> outstanding_{0};
  mutable Guarded<std::vector<Upstream::Shown>> shown_;
};

}  // namespace mxward::dns
