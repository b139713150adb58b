// SPDX-License-Identifier: Apache-2.0
// What counting one more costs, with a million keys and two threads: README.md beside this file.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "limits/counter_table.h"
#include "limits/limits.h"
#include "limits/subject_key.h"

namespace mxward::limits {
namespace {

constexpr std::size_t kKeys = 1000000;
constexpr std::uint64_t kMemory = 128 << 20;

LimitConfig SomeLimit(Seconds period) {
  LimitConfig limit;
  limit.name = "connections";
  limit.amount = limit.burst = 300;
  limit.period = period;
  return limit;
}

std::vector<IpAddress> Clients(IpAddress::Family family) {
  std::mt19937_64 random(1);
  std::vector<IpAddress> clients;
  for (std::size_t i = 0; i < kKeys; ++i) {
    std::array<std::uint8_t, 16> bytes{0x20};
    for (std::size_t n = 1; n < bytes.size(); ++n) bytes[n] = static_cast<std::uint8_t>(random());
    clients.push_back(family == IpAddress::Family::kV6
                          ? IpAddress::V6(bytes)
                          : IpAddress::V4(static_cast<std::uint32_t>(random())));
  }
  return clients;
}

// All clients are random, so going through them in order is as bad for the table as it gets, and
// good for what is not to be measured.
class TakeBenchmark : public benchmark::Fixture {
 public:
  void SetUp(const benchmark::State& state) override {
    if (state.thread_index() != 0) return;
    clients_ = Clients(static_cast<IpAddress::Family>(state.range(0)));
    limit_ = SomeLimit(Seconds(state.range(1)));
    limits_ = std::make_unique<Limits>(clock_, NewHashKey(), kMemory);
    rate_ = RateOf(limit_);
    table_ = std::make_unique<CounterTable>(kMemory);
    const HashKey key = NewHashKey();
    keys_.clear();
    for (std::size_t i = 0; i < kKeys; ++i) {
      Subject subject;
      subject.client = clients_[i];
      keys_.push_back(SubjectKey(limit_, subject).CounterOf(key, limit_, Holder(clients_[i])));
      TakeFromTable(i);
      Take(clients_[i]);
    }
  }
  void TearDown(const benchmark::State& state) override {
    if (state.thread_index() != 0) return;
    limits_.reset();
    table_.reset();
  }

 protected:
  Level TakeFromTable(std::size_t client) {
    return table_->Take(keys_[client], rate_, clock_.Monotonic());
  }
  State Take(const IpAddress& client) {
    Subject subject;
    subject.client = client;
    return limits_->Take(limit_, subject);
  }

  RealClock clock_;
  std::vector<IpAddress> clients_;
  LimitConfig limit_;
  std::unique_ptr<Limits> limits_;
  Rate rate_{1, Seconds(1), 1};
  std::vector<CounterKey> keys_;
  std::unique_ptr<CounterTable> table_;
};

// The counter alone: its key is known, and the time is asked for.
BENCHMARK_DEFINE_F(TakeBenchmark, Counter)(benchmark::State& state) {
  std::size_t next = kKeys / 2 * static_cast<std::size_t>(state.thread_index());
  for (auto step : state) {
    benchmark::DoNotOptimize(TakeFromTable(next));
    next = (next + 1) % kKeys;
  }
}

// All of Limits::Take(): whom it counts for as a hash and as a text, and what the limit said.
BENCHMARK_DEFINE_F(TakeBenchmark, Take)(benchmark::State& state) {
  std::size_t next = kKeys / 2 * static_cast<std::size_t>(state.thread_index());
  for (auto step : state) {
    benchmark::DoNotOptimize(Take(clients_[next]));
    next = (next + 1) % kKeys;
  }
}

// The yardstick: one read from as much memory as a million counters take, at a place that the read
// before it tells. A counter cannot be had for less.
struct alignas(sizeof(Counter)) Place {
  std::uint32_t next = 0;
};

std::vector<Place> Chain() {
  std::vector<std::uint32_t> order(kKeys);
  std::iota(order.begin(), order.end(), 0U);
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  std::vector<Place> places(kKeys);
  for (std::size_t i = 0; i < kKeys; ++i) places[order[i]].next = order[(i + 1) % kKeys];
  return places;
}

void RandomRead(benchmark::State& state) {
  static const std::vector<Place> places = Chain();
  auto place =
      static_cast<std::uint32_t>(kKeys / 2 * static_cast<std::size_t>(state.thread_index()));
  for (auto step : state) {
    place = places[place].next;
    benchmark::DoNotOptimize(place);
  }
}
BENCHMARK(RandomRead)->Threads(2);

// In use when they are counted again, a day; and in the past, a minute.
BENCHMARK_REGISTER_F(TakeBenchmark, Counter)
    ->ArgNames({"v6", "period"})
    ->ArgsProduct({{0}, {60, 86400}})
    ->Threads(2);
BENCHMARK_REGISTER_F(TakeBenchmark, Take)
    ->ArgNames({"v6", "period"})
    ->ArgsProduct({{0, 1}, {60, 86400}})
    ->Threads(2);

}  // namespace
}  // namespace mxward::limits

BENCHMARK_MAIN();
