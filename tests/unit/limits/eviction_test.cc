// SPDX-License-Identifier: Apache-2.0
#include "limits/eviction.h"

#include <array>
#include <string>
#include <vector>

#include "tests/unit/catch.h"
#include "tests/unit/limits/some_limits.h"

namespace mxward::limits {
namespace {

// A set to put counters in, each with a timestamp of its own: the first is the stalest.
struct SetFixture {
  std::array<Counter, CounterSet::extent> places{};
  std::size_t count = 0;

  Counter* Add(std::string_view client) {
    Counter& counter = places[count];
    counter.key.id = count + 1;
    counter.key.holder = Holder(Ip(client));
    counter.tat = Tat(Seconds(1000 + count));
    ++count;
    return &counter;
  }
  // Each of another /16.
  void FillWithOthers() {
    for (unsigned i = 0; count < places.size(); ++i) Add("20." + std::to_string(i) + ".0.1");
  }
  CounterSet set() { return CounterSet(places); }
};

TEST_CASE("holders are IPv4 /16s, IPv6 /48s and above them /32s", "[limits]") {
  CHECK(Holder(Ip("192.0.2.1")) == Holder(Ip("192.0.255.1")));
  CHECK_FALSE(Holder(Ip("192.0.2.1")) == Holder(Ip("192.1.2.1")));
  CHECK(Holder(Ip("2001:db8:1:2::1")) == Holder(Ip("2001:db8:1:ffff::1")));
  CHECK_FALSE(Holder(Ip("2001:db8:1::1")) == Holder(Ip("2001:db8:2::1")));
  CHECK(Holder(Ip("2001:db8:1::1")).allotment() == Holder(Ip("2001:db8:2::1")).allotment());
  CHECK(Holder(Ip("2001:db8:1::1")).allotment() != Holder(Ip("2001:db9:1::1")).allotment());
  // 192.0/16 is no /32 with the same bits.
  CHECK(Holder(Ip("192.0.2.1")).allotment() != Holder(Ip("0:c000::1")).allotment());
  CHECK(Holder::OfNumber(Holder(Ip("2001:db8::1")).number()) == Holder(Ip("2001:db8::1")));
}

TEST_CASE_METHOD(SetFixture, "an IPv4 /16 has a quarter of a set at most", "[limits]") {
  Add("192.0.2.1");
  Counter* stalest = Add("198.51.100.1");
  for (std::size_t i = 2; i < kShareAllotment; ++i) Add("198.51.100.1");
  CHECK(BeyondShare(set(), Holder(Ip("198.51.0.1"))) == nullptr);
  Add("198.51.7.7");
  CHECK(BeyondShare(set(), Holder(Ip("198.51.0.1"))) == stalest);
  CHECK(BeyondShare(set(), Holder(Ip("192.0.2.1"))) == nullptr);
}

TEST_CASE_METHOD(SetFixture, "an IPv6 /48 has a sixteenth, its /32 a quarter", "[limits]") {
  const Holder site(Ip("2001:db8:1::1"));
  Add("192.0.2.1");
  Counter* of_other_site = Add("2001:db8:2::1");
  Counter* of_site = Add("2001:db8:1::1");
  for (std::size_t i = 1; i + 1 < kShareSite; ++i) Add("2001:db8:1:1::1");
  CHECK(BeyondShare(set(), site) == nullptr);
  Add("2001:db8:1:2::1");
  CHECK(BeyondShare(set(), site) == of_site);
  const Holder third(Ip("2001:db8:3::1"));
  for (std::size_t i = 1 + kShareSite; i < kShareAllotment; ++i) {
    CHECK(BeyondShare(set(), third) == nullptr);
    Add("2001:db8:" + std::to_string(100 + i) + "::1");
  }
  CHECK(BeyondShare(set(), third) == of_other_site);
  CHECK(BeyondShare(set(), Holder(Ip("2001:db9:3::1"))) == nullptr);
}

TEST_CASE_METHOD(SetFixture, "of a full set the largest holder loses its stalest", "[limits]") {
  Add("192.0.2.1");
  Counter* stalest_of_largest = Add("198.51.100.1");
  Add("203.0.113.1");
  Add("198.51.100.2");
  Add("203.0.113.1");
  Add("198.51.100.3");
  FillWithOthers();
  CHECK(VictimOfLargestHolder(set(), Holder(Ip("192.0.2.1"))) == stalest_of_largest);
}

TEST_CASE_METHOD(SetFixture, "the newcomer counts as if it were in", "[limits]") {
  Add("198.51.100.1");
  Counter* own = Add("192.0.2.1");
  Add("198.51.100.2");
  Add("192.0.2.2");
  FillWithOthers();
  CHECK(VictimOfLargestHolder(set(), Holder(Ip("192.0.2.3"))) == own);
}

TEST_CASE_METHOD(SetFixture, "of equally large holders the stalest counter goes", "[limits]") {
  Counter* stalest = Add("192.0.2.1");
  FillWithOthers();
  CHECK(VictimOfLargestHolder(set(), Holder(Ip("9.9.9.9"))) == stalest);
  stalest->tat = Tat(Seconds(100000));
  CHECK(VictimOfLargestHolder(set(), Holder(Ip("9.9.9.9"))) == &places[1]);
}

TEST_CASE_METHOD(SetFixture, "within the largest IPv6 /32 its largest /48 loses", "[limits]") {
  Add("2001:db8:1::1");
  Add("2001:db8:2::1");
  Counter* stalest = Add("2001:db8:3::1");
  Add("2001:db8:3::1");
  Add("192.0.2.1");
  Add("192.0.2.1");
  Add("192.0.2.1");
  FillWithOthers();
  CHECK(VictimOfLargestHolder(set(), Holder(Ip("9.9.9.9"))) == stalest);
}

}  // namespace
}  // namespace mxward::limits
