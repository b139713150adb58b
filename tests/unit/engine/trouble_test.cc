// SPDX-License-Identifier: Apache-2.0
#include "engine/trouble.h"

#include <string>

#include "catch.h"

namespace mxward {
namespace {

const IpAddress kTroublesome = *IpAddress::Parse("2001:db8:1:1::1");
const MonoTime kBegin{Seconds(10000)};

TEST_CASE("trouble is spent and comes back, by the client alone", "[engine]") {
  Trouble trouble;
  for (int i = 0; i < Trouble::kBurst; ++i) {
    CHECK_FALSE(trouble.IsOverBudget(kTroublesome, kBegin));
    trouble.Note(kTroublesome, kBegin);
  }
  CHECK(trouble.IsOverBudget(kTroublesome, kBegin));
  CHECK(trouble.IsOverBudget(*IpAddress::Parse("2001:db8:1:1:ffff::9"), kBegin));
  CHECK_FALSE(trouble.IsOverBudget(*IpAddress::Parse("2001:db8:1:2::1"), kBegin));
  // However much there was, one is back soon.
  for (int i = 0; i < 1000; ++i) trouble.Note(kTroublesome, kBegin);
  CHECK(trouble.IsOverBudget(kTroublesome, kBegin + Trouble::kInterval - Seconds(1)));
  CHECK_FALSE(trouble.IsOverBudget(kTroublesome, kBegin + Trouble::kInterval));
  CHECK_FALSE(trouble.IsOverBudget(kTroublesome, kBegin + 1000 * Trouble::kInterval));
}

TEST_CASE("a crowd of clients with a little trouble does not make one with much forgotten",
          "[engine]") {
  Trouble trouble;
  for (int i = 0; i < Trouble::kBurst; ++i) trouble.Note(kTroublesome, kBegin);
  for (std::uint32_t i = 0; i < 3 * Trouble::kMostClients; ++i) {
    trouble.Note(IpAddress::V4(i), kBegin);
  }
  CHECK(trouble.IsOverBudget(kTroublesome, kBegin));
}

TEST_CASE("a name that failed is remembered for a minute, as that name and type", "[engine]") {
  Trouble trouble;
  const dns::Question failed{"a.stranger.example", dns::RecordType::kMx};
  trouble.NoteFailed(failed, kBegin);
  CHECK(trouble.HasFailed(failed, kBegin + Seconds(59)));
  CHECK_FALSE(trouble.HasFailed(failed, kBegin + Seconds(60)));
  CHECK_FALSE(trouble.HasFailed({"stranger.example", dns::RecordType::kMx}, kBegin));
  CHECK_FALSE(trouble.HasFailed({"b.stranger.example", dns::RecordType::kMx}, kBegin));
  CHECK_FALSE(trouble.HasFailed({"a.stranger.example", dns::RecordType::kA}, kBegin));
  for (std::size_t i = 0; i < 2 * Trouble::kMostNames; ++i) {
    trouble.NoteFailed({std::to_string(i) + ".example", dns::RecordType::kA}, kBegin + Seconds(1));
  }
  CHECK_FALSE(trouble.HasFailed(failed, kBegin + Seconds(1)));
}

}  // namespace
}  // namespace mxward
