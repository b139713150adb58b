// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "limits/limits.h"
#include "tests/unit/catch.h"
#include "tests/unit/limits/some_limits.h"

namespace mxward::limits {
namespace {

// "10/1h, over 50 % of its recipients".
struct HarvestFixture : LimitsFixture {
  LimitConfig limit = SomeLimit(LimitCount::kBadRecipients, LimitPer::kClient, 10, Seconds(3600));
  Subject subject = From("192.0.2.1");

  void Note(const std::string& recipient, bool bad) {
    subject.recipient = recipient;
    limits.NoteRecipient(limit, subject, bad);
  }
  void Bad(int count, const std::string& prefix = "bad") {
    for (int i = 0; i < count; ++i) Note(prefix + std::to_string(i) + "@here.example", true);
  }
  void Good(int count, const std::string& prefix = "good") {
    for (int i = 0; i < count; ++i) Note(prefix + std::to_string(i) + "@here.example", false);
  }
  State Look() { return limits.Look(limit, subject); }
};

TEST_CASE_METHOD(HarvestFixture, "so many bad recipients are a harvest", "[limits]") {
  Bad(9);
  CHECK_FALSE(Look().over);
  CHECK(Look().used == 9);
  CHECK(Look().wait == Millis(0));
  Bad(10);
  CHECK(Look().over);
  CHECK(Look().used == 10);
  CHECK(Look().wait == Seconds(360));
  clock.Advance(Seconds(359));
  CHECK(Look().over);
  clock.Advance(Seconds(1));
  CHECK_FALSE(Look().over);
}

TEST_CASE_METHOD(HarvestFixture, "a bad recipient counts once in the period", "[limits]") {
  for (int i = 0; i < 100; ++i) Note("Nobody@Here.Example", true);
  Note("<nobody@here.example>", true);
  CHECK(Look().used == 1);
  clock.Advance(Seconds(3599));
  Note("nobody@here.example", true);
  CHECK(Look().used == 0);
  clock.Advance(Seconds(1));
  Note("nobody@here.example", true);
  CHECK(Look().used == 1);
}

TEST_CASE_METHOD(HarvestFixture, "a key is split where its sender begins, whatever that contains",
                 "[limits]") {
  const std::string_view sender =
      GENERATE("a@odd domain", "\"a b\"@example.org", "\"a b\"@[c d e]");
  subject.client_name = "mail.example.net";
  subject.sender = sender;
  Bad(20);
  const State state = Look();
  REQUIRE(state.of_sender);
  CHECK(PartsOf(state).client == "192.0.2.1");
  CHECK(state.key == "192.0.2.1 " + std::string(PartsOf(state).sender));
  State client = state;
  client.of_sender = false;
  client.key = "\"joe smith\"@example.org";
  CHECK(PartsOf(client).client == client.key);
  CHECK(PartsOf(client).sender.empty());
}

TEST_CASE_METHOD(HarvestFixture, "the same one of two clients counts for both", "[limits]") {
  Bad(10);
  subject = From("192.0.2.2");
  CHECK(Look().used == 0);
  Bad(3);
  CHECK(Look().used == 3);
  CHECK_FALSE(Look().over);
}

TEST_CASE_METHOD(HarvestFixture, "a client with as many good recipients does not harvest",
                 "[limits]") {
  SECTION("good ones first") {
    Good(10);
    Bad(10);
    CHECK(Look().used == 10);
    CHECK_FALSE(Look().over);
  }
  SECTION("bad ones first") {
    Bad(10);
    CHECK(Look().over);
    Good(9);
    CHECK(Look().over);
    Good(10);
    CHECK_FALSE(Look().over);
    CHECK(Look().wait == Millis(0));
  }
  SECTION("the share is that of the limit") {
    limit.share = 20;  // ten of fifty
    Good(39);
    Bad(10);
    CHECK(Look().over);
    Good(40);
    CHECK_FALSE(Look().over);
  }
  SECTION("over no per cent: any bad ones") {
    limit.share = 0;
    Good(100);
    Bad(10);
    CHECK(Look().over);
  }
  SECTION("over a hundred per cent: never") {
    limit.share = 100;
    Bad(10);
    CHECK_FALSE(Look().over);
  }
}

TEST_CASE_METHOD(HarvestFixture, "a harvester does not hide behind one good recipient",
                 "[limits]") {
  for (int i = 0; i < 20; ++i) {
    Note("postmaster@here.example", false);
    Note(std::to_string(i) + "@here.example", true);
  }
  CHECK(Look().over);
}

TEST_CASE_METHOD(HarvestFixture, "good recipients of long ago forgive nothing", "[limits]") {
  Good(1000);
  clock.Advance(Seconds(2 * 3600));
  Bad(10);
  CHECK(Look().over);
}

TEST_CASE_METHOD(HarvestFixture, "a network counts its clients without a good name together",
                 "[limits]") {
  limit.per = LimitPer::kNetwork;
  for (int i = 1; i <= 10; ++i) {
    subject = From("192.0.2." + std::to_string(i));
    Note(std::to_string(i) + "@here.example", true);
  }
  CHECK(Look().key == "192.0.2.0/24");
  CHECK(Look().over);
  limits.Reset(limit, "");
  subject = From("192.0.2.1", "mail.example.org");
  Bad(10);
  subject = From("192.0.2.1");
  CHECK(Look().used == 0);
}

TEST_CASE_METHOD(HarvestFixture, "what is spared or nobody is not noted", "[limits]") {
  Note("", true);
  CHECK(Look().used == 0);
  limit.spare_networks = {Prefix::Parse("192.0.2.0/24").value()};
  Bad(10);
  limit.spare_networks.clear();
  CHECK(Look().used == 0);
}

TEST_CASE_METHOD(HarvestFixture, "a harvest is listed, and forgotten as a whole", "[limits]") {
  Good(3);
  Bad(10);
  const auto list = limits.List({limit});
  REQUIRE(list.size() == 1);
  CHECK(list[0].state.over);
  CHECK(list[0].state.key == "192.0.2.1");
  CHECK(list[0].denied == 0);
  limits.NoteDenied(limit, Look());
  CHECK(limits.List({limit})[0].denied == 1);
  CHECK(limits.Reset(limit, "192.0.2.1") == 1);
  CHECK(limits.List({limit}).empty());
  CHECK(limits.stats().counters == 0);
  Bad(9);
  CHECK(Look().used == 9);
}

TEST_CASE_METHOD(HarvestFixture, "a harvest survives a restart", "[limits]") {
  Bad(10);
  Limits after(clock, kTestKey, 1 << 20);
  after.Restore(SaveAll(limits), Seconds(0));
  CHECK(after.Look(limit, subject).over);
  subject.recipient = "bad0@here.example";
  after.Restore(SaveAll(limits), Seconds(0));
  after.NoteRecipient(limit, subject, true);
  CHECK(after.Look(limit, subject).used == 10);
}

}  // namespace
}  // namespace mxward::limits
