// SPDX-License-Identifier: Apache-2.0
#include "engine/noted_clients.h"

#include "catch.h"

namespace mxward {
namespace {

TEST_CASE("a client is noted once a minute, and when its listings change", "[engine]") {
  NotedClients noted;
  const MonoTime now{Seconds(6000)};
  CHECK_FALSE(noted.CheckAndInsert(77, 1, now));
  CHECK(noted.CheckAndInsert(77, 1, now + Seconds(59)));
  CHECK_FALSE(noted.CheckAndInsert(77, 2, now + Seconds(59)));
  CHECK(noted.CheckAndInsert(77, 2, now + Seconds(59)));
  CHECK_FALSE(noted.CheckAndInsert(77, 2, now + Seconds(60)));
  CHECK_FALSE(noted.CheckAndInsert(78, 2, now + Seconds(60)));
  CHECK(noted.CheckAndInsert(77, 2, now + Seconds(61)));
}

TEST_CASE("clients that share a place are both noted", "[engine]") {
  NotedClients noted;
  const MonoTime now{Seconds(6000)};
  CHECK_FALSE(noted.CheckAndInsert(5, 1, now));
  CHECK_FALSE(noted.CheckAndInsert(5 + 4096, 1, now));
  CHECK_FALSE(noted.CheckAndInsert(5, 1, now));
}

}  // namespace
}  // namespace mxward
