// SPDX-License-Identifier: Apache-2.0
#include "engine/spf_failures.h"

#include <string>

#include "catch.h"

namespace mxward {
namespace {

const MonoTime kFailuresBegin{std::chrono::hours(100)};

IpAddress FailingClient(const std::string& text) { return *IpAddress::Parse(text); }

TEST_CASE("SPF that fails a second time within the hour has failed again", "[engine]") {
  SpfFailures failures;
  const IpAddress client = FailingClient("192.0.2.10");
  CHECK_FALSE(failures.Note(client, "evil.example", kFailuresBegin));
  CHECK_FALSE(failures.HasFailed(client, "evil.example", kFailuresBegin));
  SECTION("the same moment is the same failure") {
    CHECK_FALSE(failures.Note(client, "evil.example", kFailuresBegin + Seconds(59)));
    CHECK(failures.Note(client, "evil.example", kFailuresBegin + Seconds(60)));
  }
  SECTION("an hour later") {
    CHECK(failures.HasFailed(client, "evil.example", kFailuresBegin + Seconds(3600)));
    CHECK(failures.Note(client, "evil.example", kFailuresBegin + Seconds(3600)));
  }
  SECTION("more than an hour later") {
    CHECK_FALSE(failures.HasFailed(client, "evil.example", kFailuresBegin + Seconds(3601)));
    CHECK_FALSE(failures.Note(client, "evil.example", kFailuresBegin + Seconds(3601)));
  }
  SECTION("a neighbour's counts") {
    CHECK(failures.Note(FailingClient("192.0.2.99"), "evil.example", kFailuresBegin + Seconds(60)));
  }
  SECTION("another network's does not, nor another domain's") {
    const MonoTime later = kFailuresBegin + Seconds(60);
    CHECK_FALSE(failures.Note(FailingClient("192.0.3.10"), "evil.example", later));
    CHECK_FALSE(failures.Note(client, "other.example", later));
    CHECK_FALSE(failures.Note(FailingClient("2001:db8::1"), "evil.example", later));
  }
}

TEST_CASE("failures of SPF are bounded, and a crowd of one network forgets its own", "[engine]") {
  SpfFailures failures;
  const IpAddress victim = FailingClient("192.0.2.10");
  failures.Note(victim, "example.org", kFailuresBegin);
  for (std::size_t i = 0; i < 2 * SpfFailures::kMost; ++i) {
    failures.Note(FailingClient("2001:db8::1"), std::to_string(i), kFailuresBegin + Seconds(1));
  }
  CHECK(failures.size() == SpfFailures::kMost);
  CHECK(failures.HasFailed(victim, "example.org", kFailuresBegin + Seconds(100)));
  // What is over gives way first.
  failures.Note(victim, "example.net", kFailuresBegin + Seconds(3700));
  CHECK(failures.size() == 1);
}

}  // namespace
}  // namespace mxward
