// SPDX-License-Identifier: Apache-2.0
#include <thread>
#include <vector>

#include "catch.h"
#include "engine/engine.h"
#include "outcomes/table.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/test_config.h"
#include "tests/fake/test_store.h"
#include "tests/fake/times.h"

namespace mxward {
namespace {

// At the end the main thread saves, and so does the control loop where it has not ended in time.
TEST_CASE("two threads may save at once, and nothing is lost or counts twice", "[engine]") {
  constexpr std::uint32_t kRounds = 300;
  constexpr std::uint32_t kThreads = 2;
  TestStore store;
  FakeClock clock;
  MemoryLog log;
  const IpAddress client = IpAddress::V4(0xc0000201);
  const outcomes::Key total{outcomes::DayOf(clock.Now()), outcomes::Kind::kTotals, ""};
  {
    store::ThreadedWriter writer(store.environment(), log, clock);
    Engine engine({clock, store.environment(), writer, log}, Shared(TestConfig()));
    std::vector<std::thread> threads;
    for (std::uint32_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (std::uint32_t i = 0; i < kRounds; ++i) {
          outcomes::Row row;
          row.counts[outcomes::kDeferred] = 1;
          engine.outcomes().Add({{total, row}});
          engine.history().NoteConnection(client, NameClass::kGood);
          if (i % 10 == 0) engine.Save(/*all=*/true);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    engine.Save(/*all=*/true);
    REQUIRE(writer.Stop(60 * kSecond));
  }
  const auto rows = outcomes::ReadDay(store.environment(), total.day);
  REQUIRE(rows);
  CHECK(rows->at(total).counts[outcomes::kDeferred] == kThreads * kRounds);
  const auto record = ClientRecord::Decode(
      store.Get(store::Table::kClients, ClientKey(store.environment().hash_key(), client)));
  REQUIRE(record);
  CHECK(record->connections == kThreads * kRounds);
}

}  // namespace
}  // namespace mxward
