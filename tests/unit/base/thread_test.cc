// SPDX-License-Identifier: Apache-2.0
#include "base/thread.h"

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "catch.h"

namespace mxward {
namespace {

constexpr Millis kPatience{20000};

TEST_CASE("a thread that ends in time is joined, as often as one asks", "[base]") {
  std::atomic<bool> ran = false;
  Thread thread;
  CHECK(thread.Join(Millis(0)));
  thread.Start([&] { ran = true; });
  CHECK(thread.Join(kPatience));
  CHECK(ran);
  CHECK_FALSE(thread.joinable());
  CHECK(thread.Join(Millis(0)));
}

TEST_CASE("a thread that does not end in time goes on, and its destructor waits for it", "[base]") {
  std::promise<void> open;
  std::atomic<bool> ended = false;
  std::thread opener;
  {
    Thread thread;
    thread.Start([&, gate = open.get_future().share()] {
      gate.wait();
      ended = true;
    });
    CHECK_FALSE(thread.Join(Millis(1)));
    CHECK(thread.joinable());
    CHECK_FALSE(ended);
    opener = std::thread([&] { open.set_value(); });
  }
  CHECK(ended);
  opener.join();
}

TEST_CASE("a log with a sink that hangs says so, and waits for it before it goes", "[base]") {
  class HangingSink : public LogSink {
   public:
    HangingSink(std::shared_future<void> gate, std::atomic<int>& written)
        : gate_(std::move(gate)), written_(written) {}
    void Write(const std::vector<Line>& lines) override {
      gate_.wait();
      // The thread may begin so late that it finds the line that was dropped to say something
      // about.
      for (const Line& line : lines) written_ += line.text == "a line" ? 1 : 0;
    }

   private:
    std::shared_future<void> gate_;
    std::atomic<int>& written_;
  };
  std::promise<void> open;
  std::atomic<int> written = 0;
  std::thread opener;
  {
    AsyncLog log(std::make_unique<HangingSink>(open.get_future().share(), written));
    log.Info("a line");
    CHECK_FALSE(log.Stop(Millis(1)));
    log.Info("a line that is too late");
    CHECK(log.dropped() == 1);
    opener = std::thread([&] { open.set_value(); });
  }
  CHECK(written == 1);
  opener.join();
}

TEST_CASE("a condition is waited for with the mutex held", "[base]") {
  Mutex mutex;
  CondVar changed;
  int value = 0;
  std::thread other([&] {
    for (int i = 0; i < 3; ++i) {
      const MutexLock lock(mutex);
      ++value;
      changed.NotifyAll();
    }
  });
  {
    const MutexLock lock(mutex);
    CHECK(changed.WaitFor(mutex, kPatience, [&] { return value == 3; }));
    CHECK_FALSE(changed.WaitFor(mutex, Millis(1), [&] { return value == 4; }));
    CHECK_FALSE(mutex.TryLock());
  }
  other.join();
  REQUIRE(mutex.TryLock());
  MutexLock lock(mutex, std::adopt_lock);
  lock.Unlock();
  CHECK(mutex.TryLock());
  mutex.Unlock();
  lock.Lock();
}

}  // namespace
}  // namespace mxward
