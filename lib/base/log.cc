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

AsyncLog::AsyncLog(std::unique_ptr<LogSink> sink) : sink_(std::move(sink)) {
  thread_.Start([this] { Run(); });
}

AsyncLog::~AsyncLog() { AskToStop(); }

void AsyncLog::Write(LogLevel level, std::string_view line) {
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    if (stop_ || queue_.pieces.size() >= kMaxLines) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      ++unreported_;
      return;
    }
    queue_.Add(level, line);
    wake = std::exchange(sleeping_, false);
  }
  if (wake) wake_.NotifyOne();
}

void AsyncLog::SetSink(std::unique_ptr<LogSink> sink) {
  const MutexLock lock(mutex_);
  next_sink_ = std::move(sink);
}

void AsyncLog::AskToStop() {
  const MutexLock lock(mutex_);
  stop_ = true;
  wake_.NotifyOne();
}

bool AsyncLog::Stop(Millis limit) {
  AskToStop();
  return thread_.Join(limit);
}

void AsyncLog::Run() {
  Lines batch;
  MutexLock lock(mutex_);
  for (bool last = false; !last;) {
    while (queue_.pieces.empty() && !stop_) {
      sleeping_ = true;
      wake_.Wait(mutex_);
    }
    if (!stop_) {
      wake_.WaitFor(mutex_, kGather, [this]() MXWARD_REQUIRES(mutex_) { return stop_; });
    }
    last = stop_;
    std::swap(batch, queue_);
    if (unreported_ > 0) {
      batch.Add(LogLevel::kWarning, std::to_string(unreported_) + " log lines were dropped");
      unreported_ = 0;
    }
    std::unique_ptr<LogSink> replaced = std::move(next_sink_);
    lock.Unlock();
    if (replaced) sink_ = std::move(replaced);
    sink_->Write(batch.View());
    batch.Clear();
    lock.Lock();
  }
}

bool OncePerMinute::Allow(MonoTime now, std::uint64_t* skipped) {
  const MutexLock lock(mutex_);
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
