// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/week_mix.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/ip_address.h"
#include "catch.h"
#include "clients/dynamic_name.h"

namespace mxward {
namespace {

using Kind = WeekMix::Kind;

constexpr std::uint64_t kSessions = 140'000;  // a tenth of the week
constexpr std::uint64_t kRetryAfter = 5'000;

const WeekMix& Mix() {
  static const WeekMix mix(kSessions, 7, kRetryAfter);
  return mix;
}

double Share(Kind kind) {
  std::uint64_t count = 0;
  for (std::uint64_t i = 0; i < kSessions; ++i) count += Mix().KindOf(i) == kind ? 1 : 0;
  return 100.0 * static_cast<double>(count) / kSessions;
}

auto Tie(const BenchSession& session) {
  std::vector<std::string> texts = {session.client_address, session.client_name,
                                    session.claimed_name, std::string(session.resolved),
                                    session.helo};
  for (const BenchMessage& message : session.messages) {
    texts.push_back(message.sender);
    for (const BenchRecipient& recipient : message.recipients) {
      texts.push_back(recipient.address + (recipient.refused ? " refused" : ""));
    }
  }
  return texts;
}

TEST_CASE("a week is mixed as documented", "[bench]") {
  CHECK(Share(Kind::kKnown) == Approx(13).margin(0.5));
  CHECK(Share(Kind::kOrdinary) == Approx(8).margin(0.5));
  CHECK(Share(Kind::kFirst) == Approx(3).margin(0.3));
  CHECK(Share(Kind::kRetry) == Approx(2.6).margin(0.3));
  CHECK(Share(Kind::kHammer) == Approx(2).margin(0.3));
  CHECK(Share(Kind::kHarvest) == Approx(3).margin(0.3));
  CHECK(Share(Kind::kLeaves) == Approx(6).margin(0.3));
  CHECK(Share(Kind::kRepeat) == Approx(8).margin(0.5));
  CHECK(Share(Kind::kFresh) == Approx(54.4).margin(1));
}

TEST_CASE("most of a week comes from few of many clients", "[bench]") {
  std::map<std::uint32_t, std::uint64_t> visits;
  for (std::uint64_t i = 0; i < kSessions; ++i) ++visits[Mix().ClientOf(i)];
  CHECK(static_cast<double>(visits.size()) == Approx(5'300).epsilon(0.03));
  std::vector<std::uint64_t> counts;
  for (const auto& [client, count] : visits) counts.push_back(count);
  std::sort(counts.rbegin(), counts.rend());
  std::uint64_t of_few = 0;
  for (std::size_t i = 0; i < 400; ++i) of_few += counts[i];
  CHECK(of_few > kSessions / 2);
  CHECK(of_few < kSessions * 3 / 4);
}

TEST_CASE("the week is the same for the same seed", "[bench]") {
  const WeekMix again(kSessions, 7, kRetryAfter);
  const WeekMix other(kSessions, 8, kRetryAfter);
  std::uint64_t same = 0;
  for (std::uint64_t i = 0; i < kSessions; i += 97) {
    REQUIRE(Tie(Mix().At(i)) == Tie(again.At(i)));
    same += Tie(Mix().At(i)) == Tie(other.At(i)) ? 1 : 0;
  }
  CHECK(same == 0);
}

TEST_CASE("retries are what was tried before, and come late enough", "[bench]") {
  std::map<std::vector<std::string>, std::uint64_t> first;
  std::uint64_t retries = 0;
  for (std::uint64_t i = 0; i < kSessions; ++i) {
    if (Mix().KindOf(i) == Kind::kFirst) {
      CHECK(first.emplace(Tie(Mix().At(i)), i).second);
    } else if (Mix().KindOf(i) == Kind::kRetry) {
      ++retries;
      const auto found = first.find(Tie(Mix().At(i)));
      REQUIRE(found != first.end());
      CHECK(i - found->second >= kRetryAfter);
      first.erase(found);
    }
  }
  CHECK(retries > 3'000);
}

TEST_CASE("names in the week are what they are meant to be", "[bench]") {
  std::map<std::string, double> bots;
  for (std::uint64_t i = 0; i < kSessions; i += 3) {
    const BenchSession session = Mix().At(i);
    const auto client = IpAddress::Parse(session.client_address);
    REQUIRE(client);
    CHECK_FALSE(client->IsPrivate());
    const bool dynamic = LooksDynamic(session.client_name, *client);
    if (Mix().KindOf(i) == Kind::kOrdinary) CHECK((session.resolved == "OK" && !dynamic));
    if (Mix().KindOf(i) == Kind::kKnown) CHECK((session.resolved != "OK" || dynamic));
    if (Mix().KindOf(i) == Kind::kFresh) {
      ++bots[session.resolved != "OK" ? std::string(session.resolved)
             : dynamic                ? "dynamic"
                                      : "good"];
    }
  }
  const double all = (bots["FAIL"] + bots["FORGED"] + bots["dynamic"] + bots["good"]) / 100;
  CHECK(bots["dynamic"] / all == Approx(52).margin(5));
  CHECK(bots["FAIL"] / all == Approx(30).margin(5));
  CHECK(bots["FORGED"] / all == Approx(10).margin(4));
  CHECK(bots["good"] / all == Approx(8).margin(4));
}

TEST_CASE("known tuples of the week are those made known before", "[bench]") {
  std::map<std::tuple<std::string, std::string, std::string>, int> known;
  for (std::uint64_t i = 0; i < Mix().known_tuples(); ++i) {
    const BenchSession session = Mix().KnownTuple(i);
    ++known[{session.client_address, session.messages[0].sender,
             session.messages[0].recipients[0].address}];
  }
  CHECK(known.size() == Mix().known_tuples());
  for (std::uint64_t i = 0; i < kSessions; ++i) {
    if (Mix().KindOf(i) != Kind::kKnown) continue;
    const BenchSession session = Mix().At(i);
    for (const BenchMessage& message : session.messages) {
      CHECK(known.count({session.client_address, message.sender, message.recipients[0].address}) ==
            1);
    }
  }
}

}  // namespace
}  // namespace mxward
