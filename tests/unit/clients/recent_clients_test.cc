// SPDX-License-Identifier: Apache-2.0
#include "clients/recent_clients.h"

#include "tests/fake/fake_clock.h"
#include "tests/unit/catch.h"

namespace mxward {
namespace {

IpAddress Client(std::uint32_t number) { return IpAddress::V4(0xC0000200 + number); }

TEST_CASE("recent clients are counted for ten to twenty seconds", "[clients]") {
  FakeClock clock;
  RecentClients recent(clock);
  recent.NoteConnection(Client(1));
  recent.NoteRecipient(Client(1), History::Recipient::kBad);
  clock.Advance(Seconds(9));
  recent.NoteConnection(Client(2));
  clock.Advance(Seconds(6));  // the second span has begun
  recent.NoteConnection(Client(2));
  auto snapshot = recent.Busiest(10);
  CHECK(snapshot.span == Seconds(15));
  CHECK(snapshot.clients == 2);
  REQUIRE(snapshot.busiest.size() == 2);
  CHECK(snapshot.busiest[0].counts.connections + snapshot.busiest[1].counts.connections == 3);
  clock.Advance(Seconds(10));  // the third: the first is gone
  snapshot = recent.Busiest(10);
  REQUIRE(snapshot.busiest.size() == 1);
  CHECK(snapshot.busiest[0].client == Client(2));
  CHECK(snapshot.busiest[0].counts.connections == 1);
  clock.Advance(Seconds(60));
  CHECK(recent.Busiest(10).clients == 0);
  CHECK(recent.Busiest(10).span == Seconds(10));
}

TEST_CASE("of recent clients only the busiest are told, and few are kept", "[clients]") {
  FakeClock clock;
  RecentClients recent(clock);
  for (std::uint32_t i = 0; i < 3 * RecentClients::kMaxClients; ++i) {
    recent.NoteConnection(IpAddress::V4(i));
    if (i % 7 == 3) recent.NoteConnection(Client(1));
  }
  const auto snapshot = recent.Busiest(3);
  CHECK(snapshot.clients == RecentClients::kMaxClients);
  REQUIRE(snapshot.busiest.size() == 3);
  CHECK(snapshot.busiest[0].client == Client(1));
}

TEST_CASE("a /64 is one recent client", "[clients]") {
  FakeClock clock;
  RecentClients recent(clock);
  recent.NoteConnection(*IpAddress::Parse("2001:db8::1"));
  recent.NoteConnection(*IpAddress::Parse("2001:db8::2"));
  REQUIRE(recent.Busiest(3).busiest.size() == 1);
  CHECK(recent.Busiest(3).busiest[0].counts.connections == 2);
}

}  // namespace
}  // namespace mxward
