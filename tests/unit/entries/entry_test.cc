// SPDX-License-Identifier: Apache-2.0
#include "entries/entry.h"

#include <string>

#include "catch.h"

namespace mxward::entries {
namespace {

Entry Full() {
  Entry entry;
  entry.kind = Kind::kSender;
  entry.action = Action::kBlock;
  entry.all = true;
  entry.key = "a@example.org";
  entry.note = std::string("why\0\xff", 5);
  entry.created = WallTime(Seconds(1767571200));
  entry.updated = WallTime(Seconds(1767571300));
  entry.expires = WallTime(Seconds(1767571400));
  entry.origin = 0x0123456789abcdef;
  return entry;
}

TEST_CASE("kinds are called as on the command line", "[entries]") {
  for (const char* name : {"client", "client-name", "sender", "sender-domain", "recipient",
                           "recipient-domain", "spf-of", "account"}) {
    const auto kind = FromWord<Kind>(name);
    REQUIRE(kind);
    CHECK(WordOf(*kind) == name);
  }
  CHECK_FALSE(FromWord<Kind>("Sender"));
  CHECK_FALSE(FromWord<Kind>(""));
}

TEST_CASE("keys have one form, however they are written", "[entries]") {
  const auto [kind, text, key] = GENERATE(table<Kind, std::string, std::string>({
      {Kind::kClient, "192.0.2.1", "192.0.2.1"},
      {Kind::kClient, " 192.0.2.1/32 ", "192.0.2.1"},
      {Kind::kClient, "192.0.2.0/24", "192.0.2.0/24"},
      {Kind::kClient, "::ffff:192.0.2.1", "192.0.2.1"},
      {Kind::kClient, "2001:DB8:0::/32", "2001:db8::/32"},
      {Kind::kClientName, "Mail.Example.ORG.", "mail.example.org"},
      {Kind::kClientName, ".example.org", "example.org"},
      {Kind::kSpfOf, "_SPF.Example.ORG.", "_spf.example.org"},
      {Kind::kAccount, " SendGrid:12345", "sendgrid:12345"},
      {Kind::kAccount, "Example.ORG", "example.org"},
      {Kind::kSender, "<A@Example.Org>", "a@example.org"},
      {Kind::kSender, "<>", "<>"},
      {Kind::kSender, "postmaster", "postmaster"},
      {Kind::kSender, "\"a b\"@example.org", "\"a b\"@example.org"},
      {Kind::kSenderDomain, "EXAMPLE.org", "example.org"},
      {Kind::kRecipient, " b@Here.Test ", "b@here.test"},
      {Kind::kRecipientDomain, "here.test", "here.test"},
  }));
  const auto got = CanonicalKey(kind, text);
  REQUIRE(got);
  CHECK(*got == key);
  CHECK(CanonicalKey(kind, *got) == key);
}

TEST_CASE("what cannot be a key is refused with a reason", "[entries]") {
  const auto [kind, text] = GENERATE(table<Kind, std::string>({
      {Kind::kClient, ""},
      {Kind::kClient, "mail.example.org"},
      {Kind::kClient, "192.0.2.1/24"},
      {Kind::kClient, "192.0.2.0/33"},
      {Kind::kClientName, ""},
      {Kind::kClientName, "."},
      {Kind::kClientName, "a b"},
      {Kind::kClientName, "a@example.org"},
      {Kind::kClientName, "192.0.2.0/24"},
      {Kind::kSenderDomain, "a..b"},
      {Kind::kSenderDomain, std::string(254, 'x')},
      {Kind::kSender, ""},
      {Kind::kSender, "@example.org"},
      {Kind::kSender, std::string(600, 'x') + "@example.org"},
      {Kind::kRecipient, "<>"},
  }));
  const auto got = CanonicalKey(kind, text);
  REQUIRE_FALSE(got);
  CHECK(got.error().code == ErrorCode::kInvalid);
  CHECK_FALSE(got.error().message.empty());
}

TEST_CASE("an entry comes back as it was written", "[entries]") {
  Entry entry = Full();
  CHECK(Decode(entry.kind, Encode(entry)) == entry);
  entry.expires.reset();
  entry.all = false;
  entry.action = Action::kAllow;
  CHECK(Decode(entry.kind, Encode(entry)) == entry);
  entry.forgotten = true;
  entry.key.clear();
  entry.note.clear();
  CHECK(Decode(entry.kind, Encode(entry)) == entry);
}

TEST_CASE("truncated, longer and foreign bytes are no entry", "[entries]") {
  const std::string bytes = Encode(Full());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(Decode(Kind::kSender, bytes.substr(0, size)));
  }
  CHECK_FALSE(Decode(Kind::kSender, bytes + "x"));
  std::string other = bytes;
  other[0] = 2;
  CHECK_FALSE(Decode(Kind::kSender, other));
}

TEST_CASE("an entry is in force until it expires or is forgotten", "[entries]") {
  Entry entry = Full();
  CHECK(InForce(entry, *entry.expires - Seconds(1)));
  CHECK_FALSE(InForce(entry, *entry.expires));
  entry.expires.reset();
  CHECK(InForce(entry, WallTime(Seconds(0xffffffff))));
  entry.forgotten = true;
  CHECK_FALSE(InForce(entry, entry.created));
}

TEST_CASE("store keys tell kinds apart and name nobody", "[entries]") {
  const HashKey key = {1};
  const std::string sender = StoreKey(key, Kind::kSender, "a@example.org");
  CHECK(sender.size() == 9);
  CHECK(sender[0] == 3);
  CHECK(sender.find("example") == std::string::npos);
  CHECK(sender.substr(1) != StoreKey(key, Kind::kRecipient, "a@example.org").substr(1));
  CHECK(sender != StoreKey(HashKey{2}, Kind::kSender, "a@example.org"));
}

TEST_CASE("of two entries under one key the later one stays", "[entries]") {
  Entry older = Full();
  Entry newer = Full();
  newer.updated += Seconds(1);
  newer.created += Seconds(1);
  newer.note = "newer";
  CHECK(Merged(std::nullopt, older) == older);
  CHECK_FALSE(Merged(newer, older));
  CHECK_FALSE(Merged(older, older));
  const auto merged = Merged(older, newer);
  REQUIRE(merged);
  CHECK(merged->note == "newer");
  CHECK(merged->created == older.created);
  Entry tombstone;
  tombstone.kind = older.kind;
  tombstone.forgotten = true;
  tombstone.updated = older.updated;
  CHECK_FALSE(Merged(older, tombstone));
  CHECK_FALSE(Merged(tombstone, older));
  CHECK(Merged(tombstone, newer) == newer);
  tombstone.updated = newer.updated + Seconds(1);
  CHECK(Merged(newer, tombstone)->forgotten);
}

}  // namespace
}  // namespace mxward::entries
