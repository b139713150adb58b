// SPDX-License-Identifier: Apache-2.0
#include "clients/history.h"

#include <string>
#include <thread>
#include <vector>

#include "catch.h"
#include "clients/client_table.h"
#include "clients/standing.h"
#include "tests/fake/failing_writer.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/test_store.h"
#include "tests/fake/times.h"

namespace mxward {
namespace {

using store::Table;
using Recipient = History::Recipient;
using Mode = FailingWriter::Mode;

const IpAddress kClient = IpAddress::V4(0xc0000201);
const IpAddress kOther = IpAddress::V4(0xc0000202);

IpAddress Number(std::size_t number) {
  return IpAddress::V4(static_cast<std::uint32_t>(0x0a000000 + number));
}

struct HistoryFixture {
  TestStore store;
  FakeClock clock;
  FailingWriter writer{store.writer(), clock};
  History history{clock, store.environment(), writer};

  ClientRecord Get(const IpAddress& client) {
    const auto record = history.Get(client);
    REQUIRE(record);
    REQUIRE(*record);
    return **record;
  }
  bool Knows(const IpAddress& client) {
    const auto record = history.Get(client);
    REQUIRE(record);
    return record->has_value();
  }
  std::optional<ClientRecord> Stored(const IpAddress& client) {
    return ClientRecord::Decode(
        store.Get(Table::kClients, ClientKey(store.environment().hash_key(), client)));
  }
  std::uint64_t count() { return store.Count(Table::kClients); }
  void FlushAll(bool privacy = false) { history.Flush(privacy, /*all=*/true); }
  void Fill(std::size_t clients) {
    for (std::size_t i = 0; i < clients; ++i) {
      history.NoteConnection(Number(i), NameClass::kGood);
    }
  }
};

TEST_CASE("what is counted of a client is known at once, and stored with the next flush",
          "[clients]") {
  HistoryFixture fixture;
  CHECK_FALSE(fixture.Knows(kClient));
  fixture.history.NoteConnection(kClient, NameClass::kDynamic);
  fixture.clock.Advance(kSecond);
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  fixture.history.NoteRecipient(kClient, Recipient::kPassed);
  for (int i = 0; i < 2; ++i) fixture.history.NoteRecipient(kClient, Recipient::kDeferred);
  for (int i = 0; i < 3; ++i) fixture.history.NoteRecipient(kClient, Recipient::kRejected);
  for (int i = 0; i < 4; ++i) fixture.history.NoteRecipient(kClient, Recipient::kBad);
  for (int i = 0; i < 5; ++i) fixture.history.NoteHarvest(kClient);
  fixture.history.NoteListed(kClient, "zen");
  const ClientRecord waiting = fixture.Get(kClient);
  CHECK(waiting.client == kClient);
  CHECK(waiting.first_seen == FakeClock::kStart);
  CHECK(waiting.last_seen == FakeClock::kStart + Seconds(1));
  CHECK(waiting.connections == 2);
  CHECK(waiting.name_class == NameClass::kGood);
  CHECK(waiting.passed == 1);
  CHECK(waiting.deferred == 2);
  CHECK(waiting.rejected == 3);
  CHECK(waiting.bad == 4);
  CHECK(waiting.harvests == 5);
  CHECK(waiting.passed_on.days == 1);
  CHECK(waiting.passed_on.first == fixture.clock.Now());
  CHECK(waiting.passed_on.last == fixture.clock.Now());
  CHECK(waiting.last_rejected == fixture.clock.Now());
  CHECK(waiting.last_listed == fixture.clock.Now());
  CHECK(waiting.last_list == "zen");
  CHECK_FALSE(fixture.Stored(kClient));
  fixture.FlushAll();
  CHECK(fixture.Stored(kClient) == waiting);
  CHECK(fixture.Get(kClient) == waiting);
  CHECK_FALSE(fixture.Knows(kOther));
}

TEST_CASE("rejections because of senders do not add to one because of the client", "[clients]") {
  HistoryFixture fixture;
  fixture.history.NoteRecipient(kClient, Recipient::kRejected);
  for (int i = 0; i < 5; ++i) fixture.history.NoteRecipient(kClient, Recipient::kRefused);
  CHECK(fixture.Get(kClient).rejected == 6);
  CHECK(fixture.Get(kClient).against == 1);
  const auto standing = [&] {
    return StandingOf(fixture.Get(kClient), /*good_name=*/true, fixture.clock.Now()).standing;
  };
  CHECK(standing() == Standing::kNone);
  for (int i = 0; i < 2; ++i) fixture.history.NoteRecipient(kClient, Recipient::kRejected);
  CHECK(standing() == Standing::kBad);
}

TEST_CASE("greylisting and bad recipients leave no trace of a rejection", "[clients]") {
  HistoryFixture fixture;
  fixture.history.NoteRecipient(kClient, Recipient::kDeferred);
  fixture.history.NoteRecipient(kClient, Recipient::kBad);
  CHECK(fixture.Get(kClient).last_rejected == WallTime());
  fixture.history.NoteHarvest(kClient);
  CHECK(fixture.Get(kClient).last_rejected == fixture.clock.Now());
}

TEST_CASE("what is counted later adds to what is stored", "[clients]") {
  HistoryFixture fixture;
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  fixture.history.NoteRecipient(kClient, Recipient::kPassed);
  fixture.FlushAll();
  fixture.clock.Advance(3 * kDay);
  fixture.history.NoteConnection(kClient, NameClass::kNone);
  fixture.history.NoteRecipient(kClient, Recipient::kPassed);
  const auto check = [&](const ClientRecord& record) {
    CHECK(record.first_seen == FakeClock::kStart);
    CHECK(record.last_seen == fixture.clock.Now());
    CHECK(record.connections == 2);
    CHECK(record.name_class == NameClass::kNone);
    CHECK(record.passed == 2);
    CHECK(record.passed_on.days == 2);
  };
  check(fixture.Get(kClient));
  fixture.FlushAll();
  check(fixture.Get(kClient));
  check(*fixture.Stored(kClient));
}

TEST_CASE("clients with IPv6 are known by their /64", "[clients]") {
  HistoryFixture fixture;
  fixture.history.NoteConnection(*IpAddress::Parse("2001:db8::1"), NameClass::kGood);
  fixture.history.NoteConnection(*IpAddress::Parse("2001:db8::2"), NameClass::kGood);
  fixture.FlushAll();
  CHECK(fixture.count() == 1);
  CHECK(fixture.Get(*IpAddress::Parse("2001:db8::3")).connections == 2);
  CHECK(fixture.Get(*IpAddress::Parse("2001:db8::3")).client == *IpAddress::Parse("2001:db8::"));
  CHECK_FALSE(fixture.Knows(*IpAddress::Parse("2001:db8:0:1::1")));
}

TEST_CASE("a day counts once, however often it is flushed", "[clients]") {
  HistoryFixture fixture;
  const auto pass = [&] { fixture.history.NoteRecipient(kClient, Recipient::kPassed); };
  for (int i = 0; i < 3; ++i) {
    pass();
    fixture.FlushAll();
    fixture.clock.Advance(kHour);
  }
  CHECK(fixture.Get(kClient).passed_on.days == 1);
  // Over midnight without a flush, from the day that has been stored.
  pass();
  fixture.clock.Advance(21 * kHour);
  pass();
  CHECK(fixture.Get(kClient).passed_on.days == 2);
  fixture.FlushAll();
  CHECK(fixture.Get(kClient).passed_on.days == 2);
  // The same after a day without mail.
  fixture.clock.Advance(kDay + 23 * kHour);
  pass();
  fixture.clock.Advance(2 * kHour);
  pass();
  fixture.FlushAll();
  CHECK(fixture.Get(kClient).passed_on.days == 4);
  CHECK(fixture.Get(kClient).passed == 7);
}

TEST_CASE("a flush has something to do every 20 seconds", "[clients]") {
  HistoryFixture fixture;
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  for (int second = 1; second < 20; ++second) {
    fixture.clock.Advance(kSecond);
    fixture.history.Flush(false);
    CHECK(fixture.count() == 0);
  }
  fixture.clock.Advance(kSecond);
  fixture.history.Flush(false);
  CHECK(fixture.count() == 1);
  fixture.history.NoteConnection(kOther, NameClass::kGood);
  fixture.clock.Advance(19 * kSecond);
  fixture.history.Flush(false);
  CHECK(fixture.count() == 1);
  fixture.clock.Advance(kSecond);
  fixture.history.Flush(false);
  CHECK(fixture.count() == 2);
}

TEST_CASE("a step of the wall clock neither hurries a flush nor holds it up", "[clients]") {
  const int direction = GENERATE(-1, 1);
  HistoryFixture fixture;
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  fixture.clock.StepWall(direction * 100 * kDay);
  fixture.history.Flush(false);
  CHECK(fixture.count() == 0);
  fixture.clock.Advance(20 * kSecond);
  fixture.history.Flush(false);
  CHECK(fixture.count() == 1);
}

TEST_CASE("when many wait, they are flushed at once", "[clients]") {
  HistoryFixture fixture;
  fixture.Fill(History::kHandOver - 1);
  fixture.history.Flush(false);
  CHECK(fixture.count() == 0);
  fixture.Fill(History::kHandOver);
  fixture.history.Flush(false);
  CHECK(fixture.count() == History::kHandOver);
  CHECK(fixture.Get(Number(0)).connections == 2);
  CHECK(fixture.Get(Number(History::kHandOver - 1)).connections == 1);
}

TEST_CASE("when no more clients can wait, new ones are dropped and counted", "[clients]") {
  HistoryFixture fixture;
  fixture.Fill(History::kMaxWaiting);
  CHECK(fixture.history.dropped() == 0);
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  fixture.history.NoteRecipient(kClient, Recipient::kPassed);
  CHECK(fixture.history.dropped() == 2);
  CHECK_FALSE(fixture.Knows(kClient));
  fixture.history.NoteConnection(Number(7), NameClass::kGood);
  CHECK(fixture.history.dropped() == 2);
  CHECK(fixture.Get(Number(7)).connections == 2);
  fixture.history.Flush(false);
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  CHECK(fixture.Knows(kClient));
}

TEST_CASE("what the writer holds is still known, and counted once when it is written",
          "[clients]") {
  HistoryFixture fixture;
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  fixture.writer.Set(Mode::kHangs);
  fixture.FlushAll();
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  CHECK(fixture.Get(kClient).connections == 2);
  CHECK_FALSE(fixture.Stored(kClient));
  fixture.writer.Set(Mode::kWorks);
  CHECK(fixture.Stored(kClient)->connections == 1);
  CHECK(fixture.Get(kClient).connections == 2);
  fixture.FlushAll();
  CHECK(fixture.Stored(kClient)->connections == 2);
  CHECK(fixture.Get(kClient).connections == 2);
}

TEST_CASE("a writer that hangs is given one lot, and memory ends", "[clients]") {
  HistoryFixture fixture;
  fixture.writer.Set(Mode::kHangs);
  fixture.Fill(History::kMaxWaiting);
  fixture.history.Flush(false);
  fixture.Fill(History::kMaxWaiting + 10);
  CHECK(fixture.history.dropped() == 10);
  fixture.clock.Advance(60 * kSecond);
  fixture.history.Flush(false);
  fixture.Fill(History::kMaxWaiting + 10);
  CHECK(fixture.history.dropped() == 20);
  CHECK(fixture.Get(Number(3)).connections == 3);
  fixture.writer.Set(Mode::kWorks);
  CHECK(fixture.Stored(Number(3))->connections == 1);
  fixture.history.Flush(false);
  CHECK(fixture.Stored(Number(3))->connections == 3);
}

TEST_CASE("what could not be written is kept and written later", "[clients]") {
  HistoryFixture fixture;
  fixture.Fill(History::kHandOver);
  fixture.writer.Set(Mode::kFails);
  fixture.history.Flush(false);
  CHECK(fixture.count() == 0);
  CHECK(fixture.Get(Number(3)).connections == 1);
  fixture.history.NoteConnection(Number(3), NameClass::kNone);
  fixture.writer.Set(Mode::kWorks);
  // Not at once: it would be tried every second while the disk is full.
  fixture.clock.Advance(kSecond);
  fixture.history.Flush(false);
  CHECK(fixture.count() == 0);
  CHECK(fixture.Get(Number(3)).connections == 2);
  fixture.clock.Advance(19 * kSecond);
  fixture.history.Flush(false);
  CHECK(fixture.count() == History::kHandOver);
  CHECK(fixture.Stored(Number(3))->connections == 2);
  CHECK(fixture.Stored(Number(3))->name_class == NameClass::kNone);
}

TEST_CASE("what comes back from the writer and finds no place is dropped and counted",
          "[clients]") {
  HistoryFixture fixture;
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  fixture.writer.Set(Mode::kFails);
  fixture.FlushAll();
  fixture.Fill(History::kMaxWaiting);
  fixture.history.Flush(false);
  CHECK(fixture.history.dropped() == 1);
  CHECK_FALSE(fixture.Knows(kClient));
}

TEST_CASE("clients are written in batches", "[clients]") {
  HistoryFixture fixture;
  MemoryLog log;
  store::ThreadedWriter writer(fixture.store.environment(), log, fixture.clock);
  History history(fixture.clock, fixture.store.environment(), writer);
  for (std::size_t i = 0; i < 2 * History::kBatch + 1; ++i) {
    history.NoteConnection(Number(i), NameClass::kGood);
  }
  history.Flush(false, /*all=*/true);
  REQUIRE(writer.Stop(60 * kSecond));
  CHECK(writer.stats().operations == 3);
  CHECK(fixture.count() == 2 * History::kBatch + 1);
}

TEST_CASE("a restart keeps what was flushed", "[clients]") {
  HistoryFixture fixture;
  fixture.history.NoteRecipient(kClient, Recipient::kPassed);
  fixture.FlushAll();
  const ClientRecord before = fixture.Get(kClient);
  fixture.store.Reopen();
  const History again(fixture.clock, fixture.store.environment(), fixture.store.writer());
  CHECK(again.Get(kClient).value() == before);
}

TEST_CASE("a client that is forgotten is gone, waiting or stored", "[clients]") {
  HistoryFixture fixture;
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  fixture.history.NoteConnection(kOther, NameClass::kGood);
  fixture.FlushAll();
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  CHECK(fixture.history.Forget(kClient)->Wait(kSecond));
  CHECK_FALSE(fixture.Knows(kClient));
  CHECK_FALSE(fixture.Stored(kClient));
  fixture.FlushAll();
  CHECK_FALSE(fixture.Knows(kClient));
  CHECK(fixture.Knows(kOther));
  // It may come again, as somebody new.
  fixture.clock.Advance(kDay);
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  CHECK(fixture.Get(kClient).first_seen == fixture.clock.Now());
  // Nobody is forgotten without trouble, too.
  CHECK(fixture.history.Forget(Number(1))->Wait(kSecond));
}

TEST_CASE("what the writer holds of a client that is forgotten is not written", "[clients]") {
  HistoryFixture fixture;
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  fixture.history.NoteConnection(kOther, NameClass::kGood);
  fixture.writer.Set(Mode::kHangs);
  fixture.FlushAll();
  fixture.history.Forget(kClient);
  CHECK_FALSE(fixture.Knows(kClient));
  CHECK(fixture.Knows(kOther));
  fixture.writer.Set(Mode::kWorks);
  fixture.FlushAll();
  CHECK_FALSE(fixture.Knows(kClient));
  CHECK(fixture.Stored(kOther));
}

TEST_CASE("a client that is forgotten does not come back with what could not be written",
          "[clients]") {
  HistoryFixture fixture;
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  fixture.history.NoteConnection(kOther, NameClass::kGood);
  fixture.writer.Set(Mode::kFails);
  fixture.FlushAll();
  fixture.history.Forget(kClient);
  CHECK_FALSE(fixture.Knows(kClient));
  fixture.writer.Set(Mode::kWorks);
  fixture.FlushAll();
  CHECK_FALSE(fixture.Stored(kClient));
  CHECK(fixture.Stored(kOther));
}

TEST_CASE("with privacy no address is stored, and one stored before goes", "[clients]") {
  HistoryFixture fixture;
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  fixture.FlushAll();
  CHECK(fixture.Stored(kClient)->client == kClient);
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  fixture.history.NoteConnection(kOther, NameClass::kGood);
  fixture.FlushAll(/*privacy=*/true);
  REQUIRE(fixture.Stored(kClient));
  REQUIRE(fixture.Stored(kOther));
  CHECK_FALSE(fixture.Stored(kClient)->client);
  CHECK_FALSE(fixture.Stored(kOther)->client);
  CHECK(fixture.Stored(kClient)->connections == 2);
}

TEST_CASE("a clock that is set back does no harm to the count of days", "[clients]") {
  HistoryFixture fixture;
  fixture.clock.StepWall(400 * kDay);
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  fixture.history.NoteRecipient(kClient, Recipient::kPassed);
  fixture.FlushAll();
  fixture.clock.StepWall(-400 * kDay);
  fixture.clock.Advance(kDay);
  fixture.history.NoteRecipient(kClient, Recipient::kPassed);
  const auto check = [&](const ClientRecord& record) {
    CHECK(record.first_seen == fixture.clock.Now());
    CHECK(record.last_seen == fixture.clock.Now());
    CHECK(record.passed_on.last == fixture.clock.Now());
    CHECK(record.passed_on.days == 1);
  };
  check(fixture.Get(kClient));
  fixture.FlushAll();
  check(*fixture.Stored(kClient));
  fixture.clock.Advance(kDay);
  fixture.history.NoteRecipient(kClient, Recipient::kPassed);
  CHECK(fixture.Get(kClient).passed_on.days == 2);
}

TEST_CASE("a damaged record is replaced by what is counted", "[clients]") {
  HistoryFixture fixture;
  fixture.store.Put(Table::kClients, ClientKey(fixture.store.environment().hash_key(), kClient),
                    "garbage");
  CHECK_FALSE(fixture.Knows(kClient));
  fixture.history.NoteConnection(kClient, NameClass::kGood);
  CHECK(fixture.Get(kClient).connections == 1);
  fixture.FlushAll();
  CHECK(fixture.Stored(kClient)->connections == 1);
}

TEST_CASE("a nearly full database takes no new clients, but counts on", "[clients]") {
  const TempDir dir;
  auto environment =
      store::Environment::Open({.path = dir.path(), .map_size = 4 << 20, .map_size_max = 4 << 20});
  REQUIRE(environment);
  store::InlineWriter writer(**environment);
  FakeClock clock;
  History history(clock, **environment, writer);
  history.NoteConnection(kClient, NameClass::kGood);
  history.Flush(false, /*all=*/true);
  int records = 0;
  const auto fill = [&](store::WriteTransaction& transaction) -> Result<void> {
    for (int i = 0; i < 50; ++i) {
      auto put = transaction.Put(Table::kTuples, "key" + std::to_string(records + i),
                                 std::string(1000, 'x'));
      if (!put) return put;
    }
    return {};
  };
  while ((*environment)->Write(fill)) records += 50;
  REQUIRE(records > 1000);
  history.NoteConnection(kClient, NameClass::kGood);
  history.NoteConnection(kOther, NameClass::kGood);
  history.Flush(false, /*all=*/true);
  CHECK(history.Get(kClient).value()->connections == 2);
  CHECK_FALSE(history.Get(kOther).value());
}

TEST_CASE("many threads count, ask and flush at once", "[clients]") {
  HistoryFixture fixture;
  MemoryLog log;
  store::ThreadedWriter writer(fixture.store.environment(), log, fixture.clock);
  constexpr int kThreads = 4;
  constexpr int kRounds = 2000;
  {
    History history(fixture.clock, fixture.store.environment(), writer);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (std::size_t i = 0; i < kRounds; ++i) {
          history.NoteConnection(Number(i % 100), NameClass::kGood);
          history.NoteRecipient(Number(i % 100), Recipient::kPassed);
          if (i % 50 == 0) static_cast<void>(history.Get(Number(i % 100)));
          if (i % 500 == 0) history.Flush(false, /*all=*/true);
          if (i % 400 == 0) history.Forget(Number(1000));
        }
      });
    }
    for (auto& thread : threads) thread.join();
    history.Flush(false, /*all=*/true);
  }
  REQUIRE(writer.Stop(60 * kSecond));
  CHECK(fixture.count() == 100);
  for (std::size_t i = 0; i < 100; ++i) {
    const auto record = fixture.Stored(Number(i));
    REQUIRE(record);
    CHECK(record->connections == kThreads * kRounds / 100);
    CHECK(record->passed == kThreads * kRounds / 100);
  }
}

}  // namespace
}  // namespace mxward
