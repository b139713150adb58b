// SPDX-License-Identifier: Apache-2.0
#include "dns/query_manager.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/units.h"
#include "dns/answer_parser.h"

namespace mxward::dns {
namespace {

// Of the deadline, for one server when there is another.
constexpr int kServerTimeoutShare = 3;

constexpr Millis kOpenAgain{2000};

constexpr const char* kNoServer = "no DNS server answers";

}  // namespace

void CallbackRunner::Tell(const Callback& callback, const AnswerPtr& answer,
                          bool from_cache) noexcept {
  if (answer->outcome == Outcome::kFailed) failures_.Add();
  try {
    callback(answer, from_cache);
    return;
  } catch (const std::exception& error) {
    std::uint64_t skipped = 0;
    if (log_errors_.Allow(clock_.Monotonic(), &skipped)) {
      log_.Error(std::string("dns: a callback threw: ") + error.what());
    }
  } catch (...) {
    // Nothing is known about it but that it happened.
  }
  errors_.Add();
}

void QueryManager::SetServers(const std::vector<ServerAddress>& servers, const Limits& limits) {
  // c-ares' timeout is set when the channel is created.
  const bool anew = limits.deadline != limits_.deadline;
  limits_ = limits;
  std::vector<UpstreamPtr> before = std::exchange(servers_, {});
  for (const ServerAddress& address : servers) {
    const auto kept = std::find_if(before.begin(), before.end(),
                                   [&](const auto& one) { return one->address() == address; });
    if (!anew && kept != before.end()) {
      servers_.push_back(*kept);
      before.erase(kept);
    } else if (auto opened = OpenServer(address)) {
      servers_.push_back(std::move(opened));
    }
  }
  draining_.insert(draining_.end(), before.begin(), before.end());
  wanted_ = servers;
  next_opening_ = clock_.Monotonic() + kOpenAgain;
  std::vector<Upstream::Shown> shown;
  for (const UpstreamPtr& server : servers_) shown.push_back(server->shown());
  *shown_.Lock() = std::move(shown);
  std::vector<JobPtr> waiting;
  for (const auto& [question, job] : jobs_) {
    if (job->waits_for != nullptr) waiting.push_back(job);
  }
  for (const JobPtr& job : waiting) {
    if (std::find(servers_.begin(), servers_.end(), job->waits_for) != servers_.end()) continue;
    LeaveQueue(*job);
    AskNext(job);
  }
}

QueryManager::UpstreamPtr QueryManager::OpenServer(const ServerAddress& server) {
  auto channel = ChannelPool::Open(clock_, loop_, server,
                                   {.first_wait = limits_.deadline / kServerTimeoutShare});
  // Two tries, the second twice as long.
  auto probes = AresChannel::Open(clock_, loop_, server,
                                  {.first_wait = Upstream::ProbeWait(limits_.deadline) / 3,
                                   .tries = 2,
                                   .takes_truncated = true});
  if (!channel || !probes) {
    std::uint64_t skipped = 0;
    if (log_unopened_.Allow(clock_.Monotonic(), &skipped)) {
      log_.Error("dns: " + (channel ? probes.error() : channel.error()).message);
    }
    return nullptr;
  }
  return std::make_shared<Upstream>(clock_, log_, server, std::move(*channel), std::move(*probes));
}

void QueryManager::Ask(Request request) {
  const auto found = jobs_.find(request.question);
  if (found != jobs_.end()) {
    joined_.Add();
    const JobPtr job = found->second;
    const bool lingering = job->waiters.empty();
    AddWaiter(job, request);
    if (lingering) {
      // What was sent may be lost; the servers may be others by now.
      job->tried.clear();
      job->first_sent.reset();
      AskNext(job);
    }
    return;
  }
  const Pacer::Whose whose = WhoseIs(request.question.name);
  if (!HasRoom(whose)) {
    NoteRefused();
    runner_.Tell(request.callback, NotQueried("too many questions under way"),
                 /*from_cache=*/false);
    return;
  }
  const auto job = std::make_shared<Job>();
  job->question = request.question;
  job->whose = whose;
  if (whose == Pacer::Whose::kStrangers) ++strangers_;
  jobs_.emplace(job->question, job);
  outstanding_.store(jobs_.size(), std::memory_order_relaxed);
  AddWaiter(job, request);
  AskNext(job);
}

// Without lists of ours nothing is kept for them.
Pacer::Whose QueryManager::WhoseIs(const std::string& name) const {
  const bool ours =
      zones_.empty() || std::any_of(zones_.begin(), zones_.end(), [&](const std::string& zone) {
        return name.size() > zone.size() && name.ends_with(zone) &&
               name[name.size() - zone.size() - 1] == '.';
      });
  return ours ? Pacer::Whose::kOurs : Pacer::Whose::kStrangers;
}

bool QueryManager::HasRoom(Pacer::Whose whose) const {
  const std::size_t most = limits_.max_outstanding;
  return jobs_.size() < most && (whose == Pacer::Whose::kOurs || strangers_ < most - most / 4);
}

void QueryManager::AddWaiter(const JobPtr& job, Request& request) {
  job->waiters.push_back({std::move(request.callback), timers_.end()});
  const auto waiter = std::prev(job->waiters.end());
  const Millis wait =
      AnyUp() ? limits_.deadline : std::min(limits_.deadline, AresResolver::kShortWait);
  const MonoTime deadline = request.asked + wait;
  waiter->deadline = timers_.emplace(
      deadline, [this, job, waiter, deadline] { OnDeadline(job, waiter, deadline); });
}

void QueryManager::OnDeadline(const JobPtr& job, std::list<Waiter>::iterator waiter,
                              MonoTime deadline) {
  const Callback callback = std::move(waiter->callback);
  job->waiters.erase(waiter);
  // What waited for its turn for most of the time has not had a chance to be answered.
  const bool was_asked =
      job->first_sent && deadline - *job->first_sent >= limits_.deadline / kServerTimeoutShare;
  if (job->waiters.empty() && job->waits_for != nullptr) {
    LeaveQueue(*job);
    if (job->under_way == 0) Finish(job, nullptr);
  }
  const std::string limit = FormatDuration(limits_.deadline);
  AnswerPtr answer;
  if (!AnyUp()) {
    answer = NotQueried(kNoServer);
    // It is given up for good: what waits in vain must not keep others out once a server is back.
    if (job->waiters.empty() && !job->over) Finish(job, answer);
  } else if (was_asked) {
    answer = Failed(*job, "no answer in " + limit);
  } else {
    answer = NotQueried("too many questions at once, no turn in " + limit);
  }
  runner_.Tell(callback, answer, /*from_cache=*/false);
}

bool QueryManager::WasHeard(const Job& job) const {
  return job.first_sent && std::any_of(job.tried.begin(), job.tried.end(), [&](const auto& server) {
           return server->HeardSince(*job.first_sent);
         });
}

// The best that was not asked yet. One that is down is left out while another one is not.
QueryManager::UpstreamPtr QueryManager::NextServer(const Job& job) const {
  const bool all_down = std::all_of(servers_.begin(), servers_.end(), [](const auto& one) {
    return one->state() == ServerState::kDown;
  });
  UpstreamPtr best;
  for (const UpstreamPtr& server : servers_) {
    if (server->state() == ServerState::kDown && !all_down) continue;
    if (std::find(job.tried.begin(), job.tried.end(), server) != job.tried.end()) continue;
    // Questions that are answered by another server linger on in c-ares.
    if (server->channel().under_way() >= 2 * limits_.max_outstanding) continue;
    if (best == nullptr || server->state() < best->state()) best = server;
  }
  return best;
}

// The next server, when there is one. Fails the question when there is none and nothing to hope for
// from those asked.
void QueryManager::AskNext(const JobPtr& job) {
  if (job->waits_for != nullptr) return;  // its turn comes
  const UpstreamPtr server = job->waiters.empty() ? nullptr : NextServer(*job);
  if (server != nullptr) {
    Send(job, server);
  } else if (job->under_way == 0) {
    Finish(job, job->failure.empty() ? NotQueried(kNoServer) : Failed(*job, job->failure));
  }
}

void QueryManager::Send(const JobPtr& job, const UpstreamPtr& server) {
  job->tried.push_back(server);
  StopServerTimeout(*job);
  if (server->pacer().HasRoom(job->whose)) {
    SendNow(job, server);
  } else {
    Queue(job, server);
  }
}

void QueryManager::SendNow(const JobPtr& job, const UpstreamPtr& server) {
  const MonoTime sent = clock_.Monotonic();
  ++job->under_way;
  if (!job->first_sent) job->first_sent = sent;
  job->server_timeout =
      timers_.emplace(sent + limits_.deadline / kServerTimeoutShare,
                      [this, job, server, sent] { OnServerTimeout(job, server, sent); });
  const Pacer::Ticket ticket = server->pacer().Enter(job->whose, sent);
  server->channel().Ask(job->question, [this, job, server, sent, ticket](const ServerReply& reply) {
    server->pacer().Leave(ticket);
    OnReply(job, server, sent, reply);
    server->pacer().SendWaiting();
  });
}

// Until its turn comes; or until another server could have answered it.
void QueryManager::Queue(const JobPtr& job, const UpstreamPtr& server) {
  job->waits_for = server;
  job->place = server->pacer().Wait(job->whose, [this, job, server] {
    job->waits_for = nullptr;
    StopServerTimeout(*job);
    SendNow(job, server);
  });
  job->server_timeout =
      timers_.emplace(clock_.Monotonic() + limits_.deadline / kServerTimeoutShare, [this, job] {
        job->server_timeout.reset();
        if (NextServer(*job) == nullptr) return;
        LeaveQueue(*job);
        AskNext(job);
      });
}

void QueryManager::LeaveQueue(Job& job) {
  if (job.waits_for == nullptr) return;
  std::exchange(job.waits_for, nullptr)->pacer().Withdraw(job.place);
}

void QueryManager::OnServerTimeout(const JobPtr& job, const UpstreamPtr& server, MonoTime sent) {
  job->server_timeout.reset();  // its timer is what runs now
  job->failure = "no answer";
  if (!server->HeardSince(sent)) {
    server->NoteFailure();
  } else {
    server->Suspect();
  }
  if (!job->over) AskNext(job);
}

void QueryManager::OnReply(const JobPtr& job, const UpstreamPtr& server, MonoTime sent,
                           const ServerReply& reply) {
  --job->under_way;
  auto answer = Read(job->question, server, sent, reply);
  if (job->over) return;
  if (!answer) {
    job->failure = std::move(answer.error().message);
    AskNext(job);
    return;
  }
  if (job->waiters.empty()) late_.Add();
  Finish(job, std::make_shared<const Answer>(std::move(*answer)));
}

// What a server's reply is worth: to the cache, and to who asked.
Result<Answer> QueryManager::Read(const Question& question, const UpstreamPtr& server,
                                  MonoTime sent, const ServerReply& reply) {
  switch (reply.kind) {
    case ServerReply::Kind::kMessage: {
      Answer answer = ParseAnswer(reply.message, question, clock_.Monotonic());
      const bool failed = answer.outcome == Outcome::kFailed;
      server->NoteReply(sent, failed);
      if (!failed) {
        cache_.Put(question, answer);
        return answer;
      }
      return Fail(ErrorCode::kUnavailable, std::move(answer.failure));
    }
    case ServerReply::Kind::kUnreachable:
      server->NoteFailure();
      break;
    case ServerReply::Kind::kSilence:  // counted when server_timeout ended
    case ServerReply::Kind::kOther:
      break;
  }
  return Fail(ErrorCode::kUnavailable, reply.failure);
}

// A probe has changed the server's state. Nobody goes on waiting for one that is not up while
// another one is: that is asked now. A late answer is still welcome.
void QueryManager::OnProbed(const UpstreamPtr& server) {
  if (server->up()) return;
  if (!AnyUp()) {
    log_.Error("dns: no server is left: lookups get " + FormatDuration(AresResolver::kShortWait) +
               " each until one is up again");
    return;
  }
  std::vector<JobPtr> waiting;
  for (const auto& [question, job] : jobs_) {
    if (!job->tried.empty() && job->tried.back() == server) waiting.push_back(job);
  }
  for (const JobPtr& job : waiting) {
    if (job->over) continue;
    LeaveQueue(*job);
    AskNext(job);
  }
}

void QueryManager::Finish(const JobPtr& job, const AnswerPtr& answer) {
  job->over = true;
  StopServerTimeout(*job);
  LeaveQueue(*job);
  if (jobs_.erase(job->question) > 0 && job->whose == Pacer::Whose::kStrangers) --strangers_;
  outstanding_.store(jobs_.size(), std::memory_order_relaxed);
  AnswerWaiters(*job, answer);
}

void QueryManager::AnswerWaiters(Job& job, const AnswerPtr& answer) {
  std::list<Waiter> waiters = std::exchange(job.waiters, {});
  for (Waiter& waiter : waiters) timers_.erase(waiter.deadline);
  for (Waiter& waiter : waiters) runner_.Tell(waiter.callback, answer, /*from_cache=*/false);
}

void QueryManager::StopServerTimeout(Job& job) {
  if (job.server_timeout) timers_.erase(*job.server_timeout);
  job.server_timeout.reset();
}

AnswerPtr QueryManager::Failed(const Job& job, const std::string& reason) const {
  return Nothing(reason, !AnyUp() || !WasHeard(job));
}
AnswerPtr QueryManager::NotQueried(const std::string& reason) const {
  return Nothing(reason, true);
}

AnswerPtr QueryManager::Nothing(const std::string& reason, bool not_queried) const {
  auto answer = std::make_shared<Answer>();
  answer->failure = reason;
  answer->not_queried = not_queried;
  answer->answered = clock_.Monotonic();
  return answer;
}

void QueryManager::NoteRefused() {
  refused_.Add();
  std::uint64_t skipped = 0;
  if (log_refused_.Allow(clock_.Monotonic(), &skipped)) {
    log_.Warning("dns: " + std::to_string(jobs_.size()) +
                 " questions are under way, further ones fail at once (dns.max_outstanding); " +
                 std::to_string(skipped) + " more since the last message");
  }
}

void QueryManager::Tick() {
  const MonoTime now = clock_.Monotonic();
  // A tick early rather than a tick late: the deadline is a promise.
  while (!timers_.empty() && timers_.begin()->first <= now + kTick) {
    const auto timer = timers_.extract(timers_.begin());
    timer.mapped()();
  }
  if (servers_.size() < wanted_.size() && now >= next_opening_) {
    SetServers(std::vector(wanted_), limits_);
  }
  for (const UpstreamPtr& server : std::vector(servers_)) {
    server->channel().Tick();
    server->probes().Tick();
    server->pacer().Expire(now);
    server->pacer().SendWaiting();
    Probe(server);
  }
  for (const UpstreamPtr& server : std::vector(draining_)) {
    server->channel().Tick();
    server->probes().Tick();
  }
  std::erase_if(draining_, [](const auto& one) { return one->under_way() == 0; });
}

void QueryManager::Probe(const UpstreamPtr& server) {
  const auto question = server->NextProbe(zones_);
  if (!question) return;
  server->probes().Ask(*question, [this, server, zones = zones_.size(),
                                   sent = clock_.Monotonic()](const ServerReply& reply) {
    if (server->NoteProbe(sent, reply, zones)) OnProbed(server);
  });
}

bool QueryManager::busy() const {
  return !timers_.empty() || !draining_.empty() ||
         std::any_of(servers_.begin(), servers_.end(),
                     [](const auto& server) { return server->busy(); });
}

bool QueryManager::AnyUp() const {
  return std::any_of(servers_.begin(), servers_.end(), [](const auto& one) { return one->up(); });
}

void QueryManager::End(const std::string& reason) {
  const AnswerPtr answer = NotQueried(reason);
  while (!jobs_.empty()) {
    const JobPtr job = jobs_.begin()->second;
    Finish(job, answer);
  }
  timers_.clear();
  for (const auto* group : {&servers_, &draining_}) {
    for (const UpstreamPtr& server : *group) server->CloseChannels();
  }
  servers_.clear();
  draining_.clear();
  wanted_.clear();
}

std::vector<ServerStatus> QueryManager::servers() const {
  std::vector<ServerStatus> statuses;
  for (const Upstream::Shown& shown : std::vector(*shown_.Lock())) {
    statuses.push_back(*shown->Lock());
  }
  return statuses;
}

}  // namespace mxward::dns
