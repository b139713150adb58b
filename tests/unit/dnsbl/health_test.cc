// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/health.h"

#include <atomic>
#include <thread>

#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/unit/catch.h"
#include "tests/unit/dnsbl/some_list.h"
#include "tests/unit/dnsbl/watched.h"

namespace mxward::dnsbl {
namespace {

DnsblConfig Named(const std::string& name) {
  DnsblConfig list = ClientList();
  list.name = name;
  return list;
}

Health::Lists Lists(std::vector<DnsblConfig> lists) {
  return std::make_shared<const std::vector<DnsblConfig>>(std::move(lists));
}

struct HealthWorld {
  HealthWorld() {
    health.SetLists(Lists({Named("One"), Named("Two")}));
    for (const char* list : {"One", "Two"}) Of(list).NoteTest(Clean());
  }
  ListWatch& Of(const std::string& list) { return *health.Find(Named(list)); }
  void Break(const std::string& list) {
    for (int i = 0; i < 5; ++i) Of(list).NoteAnswer(Says(State::kUnknown));
  }
  FakeClock clock;
  MemoryLog log;
  Health health{clock, log};
};

TEST_CASE("each list is watched by itself", "[dnsbl]") {
  HealthWorld world;
  world.Break("Two");
  CHECK(world.Of("One").MayAsk());
  CHECK_FALSE(world.Of("Two").MayAsk());
  world.Of("One").NoteAnswer(Says(State::kRefused));
  CHECK_FALSE(world.Of("One").Counts());
  CHECK(world.Of("Two").Counts());
  const auto status = world.health.Status();
  REQUIRE(status.size() == 2);
  CHECK(status[0].name == "One");
  CHECK(status[0].condition == Condition::kRefusing);
  CHECK(status[0].since == world.clock.Now());
  CHECK(status[1].name == "Two");
  CHECK(status[1].condition == Condition::kBroken);
  CHECK(status[1].failed == 5);
}

TEST_CASE("what is read without a lock follows what is noted", "[dnsbl]") {
  HealthWorld world;
  ListWatch& list = world.Of("One");
  CHECK(list.TrustedSince() == MonoTime());
  list.NoteAnswer(Says(State::kBogus));
  CHECK_FALSE(list.Counts());
  for (int i = 0; i < ListHealth::kCleanTests; ++i) list.NoteTest(Clean());
  CHECK(list.Counts());
  CHECK(list.TrustedSince() == world.clock.Monotonic());
  world.Break("One");
  CHECK_FALSE(list.MayAsk());
  list.NoteTest(Clean());
  CHECK(list.MayAsk());
}

TEST_CASE("each change is one line in the log", "[dnsbl]") {
  HealthWorld world;
  world.Break("One");
  world.Break("One");
  REQUIRE(world.log.size() == 1);
  CHECK(world.log.lines()[0].level == LogLevel::kWarning);
  CHECK(world.log.Contains("DNS list One does not answer"));
  world.clock.Advance(Seconds(30));
  world.Of("One").NoteTest(Clean());
  REQUIRE(world.log.size() == 2);
  CHECK(world.log.lines()[1].level == LogLevel::kInfo);
  CHECK(world.log.Contains("DNS list One is healthy again, after it was broken for 30 s"));
}

TEST_CASE("a reload keeps what is known of a list that stays as it was", "[dnsbl]") {
  HealthWorld world;
  world.Break("One");
  world.Break("Two");
  DnsblConfig changed = Named("One");
  changed.zone = "other.example.net";
  const auto lists = Lists({Named("Two"), changed, Named("Three")});
  world.health.SetLists(lists);
  const auto watches = world.health.WatchesOf(*lists);
  CHECK_FALSE((*watches)[0]->MayAsk());
  CHECK((*watches)[1]->MayAsk());
  CHECK(world.health.Find(Named("One")) == nullptr);
  CHECK(world.health.Find(changed) == (*watches)[1]);
  const auto status = world.health.Status();
  REQUIRE(status.size() == 3);
  CHECK(status[0].condition == Condition::kBroken);
  CHECK(status[1].condition == Condition::kUnproven);
  CHECK(status[1].asked == 0);
  world.health.SetLists(Lists({}));
  CHECK(world.health.Find(Named("Two")) == nullptr);
  CHECK(world.health.Status().empty());
}

TEST_CASE("a passed test holds for each definition that has the same test", "[dnsbl]") {
  HealthWorld world;
  world.clock.Advance(Seconds(60));
  DnsblConfig heavier = Named("One");
  heavier.codes = {Code("127.0.0.2", 9)};
  DnsblConfig moved = Named("Two");
  moved.zone = "other.example.net";
  world.health.SetLists(Lists({heavier, moved}));
  CHECK(world.health.Find(heavier)->Counts());
  CHECK_FALSE(world.health.Find(moved)->Counts());
  const auto passed = world.health.PassedTests();
  REQUIRE(passed.size() == 1);
  CHECK(passed[0].first == TestedText(Named("One")));
  CHECK(passed[0].second == FakeClock::kStart);
  CHECK(TestedText(Named("One")) != TestedText(moved));
  DnsblConfig other_point = Named("One");
  other_point.unlisted_v4 = "9.0.0.127";
  CHECK(TestedText(Named("One")) != TestedText(other_point));
}

TEST_CASE("who waits for a list's first test is told when it ends", "[dnsbl]") {
  HealthWorld world;
  DnsblConfig fresh = Named("Fresh");
  fresh.zone = "fresh.example.net";
  world.health.SetLists(Lists({fresh}));
  ListWatch& list = *world.health.Find(fresh);
  const auto progress = std::make_shared<dns::Progress>();
  CHECK_FALSE(list.AwaitTest(progress));
  REQUIRE(list.TestDue());
  CHECK(list.Awaited());
  CHECK(list.AwaitTest(progress));
  const std::uint64_t before = progress->count();
  list.NoteTest(Clean());
  CHECK(progress->count() == before + 1);
  CHECK_FALSE(list.Awaited());
  CHECK(list.Counts());
  CHECK_FALSE(list.AwaitTest(progress));
}

TEST_CASE("what is noted of a list by its definition before is lost", "[dnsbl]") {
  HealthWorld world;
  const ListWatchPtr before = world.health.Find(Named("One"));
  DnsblConfig changed = Named("One");
  changed.zone = "other.example.net";
  world.health.SetLists(Lists({changed}));
  before->NoteAnswer(Says(State::kBogus));
  before->NoteTest(Result(Says(State::kListed), Says(State::kListed)));
  before->NoteClient({1, 1}, true, true);
  CHECK(world.log.size() == 0);
  CHECK(before->Counts());  // of a message that is judged by the configuration before
  CHECK_FALSE(world.health.Find(changed)->Counts());  // not tested yet
  CHECK(world.health.Status().at(0).asked == 0);
}

TEST_CASE("a configuration that is over knows the lists that stayed", "[dnsbl]") {
  HealthWorld world;
  const auto before = Lists({Named("One"), Named("Two")});
  world.health.SetLists(Lists({Named("Two")}));
  const auto watches = world.health.WatchesOf(*before);
  REQUIRE(watches->size() == 2);
  CHECK((*watches)[0] == nullptr);
  CHECK((*watches)[1] == world.health.Find(Named("Two")));
}

TEST_CASE("a clock on the wall that is set does not keep tests from being due", "[dnsbl]") {
  HealthWorld world;
  CHECK_FALSE(world.Of("One").TestDue());
  world.clock.StepWall(-Seconds(86400));
  world.clock.Advance(ListHealth::kRoutine + ListHealth::kTestsApart);
  CHECK(world.Of("One").TestDue());
}

TEST_CASE("many threads note and ask at once", "[dnsbl]") {
  HealthWorld world;
  constexpr int kRounds = 2000;
  std::atomic<std::uint64_t> asked{0};
  std::vector<std::thread> threads;
  for (std::uint64_t number = 0; number < 4; ++number) {
    threads.emplace_back([&world, &asked, number] {
      for (std::uint64_t i = 0; i < kRounds; ++i) {
        ListWatch& list = world.Of(i % 2 == 0 ? "One" : "Two");
        const auto state = static_cast<State>((i / 7 + number) % 6);
        (void)list.MayAsk();
        (void)list.Counts();
        (void)list.TrustedSince();
        list.NoteAnswer(Says(state));
        ++asked;
        list.NoteClient({static_cast<std::uint32_t>(i), i}, i % 5 == 0, state == State::kListed);
        if (list.TestDue()) list.NoteTest(Clean());
        world.clock.Advance(Millis(50));
      }
    });
  }
  threads.emplace_back([&world] {
    for (int i = 0; i < 200; ++i) {
      world.health.Status();
      // The same lists in another order: nothing is forgotten.
      world.health.SetLists(Lists({Named("Two"), Named("One")}));
    }
  });
  for (std::thread& thread : threads) thread.join();
  std::uint64_t counted = 0;
  for (const ListStatus& status : world.health.Status()) counted += status.asked;
  CHECK(counted == asked.load());
}

}  // namespace
}  // namespace mxward::dnsbl
