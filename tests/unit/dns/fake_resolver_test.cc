// SPDX-License-Identifier: Apache-2.0
#include "tests/fake/fake_resolver.h"

#include "tests/unit/catch.h"

namespace mxward::dns {
namespace {

struct Told {
  AnswerPtr answer;
  bool from_cache = false;
  int times = 0;
};

struct FakeWorld {
  FakeClock clock;
  FakeResolver resolver{clock};
  Progress progress;

  std::shared_ptr<Told> Ask(const std::string& name, RecordType type = RecordType::kA,
                            Freshness freshness = Freshness::kCached) {
    auto told = std::make_shared<Told>();
    resolver.Ask({name, type}, freshness, [this, told](const AnswerPtr& answer, bool from_cache) {
      told->answer = answer;
      told->from_cache = from_cache;
      ++told->times;
      progress.Add();
    });
    return told;
  }
  void Pass(Millis time) {
    clock.Advance(time);
    resolver.Settle();
  }
};

TEST_CASE("the fake answers after its latency, and then from the cache", "[dns]") {
  FakeWorld world;
  world.resolver.Set("a.example", RecordType::kA, answers::Addresses({"127.0.0.2"}), Millis(50));
  const auto first = world.Ask("a.example");
  const auto joined = world.Ask("a.example");
  world.Pass(Millis(49));
  CHECK(first->times == 0);
  world.Pass(Millis(1));
  REQUIRE(first->times == 1);
  CHECK(joined->times == 1);
  CHECK(first->answer->addresses.size() == 1);
  CHECK_FALSE(first->from_cache);
  const auto again = world.Ask("a.example");
  REQUIRE(again->times == 1);
  CHECK(again->from_cache);
  CHECK(world.resolver.asked("a.example", RecordType::kA) == 1);
  const auto fresh = world.Ask("a.example", RecordType::kA, Freshness::kBypassCache);
  CHECK(fresh->times == 0);
  world.Pass(answers::kTtl + Millis(50));
  CHECK(fresh->times == 1);
  CHECK(world.Ask("a.example")->times == 0);
  CHECK(world.resolver.asked_below("example") == 3);
}

TEST_CASE("the fake's silence ends at the deadline, and late answers fill the cache", "[dns]") {
  FakeWorld world;
  world.resolver.SetZoneSilent("dead.example");
  world.resolver.SetZone("slow.example", answers::NoName(), Millis(3000));
  const auto dead = world.Ask("1.dead.example");
  const auto slow = world.Ask("1.slow.example");
  const MonoTime start = world.clock.Monotonic();
  CHECK(world.resolver.Wait(world.progress, 0, start + Seconds(10)));
  CHECK(world.resolver.Wait(world.progress, 1, start + Seconds(10)));
  CHECK(world.clock.Monotonic() == start + Seconds(2));
  CHECK(dead->answer->failure == "no answer in 2s");
  CHECK(slow->answer->outcome == Outcome::kFailed);
  CHECK_FALSE(world.resolver.Wait(world.progress, 2, start + Seconds(4)));
  CHECK(world.clock.Monotonic() == start + Seconds(4));
  CHECK(slow->times == 1);
  CHECK(world.Ask("1.slow.example")->from_cache);
  CHECK(world.Ask("1.dead.example")->times == 0);
  CHECK(world.resolver.asked("1.dead.example", RecordType::kA) == 2);
}

TEST_CASE("the fake knows the longest zone, and NXDOMAIN for all else", "[dns]") {
  FakeWorld world;
  world.resolver.SetZone("example", answers::NoData());
  world.resolver.SetZone("bl.example", answers::Failed());
  const auto other = world.Ask("other.test");
  const auto wide = world.Ask("abl.example");
  const auto narrow = world.Ask("2.0.0.127.bl.example");
  world.Pass(FakeResolver::kLatency);
  CHECK(other->answer->outcome == Outcome::kNoName);
  CHECK(wide->answer->outcome == Outcome::kNoData);
  CHECK(narrow->answer->failure == "SERVFAIL");
}

TEST_CASE("a callback of the fake may ask further", "[dns]") {
  FakeWorld world;
  std::shared_ptr<Told> second;
  world.resolver.Ask({"a.example", RecordType::kMx}, Freshness::kCached,
                     [&](const AnswerPtr&, bool) { second = world.Ask("b.example"); });
  CHECK(world.resolver.Wait(world.progress, 0, world.clock.Monotonic() + Seconds(1)));
  REQUIRE(second);
  CHECK(second->times == 1);
}

}  // namespace
}  // namespace mxward::dns
