// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <utility>

#include "base/text.h"

namespace mxward {
namespace {

// How long lines gather before they are written: one wake-up of the thread then serves hundreds of
// decisions, instead of costing each of them a context switch.
constexpr Millis kGather{30};

// What a batch of lines may keep allocated.
constexpr std::size_t kKeepBytes = std::size_t{256} * 1024;

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

}  // namespace

void Log::Say(LogLevel level, std::string_view message) {
  std::string line;
  if (json()) {
    line.append("{\"level\":\"").append(LevelName(level)).append("\",\"message\":\"");
    AppendJsonEscaped(line, message);
    line += "\"}";
  } else {
    if (level != LogLevel::kInfo) line.append(LevelName(level)).append(": ");
    line += message;
  }
  Write(level, line);
}

void AsyncLog::Lines::Add(LogLevel level, std::string_view line) {
  pieces.push_back({level, line.size()});
  text += line;
}

std::vector<LogSink::Line> AsyncLog::Lines::View() const {
  std::vector<LogSink::Line> lines;
  lines.reserve(pieces.size());
  std::string_view rest = text;
  for (const Piece& piece : pieces) {
    lines.push_back({piece.level, rest.substr(0, piece.length)});
    rest.remove_prefix(piece.length);
  }
  return lines;
}

void AsyncLog::Lines::Clear() {
  if (text.capacity() > kKeepBytes) text = {};
  text.clear();
  pieces.clear();
}

AsyncLog::AsyncLog(std::unique_ptr<LogSink> sink)
    : sink_(std::move(sink)), thread_([this] { Run(); }) {}

AsyncLog::~AsyncLog() { Stop(Millis(1000)); }

void AsyncLog::Write(LogLevel level, std::string_view line) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stop_ || queue_.pieces.size() >= kMaxLines) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      ++unreported_;
      return;
    }
    queue_.Add(level, line);
    wake = std::exchange(sleeping_, false);
  }
  if (wake) wake_.notify_one();
}

void AsyncLog::SetSink(std::unique_ptr<LogSink> sink) {
  const std::lock_guard lock(mutex_);
  next_sink_ = std::move(sink);
}

void AsyncLog::Stop(Millis limit) {
  {
    std::unique_lock lock(mutex_);
    stop_ = true;
    wake_.notify_one();
    ended_.wait_for(lock, limit, [this] { return done_; });
    if (!done_) {
      if (thread_.joinable()) thread_.detach();
      return;
    }
  }
  if (thread_.joinable()) thread_.join();
}

void AsyncLog::Run() {
  Lines batch;
  std::unique_lock lock(mutex_);
  for (;;) {
    while (queue_.pieces.empty() && !stop_) {
      sleeping_ = true;
      wake_.wait(lock);
    }
    if (!stop_) wake_.wait_for(lock, kGather, [this] { return stop_; });
    const bool last = stop_;
    std::swap(batch, queue_);
    if (unreported_ > 0) {
      batch.Add(LogLevel::kWarning, std::to_string(unreported_) + " log lines were dropped");
      unreported_ = 0;
    }
    std::unique_ptr<LogSink> replaced = std::move(next_sink_);
    lock.unlock();
    if (replaced) sink_ = std::move(replaced);
    sink_->Write(batch.View());
    batch.Clear();
    lock.lock();
    if (last) break;
  }
  done_ = true;
  ended_.notify_all();
}

bool OncePerMinute::Allow(MonoTime now, std::uint64_t* skipped) {
  const std::lock_guard lock(mutex_);
  if (ever_ && now - last_ < std::chrono::minutes(1)) {
    ++skipped_;
    return false;
  }
  ever_ = true;
  last_ = now;
  *skipped = std::exchange(skipped_, 0);
  return true;
}

}  // namespace mxward
