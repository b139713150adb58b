// SPDX-License-Identifier: Apache-2.0
#include "store/writer.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "base/mutex.h"
#include "store/queue_shares.h"

namespace mxward::store {
namespace {

// Background operations alone wait this long for company: one flush for many of them.
constexpr Millis kGather{250};
constexpr Millis kSyncAfterIdle{1000};

class DoneTicket : public Ticket {
 public:
  explicit DoneTicket(Result<void> outcome) : outcome_(std::move(outcome)) {}
  Result<void> Wait(Millis /*limit*/) override { return outcome_; }
  std::optional<Result<void>> Peek() const override { return outcome_; }

 private:
  Result<void> outcome_;
};

}  // namespace

std::unique_ptr<Ticket> NewDoneTicket(Result<void> outcome) {
  return std::make_unique<DoneTicket>(std::move(outcome));
}

struct ThreadedWriter::Job {
  Operation operation;
  bool awaited = false;
  QueueHolder holder;  // of deferrals
  Mutex mutex;
  CondVar finished;
  std::optional<Result<void>> outcome MXWARD_GUARDED_BY(mutex);

  void Finish(const Result<void>& result) {
    {
      const MutexLock lock(mutex);
      outcome = result;
    }
    finished.NotifyAll();
  }
};

class ThreadedWriter::JobTicket : public Ticket {
 public:
  JobTicket(ThreadedWriter& writer, std::shared_ptr<Job> job)
      : writer_(writer), job_(std::move(job)) {}

  Result<void> Wait(Millis limit) override {
    if (writer_.Busy() >= limit) limit = Millis(0);
    Job& job = *job_;
    const MutexLock lock(job.mutex);
    const bool finished = job.finished.WaitFor(
        job.mutex, limit, [&job]() MXWARD_REQUIRES(job.mutex) { return job.outcome.has_value(); });
    if (finished) return *job.outcome;
    writer_.waits_given_up_.Add();
    return Fail(writer_.NotInTime());
  }
  std::optional<Result<void>> Peek() const override {
    const MutexLock lock(job_->mutex);
    return job_->outcome;
  }

 private:
  ThreadedWriter& writer_;
  std::shared_ptr<Job> job_;
};

ThreadedWriter::ThreadedWriter(Environment& environment, Log& log, const Clock& clock)
    : environment_(environment), log_(log), clock_(clock) {
  thread_.Start([this] { Run(); });
}

ThreadedWriter::~ThreadedWriter() { AskToStop(); }

std::unique_ptr<Ticket> ThreadedWriter::Submit(Operation operation, Priority priority) {
  auto job = std::make_shared<Job>();
  job->operation = std::move(operation);
  job->awaited = priority == Priority::kHigh;
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    auto& queue = priority == Priority::kHigh ? high_ : low_;
    if (stop_ || queue.size() >= kMaxQueued) {
      return NewDoneTicket(Fail(ErrorCode::kFull, "the database's write queue is full"));
    }
    const bool first = high_.empty() && deferrals_.empty();
    queue.push_back(job);
    // A background operation wakes the thread only from its long sleep, never from gathering.
    wake = std::exchange(sleeping_, false) || (job->awaited && first);
  }
  if (wake) wake_.NotifyOne();
  return std::make_unique<JobTicket>(*this, std::move(job));
}

std::unique_ptr<Ticket> ThreadedWriter::SubmitFor(const IpAddress& client, Operation operation) {
  auto job = std::make_shared<Job>();
  job->operation = std::move(operation);
  job->awaited = true;
  job->holder = QueueHolder::Of(client);
  bool wake = false;
  std::vector<std::shared_ptr<Job>> surplus;
  {
    const MutexLock lock(mutex_);
    if (stop_) return NewDoneTicket(Fail(ErrorCode::kFull, "the database is being closed"));
    const bool first = high_.empty() && deferrals_.empty();
    deferrals_.push_back(job);
    wake = std::exchange(sleeping_, false) || first;
    if (deferrals_.size() > kMaxDeferrals) surplus = TakeSurplus();
  }
  if (wake) wake_.NotifyOne();
  for (const auto& dropped : surplus) {
    dropped->Finish(Fail(ErrorCode::kUnavailable, "the database's write queue is full"));
  }
  return std::make_unique<JobTicket>(*this, std::move(job));
}

std::vector<std::shared_ptr<ThreadedWriter::Job>> ThreadedWriter::TakeSurplus() {
  std::vector<QueueHolder> holders;
  holders.reserve(deferrals_.size());
  for (const auto& job : deferrals_) holders.push_back(job->holder);
  std::vector<std::shared_ptr<Job>> surplus;
  for (const std::size_t place : PlacesToGiveUp(holders, kGivenUp)) {
    surplus.push_back(std::move(deferrals_[place]));
  }
  std::erase(deferrals_, nullptr);
  deferrals_dropped_.Add(surplus.size());
  return surplus;
}

Millis ThreadedWriter::Busy() const {
  const MonoTime began = commit_began_.load(std::memory_order_relaxed);
  if (began == MonoTime::min()) return Millis(0);
  return std::chrono::floor<Millis>(clock_.Monotonic() - began);
}

Error ThreadedWriter::NotInTime() const {
  if (Busy() >= kStuck) {
    return {ErrorCode::kIo, "the database has not ended a commit for " +
                                std::to_string(std::chrono::floor<Seconds>(kStuck).count()) + " s"};
  }
  if (failing_.load(std::memory_order_relaxed)) {
    return {ErrorCode::kIo, "the last commit failed, and the one under way does not end"};
  }
  return {ErrorCode::kTimeout, "the database did not commit in time"};
}

Result<void> ThreadedWriter::Flush() {
  // What is submitted meanwhile waits for it as for a commit.
  commit_began_.store(clock_.Monotonic(), std::memory_order_relaxed);
  auto flushed = environment_.Sync();
  commit_began_.store(MonoTime::min(), std::memory_order_relaxed);
  return flushed;
}

void ThreadedWriter::Run() {
  std::vector<std::shared_ptr<Job>> batch;
  bool unsynced = false;
  MutexLock lock(mutex_);
  for (;;) {
    if (high_.empty() && deferrals_.empty() && low_.empty()) {
      if (stop_) break;
      sleeping_ = true;
      if (unsynced) {
        const bool woken = wake_.WaitFor(mutex_, kSyncAfterIdle, [this]() MXWARD_REQUIRES(mutex_) {
          return !sleeping_ || stop_;
        });
        sleeping_ = false;
        if (!woken) {
          lock.Unlock();
          unsynced = !Flush().has_value();
          lock.Lock();
        }
      } else {
        wake_.Wait(mutex_, [this]() MXWARD_REQUIRES(mutex_) { return !sleeping_ || stop_; });
        sleeping_ = false;
      }
      continue;
    }
    if (high_.empty() && deferrals_.empty() && low_.size() < kLowWhenIdle) {
      wake_.WaitFor(mutex_, kGather, [this]() MXWARD_REQUIRES(mutex_) {
        return !high_.empty() || !deferrals_.empty() || stop_;
      });
    }
    TakeBatch(batch);
    lock.Unlock();
    commit_began_.store(clock_.Monotonic(), std::memory_order_relaxed);
    Commit(batch);
    environment_.SaveCopyIfDue(clock_.Monotonic());
    commit_began_.store(MonoTime::min(), std::memory_order_relaxed);
    unsynced = true;
    lock.Lock();
    low_.insert(low_.begin(), std::make_move_iterator(batch.begin()),
                std::make_move_iterator(batch.end()));
    batch.clear();
  }
  lock.Unlock();
  if (!environment_.Sync()) log_.Warning("the database could not be flushed at the end");
}

void ThreadedWriter::TakeBatch(std::vector<std::shared_ptr<Job>>& batch) {
  const auto take = [&batch](Queue& queue, std::size_t until) {
    while (!queue.empty() && batch.size() < until) {
      batch.push_back(std::move(queue.front()));
      queue.pop_front();
    }
  };
  const bool idle = high_.empty() && deferrals_.empty();
  take(high_, deferrals_.empty() ? kHighPerCommit : kOthersPerCommit);
  take(deferrals_, kHighPerCommit);
  take(low_, batch.size() + (idle ? kLowWhenIdle : kLowPerCommit));
}

Result<void> ThreadedWriter::TryCommit(const std::vector<std::shared_ptr<Job>>& batch,
                                       bool makes_room, std::size_t* tried) {
  *tried = 0;
  try {
    return environment_.Write(
        [&batch, tried](WriteTransaction& transaction) -> Result<void> {
          *tried = 0;
          std::size_t prompt_changes = 0;
          for (const auto& job : batch) {
            if (!job->awaited && transaction.changes() - prompt_changes >= kBackgroundChanges) {
              break;
            }
            ++*tried;
            MXWARD_TRY(job->operation(transaction));
            if (job->awaited) prompt_changes = transaction.changes();
          }
          return {};
        },
        makes_room);
  } catch (const std::exception& error) {
    // Out of memory: as good as a full disk. The transaction has aborted itself.
    return Fail(ErrorCode::kInternal, std::string("writing the database: ") + error.what());
  }
}

void ThreadedWriter::Commit(std::vector<std::shared_ptr<Job>>& batch) {
  const bool prompt =
      std::any_of(batch.begin(), batch.end(), [](const auto& job) { return job->awaited; });
  std::size_t tried = 0;
  auto committed = TryCommit(batch, /*makes_room=*/!prompt, &tried);
  auto background_committed = committed;
  std::size_t ended = committed ? tried : batch.size();
  if (!committed && committed.error().code == ErrorCode::kFull && prompt) {
    // What was riding along may be the expiry that ends this.
    std::vector<std::shared_ptr<Job>> background;
    std::copy_if(batch.begin(), batch.end(), std::back_inserter(background),
                 [](const auto& job) { return !job->awaited; });
    if (!background.empty()) {
      background_committed = TryCommit(background, /*makes_room=*/true, &tried);
    }
    if (background_committed) {
      ended -= background.size() - tried;
      commits_.Add();
      operations_.Add(tried);
    }
  }
  failing_.store(!committed, std::memory_order_relaxed);
  if (committed) {
    commits_.Add();
    operations_.Add(ended);
  } else {
    failed_commits_.Add();
    std::uint64_t skipped = 0;
    if (log_failure_.Allow(clock_.Monotonic(), &skipped)) {
      log_.Error(
          committed.error().message +
          (prompt ? "; nothing new is greylisted until it works again" : "") +
          (skipped > 0 ? " (" + std::to_string(skipped) + " more since the last message)" : ""));
    }
  }
  const auto rest = batch.begin() + static_cast<std::ptrdiff_t>(ended);
  std::for_each(batch.begin(), rest, [&](const auto& job) {
    job->Finish(job->awaited ? committed : background_committed);
  });
  batch.erase(batch.begin(), rest);
}

void ThreadedWriter::AskToStop() {
  const MutexLock lock(mutex_);
  stop_ = true;
  wake_.NotifyAll();
}

bool ThreadedWriter::Stop(Millis limit) {
  AskToStop();
  return thread_.Join(limit);
}

ThreadedWriter::Stats ThreadedWriter::stats() const {
  const MutexLock lock(mutex_);
  return {commits_.value(),
          operations_.value(),
          failed_commits_.value(),
          waits_given_up_.value(),
          high_.size() + deferrals_.size() + low_.size(),
          deferrals_dropped_.value(),
          failing_.load(std::memory_order_relaxed),
          Busy()};
}

std::unique_ptr<Ticket> InlineWriter::Submit(Operation operation, Priority priority) {
  return NewDoneTicket(environment_.Write(operation, priority == Priority::kLow));
}

}  // namespace mxward::store
