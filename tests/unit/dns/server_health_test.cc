// SPDX-License-Identifier: Apache-2.0
#include "dns/server_health.h"

#include "tests/unit/catch.h"

namespace mxward::dns {
namespace {

MonoTime At(Millis millis) { return MonoTime(Seconds(1000)) + millis; }

constexpr Millis kWait{500};
constexpr std::size_t kNames = 3;

// A probe sent then is not answered.
bool Silence(ServerHealth& health, int sent) {
  return health.NoteSilence(At(Millis(sent)), At(Millis(sent) + kWait), "no answer");
}

TEST_CASE("three silent probes over two seconds take a server down", "[dns]") {
  ServerHealth health;
  CHECK_FALSE(Silence(health, 0));
  CHECK_FALSE(Silence(health, 1000));
  CHECK(health.state() == ServerState::kUp);
  CHECK(Silence(health, 2000));
  CHECK(health.state() == ServerState::kDown);
  CHECK(health.reason() == "no answer to 3 probes in a row");
  CHECK_FALSE(Silence(health, 2500));
}

TEST_CASE("many silent probes in less than two seconds do not", "[dns]") {
  ServerHealth health;
  for (int i = 0; i < 14; ++i) CHECK_FALSE(Silence(health, i * 100));
  CHECK(health.state() == ServerState::kUp);
  CHECK(Silence(health, 1500));
}

TEST_CASE("any answer, whatever its code, between silent probes says that it can be reached",
          "[dns]") {
  ServerHealth health;
  for (const std::string error : {"", "SERVFAIL", "REFUSED"}) {
    for (int i = 0; i < 10; ++i) {
      Silence(health, i * 3000);
      Silence(health, i * 3000 + 1000);
      CHECK_FALSE(health.NoteReply(At(Millis(i * 3000 + 2000)), error, kNames));
      CHECK(health.state() == ServerState::kUp);
    }
  }
}

TEST_CASE("a probe that was lost says nothing when a later one was answered", "[dns]") {
  ServerHealth health;
  health.NoteReply(At(Millis(5000)), "", kNames);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(Silence(health, i * 1000));
  CHECK(health.state() == ServerState::kUp);
}

TEST_CASE("a server that is down is up with the first answer", "[dns]") {
  ServerHealth health;
  for (int i = 0; i < 3; ++i) Silence(health, i * 1000);
  REQUIRE(health.state() == ServerState::kDown);
  CHECK(health.NoteReply(At(Millis(4000)), "", kNames));
  CHECK(health.state() == ServerState::kUp);
  CHECK(health.reason().empty());
}

TEST_CASE("an error to every name is a state of its own", "[dns]") {
  ServerHealth health;
  CHECK_FALSE(health.NoteReply(At(Millis(0)), "SERVFAIL", kNames));
  CHECK(health.undecided());
  CHECK_FALSE(health.NoteReply(At(Millis(10)), "SERVFAIL", kNames));
  CHECK(health.NoteReply(At(Millis(20)), "SERVFAIL", kNames));
  CHECK(health.state() == ServerState::kFailing);
  CHECK(health.reason() == "SERVFAIL to all 3 probes");
  CHECK_FALSE(health.undecided());
  CHECK_FALSE(health.NoteReply(At(Millis(30)), "SERVFAIL", kNames));
  CHECK(health.NoteReply(At(Millis(40)), "", kNames));
  CHECK(health.state() == ServerState::kUp);
}

TEST_CASE("one name that gets an answer is enough to be up", "[dns]") {
  ServerHealth health;
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(health.NoteReply(At(Millis(i)), i % 3 == 2 ? "" : "REFUSED", kNames));
  }
  CHECK(health.state() == ServerState::kUp);
}

TEST_CASE("a server that fails can go down, and one that was down can fail", "[dns]") {
  ServerHealth health;
  for (int i = 0; i < 3; ++i) health.NoteReply(At(Millis(i)), "SERVFAIL", kNames);
  for (int i = 1; i < 4; ++i) Silence(health, i * 1000);
  CHECK(health.state() == ServerState::kDown);
  for (int i = 0; i < 3; ++i) health.NoteReply(At(Millis(9000 + i)), "SERVFAIL", kNames);
  CHECK(health.state() == ServerState::kFailing);
}

}  // namespace
}  // namespace mxward::dns
