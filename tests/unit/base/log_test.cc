// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "catch.h"
#include "fake/memory_log.h"

namespace mxward {
namespace {

// What a sink of the test has been given; outlives the sink.
struct Written {
  std::mutex mutex;
  std::vector<std::string> lines;

  std::vector<std::string> Copy() {
    const std::lock_guard lock(mutex);
    return lines;
  }
};

// Writes into `written`; waits for `gate` first, if there is one.
class TestSink : public LogSink {
 public:
  TestSink(Written& written, std::shared_future<void> gate)
      : written_(written), gate_(std::move(gate)) {}
  void Write(const std::vector<Line>& lines) override {
    if (gate_.valid()) gate_.wait();
    const std::lock_guard lock(written_.mutex);
    for (const Line& line : lines) written_.lines.emplace_back(line.text);
  }

 private:
  Written& written_;
  std::shared_future<void> gate_;
};

TEST_CASE("what was logged before the end is written, in its order", "[base]") {
  Written written;
  AsyncLog log(std::make_unique<TestSink>(written, std::shared_future<void>()));
  for (int i = 0; i < 1000; ++i) log.Info(std::to_string(i));
  log.Stop(Millis(10000));
  const auto lines = written.Copy();
  REQUIRE(lines.size() == 1000);
  for (std::size_t i = 0; i < lines.size(); ++i) CHECK(lines[i] == std::to_string(i));
}

TEST_CASE("a stalled sink holds up nobody, and what it cost is counted and told", "[base]") {
  Written written;
  std::promise<void> open;
  AsyncLog log(std::make_unique<TestSink>(written, open.get_future().share()));
  const std::size_t total = 3 * AsyncLog::kMaxLines;
  for (std::size_t i = 0; i < total; ++i) log.Info("line");
  const std::uint64_t dropped = log.dropped();
  // One batch may be in the sink's hands while another fills the ring.
  CHECK(dropped >= total - 2 * AsyncLog::kMaxLines);
  open.set_value();
  log.Stop(Millis(10000));
  const auto lines = written.Copy();
  std::uint64_t told = 0;
  std::size_t kept = 0;
  for (const std::string& line : lines) {
    if (line == "line") {
      ++kept;
    } else {
      told += std::stoull(line);  // "N log lines were dropped"
    }
  }
  CHECK(kept == total - dropped);
  CHECK(told == dropped);
}

TEST_CASE("a new sink takes over", "[base]") {
  Written first;
  Written second;
  AsyncLog log(std::make_unique<TestSink>(first, std::shared_future<void>()));
  log.SetSink(std::make_unique<TestSink>(second, std::shared_future<void>()));
  log.Info("hello");
  log.Stop(Millis(10000));
  CHECK(first.Copy().empty());
  CHECK(second.Copy() == std::vector<std::string>{"hello"});
}

TEST_CASE("a sentence becomes an object in JSON format, whatever it quotes", "[base]") {
  MemoryLog log;
  log.Warning("plain");
  log.set_json(true);
  log.Error("a \"quoted\"\nline");
  const auto lines = log.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].text == "warning: plain");
  CHECK(lines[1].text == R"({"level":"error","message":"a \"quoted\"\nline"})");
}

TEST_CASE("a repeated message goes through once a minute and says how many were held back",
          "[base]") {
  OncePerMinute once;
  std::uint64_t skipped = 0;
  const MonoTime start{std::chrono::hours(5)};
  CHECK(once.Allow(start, &skipped));
  CHECK(skipped == 0);
  CHECK_FALSE(once.Allow(start + std::chrono::seconds(1), &skipped));
  CHECK_FALSE(once.Allow(start + std::chrono::seconds(59), &skipped));
  CHECK(once.Allow(start + std::chrono::seconds(60), &skipped));
  CHECK(skipped == 2);
}

}  // namespace
}  // namespace mxward
