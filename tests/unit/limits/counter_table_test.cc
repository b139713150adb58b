// SPDX-License-Identifier: Apache-2.0
#include "limits/counter_table.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "limits/eviction.h"
#include "tests/unit/catch.h"
#include "tests/unit/limits/some_limits.h"

namespace mxward::limits {
namespace {

constexpr std::uint64_t kMemory = 1 << 20;  // 32,768 counters
const Rate kHourly(10, Seconds(3600), 10);

using Random = std::mt19937_64;

IpAddress AnyV4(Random& random) { return IpAddress::V4(static_cast<std::uint32_t>(random())); }

// Any address whose first bytes are those.
IpAddress AnyV6(Random& random, std::vector<std::uint8_t> first) {
  std::array<std::uint8_t, 16> bytes;
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::uint8_t>(random()); });
  std::copy(first.begin(), first.end(), bytes.begin());
  return IpAddress::V6(bytes);
}

CounterKey AnyKey(Random& random, const IpAddress& client) {
  return {random(), random(), Holder(client)};
}

struct Shares {
  std::size_t counters = 0;
  std::map<std::uint64_t, std::size_t> allotments;
  std::map<std::uint64_t, std::size_t> sites;

  static std::size_t Largest(const std::map<std::uint64_t, std::size_t>& sizes) {
    std::size_t largest = 0;
    for (const auto& [ignored, size] : sizes) largest = std::max(largest, size);
    return largest;
  }
};

Shares SharesOf(const CounterTable& table, MonoTime now = kNow) {
  Shares shares;
  for (std::size_t slice = 0; slice < CounterTable::kSlices; ++slice) {
    table.Visit(
        slice,
        [&](const std::vector<Counter>& counters) {
          for (const Counter& counter : counters) {
            ++shares.counters;
            ++shares.allotments[counter.key.holder.allotment()];
            if (counter.key.holder.is_v6()) ++shares.sites[counter.key.holder.number()];
          }
        },
        now);
  }
  return shares;
}

TEST_CASE("many clients find their counters again where there is room", "[limits]") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  CounterTable table(32 << 20);
  std::vector<CounterKey> keys;
  for (int i = 0; i < 250000; ++i) keys.push_back(AnyKey(random, AnyV4(random)));
  for (const CounterKey& key : keys) table.Take(key, kHourly, kNow);
  std::size_t found = 0;
  for (const CounterKey& key : keys) {
    found += table.Look(key.id, kHourly, kNow).used == 1 ? 1U : 0U;
  }
  CHECK(found == keys.size());
  const CounterTable::Stats stats = table.stats(kNow);
  CHECK(stats.counters == keys.size());
  CHECK(stats.evicted == 0);
  CHECK(stats.bytes <= 32 << 20);
}

TEST_CASE("a million random clients never take more than the memory", "[limits][large]") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  CounterTable table(kMemory);
  MonoTime now = kNow;
  for (int i = 0; i < 1000000; ++i) {
    const IpAddress client = i % 3 == 0 ? AnyV6(random, {0x20, 1}) : AnyV4(random);
    table.Take(AnyKey(random, client), kHourly, now);
    now += std::chrono::microseconds(random() % 100);
    if (i % 100000 == 0) {
      const CounterTable::Stats stats = table.stats(now);
      REQUIRE(stats.bytes <= kMemory);
      REQUIRE(stats.counters <= stats.capacity);
    }
  }
  const CounterTable::Stats stats = table.stats(now);
  CHECK(stats.capacity == kMemory / sizeof(Counter));
  CHECK(stats.bytes == kMemory);
  CHECK(stats.counters == stats.capacity);
  CHECK(stats.evicted > 900000);
}

std::size_t AnonymousKiB() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("RssAnon:", 0) == 0) return std::stoul(line.substr(8));
  }
  return 0;
}

TEST_CASE("a table takes memory as it is used", "[limits]") {
  Random random(1);
  const std::size_t before = AnonymousKiB();
  CounterTable table(256 << 20);
  CHECK(AnonymousKiB() - before < 1024);
  for (int i = 0; i < 1000; ++i) table.Take(AnyKey(random, AnyV4(random)), kHourly, kNow);
  CHECK(AnonymousKiB() - before < 8192);
  CHECK(table.stats(kNow).bytes <= 2 << 20);
}

TEST_CASE("no holder has more than its share, flood as it may", "[limits]") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  CounterTable table(kMemory);
  const std::size_t capacity = table.stats(kNow).capacity;
  // An IPv6 /32, a /48 of another one, an IPv4 /16; and a few of all the world.
  for (int i = 0; i < 150000; ++i) {
    table.Take(AnyKey(random, AnyV6(random, {0x20, 1, 0x0d, 0xb8})), kHourly, kNow);
    table.Take(AnyKey(random, AnyV6(random, {0x2a, 0, 0, 1, 0, 7})), kHourly, kNow);
    table.Take(AnyKey(random, IpAddress::V4(0xc6330000U | (random() & 0xffff))), kHourly, kNow);
    if (i % 15 == 0) table.Take(AnyKey(random, AnyV4(random)), kHourly, kNow);
  }
  const Shares shares = SharesOf(table);
  CHECK(Shares::Largest(shares.allotments) <= capacity / 4);
  CHECK(Shares::Largest(shares.allotments) > capacity / 5);
  CHECK(Shares::Largest(shares.sites) <= capacity / 16);
  CHECK(Shares::Largest(shares.sites) > capacity / 20);
  CHECK(shares.counters > capacity / 2);
}

TEST_CASE("a flood from an IPv6 /32 pushes out nobody", "[limits]") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  CounterTable table(kMemory);
  std::vector<CounterKey> others;
  for (int i = 0; i < 10000; ++i) {
    others.push_back(
        AnyKey(random, i % 2 == 0 ? AnyV4(random)
                                  : AnyV6(random, {0x2a, static_cast<std::uint8_t>(random())})));
    table.Take(others.back(), kHourly, kNow);
  }
  // Half of the flood comes later than they, so that each of them is staler than most of it.
  for (int i = 0; i < 300000; ++i) {
    const MonoTime now = kNow + Seconds(i < 150000 ? 0 : 60);
    table.Take(AnyKey(random, AnyV6(random, {0x20, 1, 0x0d, 0xb8})), kHourly, now);
  }
  std::size_t left = 0;
  for (const CounterKey& key : others) {
    left += table.Look(key.id, kHourly, kNow + Seconds(60)).used > 0 ? 1U : 0U;
  }
  CHECK(left == others.size());
}

TEST_CASE("in a full table a flood takes places of its own", "[limits][large]") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  CounterTable table(kMemory);
  for (int i = 0; i < 150000; ++i) table.Take(AnyKey(random, AnyV4(random)), kHourly, kNow);
  const Shares before = SharesOf(table);
  for (int i = 0; i < 200000; ++i) {
    table.Take(AnyKey(random, AnyV6(random, {0x20, 1, 0x0d, 0xb8})), kHourly, kNow + Seconds(1));
  }
  const Shares after = SharesOf(table);
  const std::size_t flood = after.allotments.at(Holder(Ip("2001:db8::")).allotment());
  // A few a set, as many as its largest holder has: not a quarter.
  CHECK(flood < before.counters / 16);
  CHECK(after.counters == before.counters);
}

TEST_CASE("a client whose counters are in the past leaves room for others", "[limits]") {
  Random random(2);
  CounterTable table(0);  // one set a shard
  const Rate quick(1, Seconds(1), 1);
  MonoTime now = kNow;
  for (int round = 0; round < 50; ++round) {
    // Half of what there is room for.
    for (int i = 0; i < 4096; ++i) table.Take(AnyKey(random, AnyV4(random)), quick, now);
    now += Seconds(1);
  }
  CHECK(table.stats(now).counters == 0);
  CHECK(table.stats(now).evicted == 0);
}

TEST_CASE("the last of a counter is its end, and it can begin anew", "[limits]") {
  CounterTable table(kMemory);
  const CounterKey key{77, 1, Holder(Ip("192.0.2.1"))};
  for (int i = 0; i < 3; ++i) CHECK(table.Take(key, kHourly, kNow).used == i);
  CHECK(table.stats(kNow).counters == 1);
  CHECK(table.stats(kNow + Seconds(3 * 360)).counters == 0);
  // By another client now: the place is the same, and his.
  CounterKey other = key;
  other.holder = Holder(Ip("198.51.100.1"));
  CHECK(table.Take(other, kHourly, kNow + Seconds(3 * 360)).used == 0);
  CHECK(SharesOf(table, kNow + Seconds(3 * 360)).allotments.count(other.holder.allotment()) == 1);
  CHECK(table.stats(kNow + Seconds(3 * 360)).counters == 1);
}

TEST_CASE("what is forgotten is gone, and only that", "[limits]") {
  Random random(3);
  CounterTable table(kMemory);
  std::vector<CounterKey> keys;
  for (int i = 0; i < 1000; ++i) {
    keys.push_back(AnyKey(random, AnyV4(random)));
    table.Take(keys.back(), kHourly, kNow);
  }
  table.Forget([](const CounterKey& key) { return key.group % 2 == 0; }, kNow);
  for (const CounterKey& key : keys) {
    CHECK(table.Look(key.id, kHourly, kNow).used == (key.group % 2 == 0 ? 0 : 1));
  }
}

TEST_CASE("less memory keeps what is least stale", "[limits]") {
  Random random(4);
  CounterTable table(kMemory);
  std::vector<CounterKey> stale;
  std::vector<CounterKey> fresh;
  // Of many holders, so that none is beyond its share.
  for (int i = 0; i < 12000; ++i) stale.push_back(AnyKey(random, AnyV4(random)));
  for (int i = 0; i < 3000; ++i) fresh.push_back(AnyKey(random, AnyV4(random)));
  for (const CounterKey& key : fresh) table.Take(key, Rate(1, Seconds(7200), 1), kNow);
  for (const CounterKey& key : stale) table.Take(key, Rate(1, Seconds(3600), 1), kNow);
  table.SetMemory(kMemory, kNow);
  CHECK(table.stats(kNow).counters == 15000);
  table.SetMemory(kMemory / 4, kNow);
  const CounterTable::Stats stats = table.stats(kNow);
  CHECK(stats.bytes <= kMemory / 4);
  CHECK(stats.counters > stats.capacity * 9 / 10);
  CHECK(stats.evicted > 0);
  std::size_t left = 0;
  for (const CounterKey& key : fresh)
    left += table.Look(key.id, Rate(1, Seconds(7200), 1), kNow).over;
  CHECK(left > fresh.size() * 95 / 100);
  table.SetMemory(kMemory, kNow);
  CHECK(table.stats(kNow).counters == stats.counters);
  CHECK(table.stats(kNow).evicted >= stats.evicted);
}

TEST_CASE("a table of no memory still counts", "[limits]") {
  CounterTable table(0);
  const CounterKey key{77, 1, Holder(Ip("192.0.2.1"))};
  table.Take(key, kHourly, kNow);
  CHECK(table.Look(77, kHourly, kNow).used == 1);
  CHECK(table.stats(kNow).bytes <= 256 << 10);
}

TEST_CASE("threads count in one table, whatever grows and shrinks meanwhile", "[limits]") {
  CounterTable table(kMemory);
  std::vector<std::thread> threads;
  std::array<CounterKey, 4> own;
  for (std::size_t t = 0; t < own.size(); ++t) {
    own[t] = {t + 1, 1, Holder(IpAddress::V4(static_cast<std::uint32_t>(t) << 24))};
    threads.emplace_back([&table, key = own[t]] {
      Random random(key.id);
      const Rate rate(1000, Seconds(3600), 1000);
      for (int i = 0; i < 500; ++i) {
        table.Take(key, rate, kNow);
        // So few that all fit at any time: none has to give way.
        for (int n = 0; n < 3; ++n) table.Take(AnyKey(random, AnyV4(random)), kHourly, kNow);
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    table.SetMemory(kMemory << (i % 2), kNow);
    table.stats(kNow);
  }
  for (std::thread& thread : threads) thread.join();
  for (const CounterKey& key : own) {
    CHECK(table.Look(key.id, Rate(1000, Seconds(3600), 1000), kNow).used == 500);
  }
}

}  // namespace
}  // namespace mxward::limits
