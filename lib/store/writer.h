// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/counter.h"
#include "base/ip_address.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/thread.h"
#include "store/environment.h"

namespace mxward::store {

// A change of the database. Runs on the writer's thread inside a transaction shared with others;
// may run again from the start, so it must depend on nothing but the transaction. An error aborts
// the whole commit: return one only for what LMDB itself reported, never for what a record says.
using Operation = std::function<Result<void>(WriteTransaction&)>;

// The way to one submitted operation's commit. Copies share it; may be dropped at any time.
class Ticket {
 public:
  virtual ~Ticket() = default;
  // Until the operation is committed, or has failed, or `limit` is over. Two errors say only that
  // the store is busy (IsLoad): kTimeout, not yet committed while others are being; kUnavailable,
  // given up for those who hold less of the queue. All others are failures of the store.
  virtual Result<void> Wait(Millis limit) = 0;
  // The outcome, once there is one; of background operations, too. Never waits.
  virtual std::optional<Result<void>> Peek() const = 0;
};

// Load is not failure: the operation has not been committed because there are many, or because the
// disk is slow.
inline bool IsLoad(const Error& error) {
  return error.code == ErrorCode::kTimeout || error.code == ErrorCode::kUnavailable;
}

enum class Priority : std::uint8_t {
  kHigh,  // in the next commit: a reply waits for it, or the client's next try should find it
  kLow,   // rides along, within a quarter of a second; its ticket is not to be waited for
};

// The one who writes. Thread-safe.
class Writer {
 public:
  virtual ~Writer() = default;
  // Never blocks. With a full queue the ticket fails at once with kFull.
  virtual std::unique_ptr<Ticket> Submit(Operation operation, Priority priority) = 0;
  // A prompt operation that a client has caused and that can be done without: a deferral's record.
  // Never fails because the queue is full: it, or another one of those who hold most of the queue
  // (PlacesToGiveUp), is given up then.
  virtual std::unique_ptr<Ticket> SubmitFor(const IpAddress& /*client*/, Operation operation) {
    return Submit(std::move(operation), Priority::kHigh);
  }
};

// A thread with natural group commit: what was queued while the last commit ran goes into the next
// one.
//
// Waiting: who waits does so for the limit at most, and not at all while the commit under way has
// taken that long already. A wait in vain is load (kTimeout), unless the last commit failed or the
// one under way has taken kStuck: that is a failure (kIo).
class ThreadedWriter : public Writer {
 public:
  // All outlive it.
  ThreadedWriter(Environment& environment, Log& log, const Clock& clock);
  ~ThreadedWriter() override;  // Stop(), without limit
  std::unique_ptr<Ticket> Submit(Operation operation, Priority priority) override;
  std::unique_ptr<Ticket> SubmitFor(const IpAddress& client, Operation operation) override;
  // Commits what is queued, flushes, and ends the thread; at most `limit`. False: the thread goes
  // on. Idempotent.
  bool Stop(Millis limit);

  struct Stats {
    std::uint64_t commits;
    std::uint64_t operations;
    std::uint64_t failed_commits;
    std::uint64_t waits_given_up;
    std::uint64_t queued;
    std::uint64_t deferrals_dropped = 0;  // given up because the queue was full
    bool failing = false;                 // the last commit failed
    Millis busy{};  // how long the commit, or flush, under way has taken by now; 0 when none is
  };
  Stats stats() const;

  static constexpr std::size_t kHighPerCommit = 128;
  // Of them, that deferrals leave to the others, which go first, and the others to deferrals.
  static constexpr std::size_t kOthersPerCommit = 96;
  static constexpr std::size_t kLowPerCommit = 32;
  static constexpr std::size_t kLowWhenIdle = 200;
  // Once a commit's background operations have changed so many records, the rest is for the next
  // one: what they dirty is memory, which LMDB keeps, and others wait for.
  static constexpr std::size_t kBackgroundChanges = 128;
  static constexpr std::size_t kMaxQueued = 16384;  // of each priority, without deferrals
  // Deferrals: some seconds' work for a slow disk, and some megabytes. Beyond that kGivenUp of them
  // are given up at a time.
  static constexpr std::size_t kMaxDeferrals = 4096;
  static constexpr std::size_t kGivenUp = kMaxDeferrals / 8;
  static constexpr Millis kStuck{30000};

 private:
  struct Job;
  class JobTicket;
  using Queue = std::deque<std::shared_ptr<Job>>;

  void AskToStop();
  void Run();
  Result<void> Flush();
  Millis Busy() const;
  // What a wait that ended without an outcome means.
  Error NotInTime() const;
  std::vector<std::shared_ptr<Job>> TakeSurplus() MXWARD_REQUIRES(mutex_);
  void TakeBatch(std::vector<std::shared_ptr<Job>>& batch) MXWARD_REQUIRES(mutex_);
  // *tried: how many of the batch's jobs were run, from its first.
  Result<void> TryCommit(const std::vector<std::shared_ptr<Job>>& batch, bool makes_room,
                         std::size_t* tried);
  // Leaves in the batch what is for the next commit.
  void Commit(std::vector<std::shared_ptr<Job>>& batch);

  Environment& environment_;
  Log& log_;
  const Clock& clock_;
  OncePerMinute log_failure_;
  Counter commits_, operations_, failed_commits_, waits_given_up_, deferrals_dropped_;
  std::atomic<bool> failing_{false};
  std::atomic<MonoTime> commit_began_{MonoTime::min()};  // min(): none is under way
  mutable Mutex mutex_;
  CondVar wake_;
  Queue high_ MXWARD_GUARDED_BY(mutex_);  // without deferrals
  Queue deferrals_ MXWARD_GUARDED_BY(mutex_);
  Queue low_ MXWARD_GUARDED_BY(mutex_);
  bool sleeping_ MXWARD_GUARDED_BY(mutex_) = false;
  bool stop_ MXWARD_GUARDED_BY(mutex_) = false;
  Thread thread_;
};

// Commits inside Submit: for the scenario runner and tools. One thread at a time.
class InlineWriter : public Writer {
 public:
  explicit InlineWriter(Environment& environment) : environment_(environment) {}
  std::unique_ptr<Ticket> Submit(Operation operation, Priority priority) override;

 private:
  Environment& environment_;
};

// A ticket whose outcome is known.
std::unique_ptr<Ticket> NewDoneTicket(Result<void> outcome);

}  // namespace mxward::store
