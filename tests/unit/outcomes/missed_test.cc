// SPDX-License-Identifier: Apache-2.0
#include "outcomes/missed.h"

#include <string>

#include "catch.h"

namespace mxward::outcomes {
namespace {

const IpAddress kLost = *IpAddress::Parse("192.0.2.7");
const IpAddress kOther = *IpAddress::Parse("192.0.2.9");
const IpAddress kSix = *IpAddress::Parse("2001:db8:1:2::25");

Row LostRow(std::uint32_t lost, std::uint32_t late = 0, std::uint32_t longest = 0) {
  Row row;
  row.counts = {lost, late, longest, 1767571200 + longest, 0, 0};
  return row;
}

Missed Only(const std::map<std::string, Row>& rows) {
  const auto groups = GroupMissed(rows);
  REQUIRE(groups.size() == 1);
  return groups.front();
}

TEST_CASE("one client of an organisation is let in by its address", "[outcomes]") {
  const Missed one = Only({{MissedName("example.org", kLost, false), LostRow(2, 1, 4000)}});
  CHECK(one.organisation == "example.org");
  CHECK(one.clients == std::vector<std::string>{"192.0.2.7"});
  CHECK(one.all_clients == 1);
  CHECK(one.lost == 2);
  CHECK(one.late == 1);
  CHECK(one.longest == Seconds(4000));
  CHECK(one.last == WallTime(Seconds(1767575200)));
  CHECK(one.kind == entries::Kind::kClient);
  CHECK(one.key == "192.0.2.7");
  CHECK(Only({{MissedName("example.org", kSix, false), LostRow(1)}}).key == "2001:db8:1:2::/64");
}

TEST_CASE("an organisation's own verified name lets it in, from any address", "[outcomes]") {
  CHECK(MissedName("example.org", kLost, true) == MissedName("example.org", kOther, true));
  const Missed one = Only({{MissedName("example.org", kLost, true), LostRow(1)}});
  CHECK(one.kind == entries::Kind::kClientName);
  CHECK(one.key == "example.org");
  CHECK(one.all_clients == 0);
}

TEST_CASE("several clients of an organisation are let in by their sender", "[outcomes]") {
  std::map<std::string, Row> rows;
  for (std::uint32_t i = 1; i <= 7; ++i) {
    rows.emplace(MissedName("example.org", IpAddress::V4(0xc0000200 + i), false), LostRow(1));
  }
  const Missed one = Only(rows);
  CHECK(one.kind == entries::Kind::kSenderDomain);
  CHECK(one.key == "example.org");
  CHECK(one.all_clients == 7);
  CHECK(one.clients.size() == Missed::kMaxClients);
  CHECK(one.lost == 7);
  const Missed mixed = Only({{MissedName("example.org", kLost, true), LostRow(1)},
                             {MissedName("example.org", kLost, false), LostRow(1)}});
  CHECK(mixed.kind == entries::Kind::kSenderDomain);
}

TEST_CASE("bounces, and senders without a domain, are let in client by client", "[outcomes]") {
  for (const char* organisation : {"<>", ""}) {
    const auto groups = GroupMissed({{MissedName(organisation, kLost, false), LostRow(1)},
                                     {MissedName(organisation, kOther, false), LostRow(3)}});
    REQUIRE(groups.size() == 2);
    CHECK(groups[0].key == "192.0.2.9");
    CHECK(groups[1].key == "192.0.2.7");
    CHECK(groups[0].kind == entries::Kind::kClient);
  }
}

TEST_CASE("those that lost most come first, then those that were late most", "[outcomes]") {
  const auto groups = GroupMissed({{MissedName("late.example", kLost, false), LostRow(0, 9, 5000)},
                                   {MissedName("later.example", kLost, false), LostRow(0, 9, 9000)},
                                   {MissedName("lost.example", kLost, false), LostRow(1)},
                                   {"", LostRow(99)}});
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].organisation == "lost.example");
  CHECK(groups[1].organisation == "later.example");
  CHECK(groups[2].organisation == "late.example");
}

TEST_CASE("whom a row is about", "[outcomes]") {
  const Key missed{1, Kind::kMissed, MissedName("example.org", kLost, false)};
  const Key six{1, Kind::kMissed, MissedName("example.org", kSix, false)};
  const Key organisation{1, Kind::kOrganisation, "example.org"};
  const Key finding{1, Kind::kFinding, "example.org"};
  CHECK(IsAboutClient(missed, Prefix(kLost, 32)));
  CHECK(IsAboutClient(missed, Prefix(kLost, 24)));
  CHECK_FALSE(IsAboutClient(missed, Prefix(kOther, 32)));
  CHECK(IsAboutClient(six, Prefix(kSix, 128)));
  CHECK_FALSE(IsAboutClient(organisation, Prefix(kLost, 24)));
  CHECK(IsAboutDomain(missed, "example.org"));
  CHECK(IsAboutDomain(organisation, "example.org"));
  CHECK(IsAboutDomain(organisation, "org"));
  CHECK_FALSE(IsAboutDomain(organisation, "mail.example.org"));
  CHECK_FALSE(IsAboutDomain(finding, "example.org"));
}

}  // namespace
}  // namespace mxward::outcomes
