// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "limits/limits.h"
#include "tests/unit/catch.h"
#include "tests/unit/limits/some_limits.h"

namespace mxward::limits {
namespace {

LimitConfig Per(LimitPer per) { return SomeLimit(LimitCount::kMessages, per, 3, Seconds(60)); }

// The key that a subject counts for, "" when the limit does not apply.
std::string KeyOf(const LimitConfig& limit, const Subject& subject) {
  const FakeClock clock;
  const Limits limits(clock, kTestKey, 0);
  return Limits::Applies(limit, subject) ? limits.Look(limit, subject).key : "";
}

TEST_CASE("each kind of key is found and shown", "[limits]") {
  Subject v4 = From("192.0.2.1");
  v4.sender = "Joe@Example.ORG";
  v4.recipient = "Jane@Example.COM";
  v4.user = "JOE";
  v4.account = "sendgrid:1";
  const Subject v6 = From("2001:db8:1:2:3::4");
  CHECK(KeyOf(Per(LimitPer::kClient), v4) == "192.0.2.1");
  CHECK(KeyOf(Per(LimitPer::kClient), v6) == "2001:db8:1:2::/64");
  CHECK(KeyOf(Per(LimitPer::kNetwork), v4) == "192.0.2.0/24");
  CHECK(KeyOf(Per(LimitPer::kNetwork), v6) == "2001:db8:1::/48");
  CHECK(KeyOf(Per(LimitPer::kSender), v4) == "joe@example.org");
  CHECK(KeyOf(Per(LimitPer::kSenderDomain), v4) == "example.org");
  CHECK(KeyOf(Per(LimitPer::kRecipient), v4) == "jane@example.com");
  CHECK(KeyOf(Per(LimitPer::kUser), v4) == "joe");
  CHECK(KeyOf(Per(LimitPer::kAccount), v4) == "sendgrid:1");
}

TEST_CASE("a limit per what is not known does not apply", "[limits]") {
  const Subject nothing;
  for (const LimitPer per :
       {LimitPer::kClient, LimitPer::kNetwork, LimitPer::kSender, LimitPer::kSenderDomain,
        LimitPer::kRecipient, LimitPer::kUser, LimitPer::kAccount}) {
    CHECK_FALSE(Limits::Applies(Per(per), nothing));
  }
  Subject null_sender = From("192.0.2.1");
  for (const std::string sender : {"", "<>", "  "}) {
    null_sender.sender = sender;
    CHECK_FALSE(Limits::Applies(Per(LimitPer::kSender), null_sender));
    CHECK_FALSE(Limits::Applies(Per(LimitPer::kSenderDomain), null_sender));
  }
  Subject unqualified = From("192.0.2.1");
  unqualified.sender = "root";
  CHECK(KeyOf(Per(LimitPer::kSender), unqualified) == "root");
  CHECK_FALSE(Limits::Applies(Per(LimitPer::kSenderDomain), unqualified));
}

TEST_CASE("other ways to write a sender are no other sender", "[limits]") {
  for (const std::string sender : {"<joe@example.org>", "joe@example.org.", "JOE@EXAMPLE.org",
                                   "<@relay.example:joe@example.org>"}) {
    Subject subject = From("192.0.2.1");
    subject.sender = sender;
    CHECK(KeyOf(Per(LimitPer::kSender), subject) == "joe@example.org");
    CHECK(KeyOf(Per(LimitPer::kSenderDomain), subject) == "example.org");
  }
}

TEST_CASE("spared networks and names are not counted", "[limits]") {
  LimitConfig limit = Per(LimitPer::kClient);
  limit.spare_networks = {Prefix::Parse("192.0.2.0/24").value(),
                          Prefix::Parse("2001:db8::/32").value()};
  limit.spare_names = {"example.org"};
  CHECK_FALSE(Limits::Applies(limit, From("192.0.2.7")));
  CHECK_FALSE(Limits::Applies(limit, From("2001:db8:1::1")));
  CHECK(Limits::Applies(limit, From("192.0.3.7")));
  CHECK_FALSE(Limits::Applies(limit, From("198.51.100.1", "example.org")));
  CHECK_FALSE(Limits::Applies(limit, From("198.51.100.1", "Mail.Example.ORG")));
  CHECK(Limits::Applies(limit, From("198.51.100.1", "badexample.org")));
  CHECK(Limits::Applies(limit, From("198.51.100.1", "org")));
  CHECK(Limits::Applies(limit, From("198.51.100.1")));
}

TEST_CASE("a spared client is spared whatever the limit is per", "[limits]") {
  LimitConfig limit = Per(LimitPer::kUser);
  limit.spare_networks = {Prefix::Parse("192.0.2.0/24").value()};
  Subject subject = From("192.0.2.1");
  subject.user = "joe";
  CHECK_FALSE(Limits::Applies(limit, subject));
}

TEST_CASE("harvesting per network is not about clients with a good name", "[limits]") {
  const LimitConfig network =
      SomeLimit(LimitCount::kBadRecipients, LimitPer::kNetwork, 3, Seconds(60));
  CHECK(Limits::Applies(network, From("192.0.2.1")));
  CHECK_FALSE(Limits::Applies(network, From("192.0.2.1", "mail.example.org")));
  const LimitConfig client =
      SomeLimit(LimitCount::kBadRecipients, LimitPer::kClient, 3, Seconds(60));
  CHECK(Limits::Applies(client, From("192.0.2.1", "mail.example.org")));
  CHECK(Limits::Applies(Per(LimitPer::kNetwork), From("192.0.2.1", "mail.example.org")));
}

TEST_CASE("a whole family may be one network", "[limits]") {
  LimitConfig limit = Per(LimitPer::kNetwork);
  limit.prefix_v4 = limit.prefix_v6 = 0;
  CHECK(KeyOf(limit, From("192.0.2.1")) == "0.0.0.0/0");
  CHECK(KeyOf(limit, From("2001:db8::1")) == "::/0");
}

}  // namespace
}  // namespace mxward::limits
