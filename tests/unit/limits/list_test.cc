// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "limits/hot_keys.h"
#include "limits/limits.h"
#include "tests/unit/catch.h"
#include "tests/unit/limits/some_limits.h"

namespace mxward::limits {
namespace {

const LimitConfig kTen = SomeLimit(LimitCount::kConnections, LimitPer::kClient, 10, Seconds(60));

struct ListFixture : LimitsFixture {
  void Take(const LimitConfig& limit, const Subject& subject, int count) {
    for (int i = 0; i < count; ++i) limits.Take(limit, subject);
  }
};

TEST_CASE_METHOD(ListFixture, "who is near to a limit or over it is listed", "[limits]") {
  Take(kTen, From("192.0.2.1"), 7);
  CHECK(limits.List({kTen}).empty());
  clock.Advance(Millis(1));
  Take(kTen, From("192.0.2.1"), 1);
  const auto list = limits.List({kTen});
  REQUIRE(list.size() == 1);
  CHECK(list[0].state.limit == "some limit");
  CHECK(list[0].state.key == "192.0.2.1");
  CHECK(list[0].state.used == 8);
  CHECK_FALSE(list[0].state.over);
  CHECK(list[0].since == clock.Now());
  CHECK(list[0].denied == 0);
}

TEST_CASE_METHOD(ListFixture, "those that are over come first", "[limits]") {
  Take(kTen, From("192.0.2.1"), 12);
  const WallTime since = clock.Now();
  clock.Advance(Seconds(1));
  Take(kTen, From("192.0.2.1"), 1);
  Take(kTen, From("192.0.2.2"), 9);
  const auto list = limits.List({kTen});
  REQUIRE(list.size() == 2);
  CHECK(list[0].state.key == "192.0.2.1");
  CHECK(list[0].state.over);
  CHECK(list[0].state.wait == Seconds(5));
  CHECK(list[0].since == since);
  CHECK(list[0].denied == 0);
  CHECK(list[1].state.key == "192.0.2.2");
}

TEST_CASE_METHOD(ListFixture, "who falls below is not listed any more, and begins anew",
                 "[limits]") {
  Take(kTen, From("192.0.2.1"), 12);
  clock.Advance(Seconds(17));  // 7.2 are left
  CHECK(limits.List({kTen}).size() == 1);
  clock.Advance(Seconds(2));
  SECTION("somebody looked meanwhile") { CHECK(limits.List({kTen}).empty()); }
  SECTION("nobody looked") {}
  Take(kTen, From("192.0.2.1"), 3);
  const auto list = limits.List({kTen});
  REQUIRE(list.size() == 1);
  CHECK(list[0].since == clock.Now());
  CHECK(list[0].denied == 0);
}

TEST_CASE_METHOD(ListFixture, "open connections are listed while they are open", "[limits]") {
  LimitConfig open = SomeLimit(LimitCount::kConcurrent, LimitPer::kClient, 2, Seconds(0));
  open.name = "open";
  State state;
  {
    const Limits::Open first = limits.Enter(open, From("192.0.2.1"), &state);
    CHECK(limits.List({open}).empty());
    const Limits::Open second = limits.Enter(open, From("192.0.2.1"), &state);
    const Limits::Open third = limits.Enter(open, From("192.0.2.1"), &state);
    const auto list = limits.List({kTen, open});
    REQUIRE(list.size() == 1);
    CHECK(list[0].state.limit == "open");
    CHECK(list[0].state.used == 3);
    CHECK(list[0].state.over);
    CHECK(list[0].denied == 0);
    // They are open, whatever anybody says.
    CHECK(limits.Reset(open, "192.0.2.1") == 0);
    CHECK(limits.Look(open, From("192.0.2.1")).used == 3);
  }
  CHECK(limits.List({open}).empty());
}

TEST_CASE_METHOD(ListFixture, "who was turned away is counted until he has been below",
                 "[limits]") {
  Take(kTen, From("192.0.2.1"), 10);
  const State over = limits.Look(kTen, From("192.0.2.1"));
  for (int i = 0; i < 3; ++i) limits.NoteDenied(kTen, over);
  CHECK(limits.List({kTen})[0].denied == 3);
  clock.Advance(Seconds(19));
  Take(kTen, From("192.0.2.1"), 3);
  CHECK(limits.List({kTen})[0].denied == 0);
}

TEST_CASE_METHOD(ListFixture, "limits that are not asked for are not listed", "[limits]") {
  Take(kTen, From("192.0.2.1"), 10);
  CHECK(limits.List({}).empty());
  LimitConfig changed = kTen;
  changed.per = LimitPer::kNetwork;
  CHECK(limits.List({changed}).empty());
}

TEST_CASE_METHOD(ListFixture, "a key is forgotten by what is listed, or any other spelling",
                 "[limits]") {
  const auto reset = [&](LimitPer per, const Subject& subject, const std::string& text) {
    LimitConfig limit = kTen;
    limit.per = per;
    Take(limit, subject, 9);
    const std::size_t count = limits.Reset(limit, text);
    CHECK(limits.List({limit}).size() == 1 - count);
    CHECK(limits.Look(limit, subject).used == (count == 0 ? 9 : 0));
    limits.Reset(limit, "");
    CHECK(limits.Look(limit, subject).used == 0);
    return count;
  };
  Subject v6 = From("2001:db8:1:2::1");
  v6.sender = "Joe@Example.Org";
  v6.user = "Joe";
  CHECK(reset(LimitPer::kClient, From("192.0.2.1"), "192.0.2.1") == 1);
  CHECK(reset(LimitPer::kClient, From("192.0.2.1"), "192.0.2.2") == 0);
  CHECK(reset(LimitPer::kClient, From("192.0.2.1"), "192.0.2.0/24") == 0);
  CHECK(reset(LimitPer::kClient, From("192.0.2.1"), "nonsense") == 0);
  CHECK(reset(LimitPer::kNetwork, From("192.0.2.1"), "192.0.2.0/24") == 1);
  CHECK(reset(LimitPer::kNetwork, From("192.0.2.1"), "192.0.2.77") == 1);
  CHECK(reset(LimitPer::kClient, v6, "2001:db8:1:2::/64") == 1);
  CHECK(reset(LimitPer::kClient, v6, "2001:DB8:1:2::77") == 1);
  CHECK(reset(LimitPer::kSender, v6, "joe@example.org") == 1);
  CHECK(reset(LimitPer::kSender, v6, "<JOE@example.org>") == 1);
  CHECK(reset(LimitPer::kSenderDomain, v6, "Example.org") == 1);
  CHECK(reset(LimitPer::kUser, v6, "JOE") == 1);
  CHECK(reset(LimitPer::kUser, v6, "jane") == 0);
}

TEST_CASE_METHOD(ListFixture, "all keys of a limit are forgotten, and none of another",
                 "[limits]") {
  LimitConfig other = kTen;
  other.name = "another";
  for (int i = 1; i <= 100; ++i) {
    Take(kTen, From("192.0.2." + std::to_string(i)), 9);
    Take(other, From("192.0.2." + std::to_string(i)), 9);
  }
  CHECK(limits.List({kTen, other}).size() == 200);
  CHECK(limits.Reset(kTen, "") == 100);
  CHECK(limits.List({kTen, other}).size() == 100);
  CHECK(limits.stats().counters == 100);
  CHECK(limits.Look(other, From("192.0.2.1")).used == 9);
}

TEST_CASE_METHOD(ListFixture, "a long list forgets those who were near the longest ago",
                 "[limits]") {
  Take(kTen, From("192.0.2.1"), 9);
  Take(kTen, From("192.0.2.2"), 9);
  const auto busy = [](std::size_t i) {
    return From("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256));
  };
  for (std::size_t i = 0; i + 2 < HotKeys::kMaxItems; ++i) Take(kTen, busy(i), 9);
  CHECK(limits.List({kTen}).size() == HotKeys::kMaxItems);
  Take(kTen, From("192.0.2.1"), 2);
  for (std::size_t i = 2000; i < 2500; ++i) Take(kTen, busy(i), 9);
  const auto list = limits.List({kTen});
  CHECK(list.size() == HotKeys::kMaxItems);
  CHECK(list[0].state.key == "192.0.2.1");  // the only one that is over
  for (const HotKey& hot_key : list) CHECK(hot_key.state.key != "192.0.2.2");
}

TEST_CASE_METHOD(ListFixture, "a key of any bytes and length does no harm", "[limits]") {
  LimitConfig limit = kTen;
  limit.per = LimitPer::kSender;
  for (const std::string& sender :
       {std::string(100000, 'x'), std::string("\0\xff\n@\0", 6), std::string("@@@@"),
        std::string("\"unbalanced@example.org"), std::string("<<a@b>>")}) {
    Subject subject = From("192.0.2.1");
    subject.sender = sender;
    if (!Limits::Applies(limit, subject)) continue;
    Take(limit, subject, 12);
    CHECK(limits.Look(limit, subject).over);
    limits.List({limit});
  }
}

}  // namespace
}  // namespace mxward::limits
