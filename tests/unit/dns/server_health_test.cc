// SPDX-License-Identifier: Apache-2.0
#include "dns/server_health.h"

#include "tests/unit/catch.h"

namespace mxward::dns {
namespace {

MonoTime At(int seconds) { return MonoTime(Seconds(1000 + seconds)); }

TEST_CASE("silence in a row takes a server down, any answer brings it back", "[dns]") {
  ServerHealth health;
  for (int i = 1; i < ServerHealth::kSilent; ++i) CHECK_FALSE(health.NoteSilence(At(i)));
  CHECK(health.up());
  CHECK(health.NoteSilence(At(9)));
  CHECK_FALSE(health.up());
  CHECK(health.reason() == "no answer, 5 times in a row");
  CHECK_FALSE(health.NoteSilence(At(10)));
  CHECK(health.NoteError(At(11), "SERVFAIL"));
  CHECK(health.up());
}

TEST_CASE("silence to a question does not count when the server was heard meanwhile", "[dns]") {
  ServerHealth health;
  for (int i = 0; i < 100; ++i) {
    health.NoteAnswer(At(i));
    for (int j = 0; j < 100; ++j) CHECK_FALSE(health.NoteSilence(At(i)));
  }
  CHECK(health.up());
}

TEST_CASE("an answer between silences begins the count anew", "[dns]") {
  ServerHealth health;
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(health.NoteSilence(At(i)));
    if (i % 4 == 3) health.NoteAnswer(At(i));
  }
  CHECK(health.up());
}

TEST_CASE("many errors in a row take a server down, and only a good answer brings it back",
          "[dns]") {
  ServerHealth health;
  for (int i = 1; i < ServerHealth::kErrors; ++i) CHECK_FALSE(health.NoteError(At(i), "SERVFAIL"));
  CHECK(health.NoteError(At(50), "REFUSED"));
  CHECK(health.reason() == "REFUSED, 20 times in a row");
  CHECK_FALSE(health.NoteError(At(51), "REFUSED"));
  CHECK_FALSE(health.up());
  CHECK(health.NoteAnswer(At(52)));
  CHECK(health.up());
  CHECK_FALSE(health.NoteError(At(53), "REFUSED"));
}

TEST_CASE("nobody listening takes a server down", "[dns]") {
  ServerHealth health;
  for (int i = 1; i < ServerHealth::kSilent; ++i) {
    CHECK_FALSE(health.NoteUnreachable("connection refused"));
  }
  CHECK(health.NoteUnreachable("connection refused"));
  CHECK(health.NoteAnswer(At(1)));
}

}  // namespace
}  // namespace mxward::dns
