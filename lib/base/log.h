// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/thread.h"

namespace mxward {

enum class LogLevel : std::uint8_t { kInfo, kWarning, kError };

// Where a log line goes. Used by one thread at a time.
class LogSink {
 public:
  struct Line {
    LogLevel level;
    std::string_view text;  // one line, no newline; valid until Write() returns
  };
  virtual ~LogSink() = default;
  virtual void Write(const std::vector<Line>& lines) = 0;
};

std::unique_ptr<LogSink> NewStderrSink();
std::unique_ptr<LogSink> NewSyslogSink();  // facility mail, tag mxward[pid]
std::unique_ptr<LogSink>
NewJournalSink();  // systemd's native protocol; syslog where that is absent

// What the program says. Thread-safe; never waits for a slow sink.
class Log {
 public:
  virtual ~Log() = default;
  // A finished line, in the configured format.
  virtual void Write(LogLevel level, std::string_view line) = 0;

  // A sentence for the administrator; becomes an object with "level" and "message" in JSON format.
  void Info(std::string_view message) { Say(LogLevel::kInfo, message); }
  void Warning(std::string_view message) { Say(LogLevel::kWarning, message); }
  void Error(std::string_view message) { Say(LogLevel::kError, message); }

  void set_json(bool json) { json_.store(json, std::memory_order_relaxed); }
  bool json() const { return json_.load(std::memory_order_relaxed); }

 private:
  void Say(LogLevel level, std::string_view message);
  std::atomic<bool> json_{false};
};

// A log with a thread of its own that reads a bounded ring: when the sink cannot follow, the newest
// lines are dropped and counted, and the count is logged as soon as there is room.
class AsyncLog : public Log {
 public:
  explicit AsyncLog(std::unique_ptr<LogSink> sink);
  ~AsyncLog() override;  // Stop(), without limit
  void Write(LogLevel level, std::string_view line) override;
  // Writes what is queued and ends the thread; at most `limit`. False: the sink hangs, and the
  // thread goes on. Idempotent; later lines are dropped.
  bool Stop(Millis limit);
  // From now on lines go to this sink.
  void SetSink(std::unique_ptr<LogSink> sink);
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

  static constexpr std::size_t kMaxLines = 4096;

 private:
  // Lines one after the other. Strings of their own would be freed by another thread than the one
  // that made them, and malloc has such threads wait for each other.
  struct Lines {
    struct Piece {
      LogLevel level;
      std::size_t length;
    };
    std::string text;
    std::vector<Piece> pieces;

    void Add(LogLevel level, std::string_view line);
    std::vector<LogSink::Line> View() const;
    // Keeps the memory for the next ones, unless it is much.
    void Clear();
  };

  void AskToStop();
  void Run();

  std::atomic<std::uint64_t> dropped_{0};
  Mutex mutex_;
  CondVar wake_;
  Lines queue_ MXWARD_GUARDED_BY(mutex_);
  std::unique_ptr<LogSink> next_sink_ MXWARD_GUARDED_BY(mutex_);
  std::uint64_t unreported_ MXWARD_GUARDED_BY(mutex_) = 0;
  bool sleeping_ MXWARD_GUARDED_BY(mutex_) = false;
  bool stop_ MXWARD_GUARDED_BY(mutex_) = false;
  // Only touched by thread_.
  std::unique_ptr<LogSink> sink_;
  Thread thread_;
};

// Lets a repeated message through once a minute and counts the rest. Thread-safe.
class OncePerMinute {
 public:
  // True when the message is to be logged now; *skipped is how many were held back since the last
  // one.
  bool Allow(MonoTime now, std::uint64_t* skipped);

 private:
  Mutex mutex_;
  bool ever_ MXWARD_GUARDED_BY(mutex_) = false;
  MonoTime last_ MXWARD_GUARDED_BY(mutex_){};
  std::uint64_t skipped_ MXWARD_GUARDED_BY(mutex_) = 0;
};

}  // namespace mxward
