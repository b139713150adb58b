// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/health.h"

#include <atomic>
#include <thread>

#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/unit/catch.h"
#include "tests/unit/dnsbl/some_list.h"

namespace mxward::dnsbl {
namespace {

DnsblConfig Named(const std::string& name) {
  DnsblConfig list = ClientList();
  list.name = name;
  return list;
}

Meaning Says(State state) { return {state, state == State::kListed ? 6 : 0, {}, "127.0.0.2"}; }
TestResult Clean() { return {Says(State::kNotListed), Says(State::kListed), Millis(20)}; }

struct World {
  World() { health.SetLists({Named("One"), Named("Two")}); }
  void Break(const std::string& list) {
    for (int i = 0; i < 5; ++i) health.NoteAnswer(list, Says(State::kUnknown));
  }
  FakeClock clock;
  MemoryLog log;
  Health health{clock, log};
};

TEST_CASE("lists are told apart by name", "[dnsbl]") {
  World world;
  world.Break("Two");
  CHECK(world.health.MayAsk("One"));
  CHECK_FALSE(world.health.MayAsk("Two"));
  world.health.NoteAnswer("One", Says(State::kRefused));
  CHECK_FALSE(world.health.Counts("One"));
  CHECK(world.health.Counts("Two"));
  const auto status = world.health.Status();
  REQUIRE(status.size() == 2);
  CHECK(status[0].name == "One");
  CHECK(status[0].condition == Condition::kRefusing);
  CHECK(status[0].since == world.clock.Now());
  CHECK(status[1].name == "Two");
  CHECK(status[1].condition == Condition::kBroken);
  CHECK(status[1].failed == 5);
}

TEST_CASE("a list that nobody configured is neither asked nor counted", "[dnsbl]") {
  World world;
  CHECK_FALSE(world.health.MayAsk("Three"));
  CHECK_FALSE(world.health.Counts("Three"));
  CHECK_FALSE(world.health.TestDue("Three"));
  world.Break("Three");
  world.health.NoteClient("Three", 1, true, true);
  world.health.NoteTest("Three", Clean());
  CHECK(world.log.size() == 0);
  CHECK(world.health.Status().size() == 2);
}

TEST_CASE("each change is one line in the log", "[dnsbl]") {
  World world;
  world.Break("One");
  world.Break("One");
  REQUIRE(world.log.size() == 1);
  CHECK(world.log.lines()[0].level == LogLevel::kWarning);
  CHECK(world.log.Contains("DNS list One does not answer"));
  world.clock.Advance(Seconds(30));
  world.health.NoteTest("One", Clean());
  REQUIRE(world.log.size() == 2);
  CHECK(world.log.lines()[1].level == LogLevel::kInfo);
  CHECK(world.log.Contains("DNS list One is in order again, after it was broken for 30 s"));
}

TEST_CASE("a reload keeps what is known of a list that stays as it was", "[dnsbl]") {
  World world;
  world.Break("One");
  world.Break("Two");
  DnsblConfig changed = Named("One");
  changed.zone = "other.example.net";
  world.health.SetLists({Named("Two"), changed, Named("Three")});
  CHECK_FALSE(world.health.MayAsk("Two"));
  CHECK(world.health.MayAsk("One"));
  const auto status = world.health.Status();
  REQUIRE(status.size() == 3);
  CHECK(status[0].condition == Condition::kBroken);
  CHECK(status[1].condition == Condition::kUnproven);
  CHECK(status[1].asked == 0);
  world.health.SetLists({});
  CHECK_FALSE(world.health.MayAsk("Two"));
  CHECK(world.health.Status().empty());
}

TEST_CASE("a clock on the wall that is set does not keep tests from being due", "[dnsbl]") {
  World world;
  CHECK(world.health.TestDue("One"));
  world.health.NoteTest("One", Clean());
  world.clock.StepWall(-Seconds(86400));
  world.clock.Advance(ListHealth::kRoutine + ListHealth::kTestsApart);
  CHECK(world.health.TestDue("One"));
}

TEST_CASE("many threads note and ask at once", "[dnsbl]") {
  World world;
  constexpr int kRounds = 2000;
  std::atomic<std::uint64_t> asked{0};
  std::vector<std::thread> threads;
  for (std::uint64_t number = 0; number < 4; ++number) {
    threads.emplace_back([&world, &asked, number] {
      for (std::uint64_t i = 0; i < kRounds; ++i) {
        const char* list = i % 2 == 0 ? "One" : "Two";
        const auto state = static_cast<State>((i / 7 + number) % 6);
        world.health.MayAsk(list);
        world.health.Counts(list);
        world.health.NoteAnswer(list, Says(state));
        ++asked;
        world.health.NoteClient(list, i, state == State::kListed, i % 5 == 0);
        if (world.health.TestDue(list)) world.health.NoteTest(list, Clean());
        world.clock.Advance(Millis(50));
      }
    });
  }
  threads.emplace_back([&world] {
    for (int i = 0; i < 200; ++i) {
      world.health.Status();
      // The same lists in another order: nothing is forgotten.
      world.health.SetLists({Named("Two"), Named("One")});
    }
  });
  for (std::thread& thread : threads) thread.join();
  std::uint64_t counted = 0;
  for (const ListStatus& status : world.health.Status()) counted += status.asked;
  CHECK(counted == asked.load());
}

}  // namespace
}  // namespace mxward::dnsbl
