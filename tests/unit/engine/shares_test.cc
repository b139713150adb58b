// SPDX-License-Identifier: Apache-2.0
#include "engine/shares.h"

#include <string>
#include <vector>

#include "catch.h"

namespace mxward {
namespace {

constexpr Shares::Limits kFew{.most = 8, .most_of_one = 3};

struct Sharing {
  explicit Sharing(const Shares::Limits& limits = kFew) : shares(limits) {}
  Shares::PlacePtr Enter(const std::string& address) {
    now += Millis(1);
    return shares.Enter(*IpAddress::Parse(address), now, [this] { ++told; });
  }

  Shares shares;
  MonoTime now{Seconds(100)};
  int told = 0;
};

TEST_CASE("a network holds its share, and its longest holder makes room for its next", "[engine]") {
  Sharing sharing;
  const auto first = sharing.Enter("192.0.2.1");
  const auto second = sharing.Enter("192.0.2.1");
  const auto third = sharing.Enter("192.0.2.200");
  CHECK_FALSE(first->lost());
  const auto fourth = sharing.Enter("192.0.2.77");
  CHECK(first->lost());
  CHECK_FALSE(second->lost());
  CHECK(sharing.told == 1);
  CHECK(sharing.shares.taken() == 3);
  sharing.shares.Leave(first);  // who lost has nothing to give back
  CHECK(sharing.shares.taken() == 3);
  sharing.shares.Leave(second);
  const auto fifth = sharing.Enter("192.0.2.1");
  CHECK_FALSE(third->lost());
  CHECK_FALSE(fourth->lost());
  CHECK_FALSE(fifth->lost());
}

TEST_CASE("when all is taken the largest holder makes room", "[engine]") {
  Sharing sharing;
  const auto alone = sharing.Enter("198.51.100.1");
  std::vector<Shares::PlacePtr> crowd;
  // Of one /32, in three /48s.
  for (const char* address : {"2001:db8:1::1", "2001:db8:1:2::1", "2001:db8:2::1", "2001:db8:3::1",
                              "2001:db8:3:1::1", "2001:db8:3:2::1"}) {
    crowd.push_back(sharing.Enter(address));
  }
  const auto another = sharing.Enter("203.0.113.1");
  REQUIRE(sharing.shares.taken() == kFew.most);
  const auto next = sharing.Enter("233.252.0.1");
  CHECK(crowd[3]->lost());
  CHECK(sharing.told == 1);
  // However many come of the crowd, they take each other's places.
  for (int i = 0; i < 1000; ++i) {
    sharing.Enter("2001:db8:" + std::to_string(i % 100) + "::1");
  }
  for (const auto& one : {alone, another, next}) CHECK_FALSE(one->lost());
  CHECK(sharing.shares.taken() == kFew.most);
}

TEST_CASE("a crowd does not take its own places by the minute, others take them at once",
          "[engine]") {
  Sharing sharing({.most = 3, .most_of_one = 3, .least_hold = Millis(1000)});
  const auto first = sharing.Enter("192.0.2.1");
  sharing.Enter("192.0.2.2");
  sharing.Enter("192.0.2.3");
  CHECK(sharing.Enter("192.0.2.4") == nullptr);
  CHECK(sharing.Enter("192.0.9.4") == nullptr);
  CHECK_FALSE(first->lost());
  CHECK(sharing.Enter("198.51.100.1") != nullptr);
  CHECK(first->lost());
  sharing.now += Millis(1000);
  CHECK(sharing.Enter("192.0.2.4") != nullptr);
}

}  // namespace
}  // namespace mxward
