// SPDX-License-Identifier: Apache-2.0
#include "entries/table.h"

#include <string>
#include <vector>

#include "catch.h"
#include "tests/fake/test_store.h"

namespace mxward::entries {
namespace {

using store::Table;

constexpr WallTime kNow{Seconds(1767571200)};

struct TableFixture {
  TestStore store;
  Index index;

  const HashKey& key() { return store.environment().hash_key(); }

  void Put(Kind kind, Action action, const std::string& text,
           std::optional<WallTime> expires = std::nullopt) {
    Entry entry;
    entry.kind = kind;
    entry.action = action;
    entry.key = *CanonicalKey(kind, text);
    entry.created = entry.updated = kNow;
    entry.expires = expires;
    index.Add(kind, entry.key);
    store.Do(PutEntry(entry, key()));
  }
  void Allow(Kind kind, const std::string& text) { Put(kind, Action::kAllow, text); }
  void Block(Kind kind, const std::string& text) { Put(kind, Action::kBlock, text); }

  // The keys of the winners: "allow sender a@example.org, ...".
  std::string Match(const Question& question, WallTime now = kNow) {
    store::SharedRead read(store.environment());
    const auto found = entries::Match(read, index, question, now);
    REQUIRE(found);
    std::string out;
    for (const Entry& entry : *found) {
      if (!out.empty()) out += ", ";
      out += entry.action == Action::kBlock ? "block " : "allow ";
      out.append(WordOf(entry.kind)).append(" ").append(entry.key);
    }
    return out;
  }
  std::string MatchClient(const std::string& address) {
    Question question;
    question.client = IpAddress::Parse(address);
    return Match(question);
  }
  std::string MatchNames(const std::string& verified, const std::string& claimed) {
    Question question;
    question.client_name = verified;
    question.claimed_name = claimed;
    return Match(question);
  }
  std::string MatchSender(const std::string& sender) {
    Question question;
    question.sender = sender;
    question.null_sender = sender.empty();
    return Match(question);
  }
};

TEST_CASE("without entries nothing matches", "[entries]") {
  TableFixture fixture;
  CHECK(fixture.MatchClient("192.0.2.1").empty());
  CHECK(fixture.MatchSender("a@example.org").empty());
}

TEST_CASE("the most specific prefix wins, whatever it says", "[entries]") {
  TableFixture fixture;
  fixture.Block(Kind::kClient, "192.0.0.0/16");
  fixture.Allow(Kind::kClient, "192.0.2.0/24");
  fixture.Block(Kind::kClient, "192.0.2.7");
  fixture.Allow(Kind::kClient, "2001:db8::/32");
  fixture.Block(Kind::kClient, "2001:db8:1::/48");
  fixture.Block(Kind::kClient, "::/0");
  const auto [address, match] = GENERATE(table<std::string, std::string>({
      {"192.0.2.7", "block client 192.0.2.7"},
      {"192.0.2.8", "allow client 192.0.2.0/24"},
      {"192.0.3.8", "block client 192.0.0.0/16"},
      {"198.51.100.1", ""},
      {"2001:db8:1::1", "block client 2001:db8:1::/48"},
      {"2001:db8:2::1", "allow client 2001:db8::/32"},
      {"2001:db9::1", "block client ::/0"},
      {"::ffff:192.0.2.8", "allow client 192.0.2.0/24"},
  }));
  CHECK(fixture.MatchClient(address) == match);
}

TEST_CASE("a domain means itself and all below it, the longest wins", "[entries]") {
  TableFixture fixture;
  fixture.Block(Kind::kSenderDomain, "example.org");
  fixture.Allow(Kind::kSenderDomain, "good.example.org");
  fixture.Block(Kind::kSenderDomain, "test");
  const auto [sender, match] = GENERATE(table<std::string, std::string>({
      {"a@example.org", "block sender-domain example.org"},
      {"A@Mail.Example.ORG.", "block sender-domain example.org"},
      {"a@good.example.org", "allow sender-domain good.example.org"},
      {"a@very.good.example.org", "allow sender-domain good.example.org"},
      {"a@badexample.org", ""},
      {"a@example.org.invalid", ""},
      {"a@x.test", "block sender-domain test"},
      {"example.org", ""},
      {"\"@example.org\"@elsewhere.invalid", ""},
      {"", ""},
      {"a@", ""},
      {"a@.", ""},
      {"a@..example.org", "block sender-domain example.org"},
  }));
  CHECK(fixture.MatchSender(sender) == match);
}

TEST_CASE("many labels are no way around a block", "[entries]") {
  TableFixture fixture;
  fixture.Block(Kind::kSenderDomain, "example.org");
  std::string domain = "example.org";
  for (int i = 0; i < 100; ++i) {
    domain.insert(0, "x.");
    CHECK(fixture.MatchSender("a@" + domain) == "block sender-domain example.org");
  }
  CHECK(fixture.MatchSender("a@" + std::string(100000, '.') + "example.org") ==
        "block sender-domain example.org");
}

TEST_CASE("a client's verified name is allowed and blocked, a claimed one only blocked",
          "[entries]") {
  TableFixture fixture;
  fixture.Allow(Kind::kClientName, "good.example");
  fixture.Block(Kind::kClientName, "bad.example");
  const auto [verified, claimed, match] = GENERATE(table<std::string, std::string, std::string>({
      {"mx.good.example", "mx.good.example", "allow client-name good.example"},
      {"", "mx.good.example", ""},
      {"mx.bad.example", "mx.bad.example", "block client-name bad.example"},
      {"", "mx.bad.example", "block client-name bad.example"},
      {"mx.good.example", "mx.bad.example", "allow client-name good.example"},
      {"other.example", "mx.bad.example", "block client-name bad.example"},
      {"", "", ""},
  }));
  CHECK(fixture.MatchNames(verified, claimed) == match);
}

TEST_CASE("the null sender is a sender of its own", "[entries]") {
  TableFixture fixture;
  fixture.Block(Kind::kSender, "<>");
  CHECK(fixture.MatchSender("") == "block sender <>");
  CHECK(fixture.MatchSender("a@example.org").empty());
  CHECK(fixture.Match({}).empty());
}

TEST_CASE("addresses match whatever their case", "[entries]") {
  TableFixture fixture;
  fixture.Allow(Kind::kSender, "a@example.org");
  fixture.Block(Kind::kRecipient, "b@here.test");
  Question question;
  question.sender = "A@EXAMPLE.org";
  question.recipient = "B@Here.Test";
  CHECK(fixture.Match(question) == "allow sender a@example.org, block recipient b@here.test");
}

TEST_CASE("an address is the same however it is spelt, and its tag belongs to it", "[entries]") {
  TableFixture fixture;
  fixture.Block(Kind::kSender, "a.b@example.org");
  fixture.Block(Kind::kRecipient, "\"C\"@Here.Test.");
  const auto [sender, match] = GENERATE(table<std::string, std::string>({
      {"\"a.b\"@Example.org", "block sender a.b@example.org"},
      {"\"a\\.b\"@example.org.", "block sender a.b@example.org"},
      {"@relay.test:a.b@example.org", "block sender a.b@example.org"},
      {"a.b+tag@example.org", ""},
      {"\"a b\"@example.org", ""},
  }));
  CHECK(fixture.MatchSender(sender) == match);
  Question question;
  question.recipient = "c@here.test";
  CHECK(fixture.Match(question) == "block recipient c@here.test");
}

TEST_CASE("each kind has its own winner", "[entries]") {
  TableFixture fixture;
  fixture.Allow(Kind::kClient, "192.0.2.0/24");
  fixture.Block(Kind::kClientName, "example.org");
  fixture.Allow(Kind::kSender, "a@example.org");
  fixture.Block(Kind::kSenderDomain, "example.org");
  fixture.Allow(Kind::kRecipient, "b@here.test");
  fixture.Block(Kind::kRecipientDomain, "here.test");
  Question question;
  question.client = IpAddress::Parse("192.0.2.1");
  question.client_name = "mx.example.org";
  question.sender = "a@example.org";
  question.recipient = "b@here.test";
  CHECK(fixture.Match(question) ==
        "allow client 192.0.2.0/24, block client-name example.org, allow sender a@example.org, "
        "block sender-domain example.org, allow recipient b@here.test, "
        "block recipient-domain here.test");
}

TEST_CASE("an entry that is over uncovers the next one", "[entries]") {
  TableFixture fixture;
  fixture.Block(Kind::kClient, "192.0.2.0/24");
  fixture.Put(Kind::kClient, Action::kAllow, "192.0.2.1", kNow + Seconds(60));
  Question question;
  question.client = IpAddress::Parse("192.0.2.1");
  CHECK(fixture.Match(question, kNow + Seconds(59)) == "allow client 192.0.2.1");
  CHECK(fixture.Match(question, kNow + Seconds(60)) == "block client 192.0.2.0/24");
}

TEST_CASE("a later entry of the same key replaces the earlier one and keeps its creation",
          "[entries]") {
  TableFixture fixture;
  fixture.Allow(Kind::kSender, "a@example.org");
  Entry entry;
  entry.kind = Kind::kSender;
  entry.action = Action::kBlock;
  entry.key = "a@example.org";
  entry.created = entry.updated = kNow + Seconds(100);
  fixture.store.Do(PutEntry(entry, fixture.key()));
  CHECK(fixture.MatchSender("a@example.org") == "block sender a@example.org");
  const auto stored = Decode(
      Kind::kSender,
      fixture.store.Get(Table::kEntries, StoreKey(fixture.key(), Kind::kSender, "a@example.org")));
  REQUIRE(stored);
  CHECK(stored->created == kNow);
  CHECK(stored->updated == kNow + Seconds(100));
}

TEST_CASE("a forgotten entry leaves a tombstone that names nobody", "[entries]") {
  TableFixture fixture;
  fixture.Block(Kind::kSender, "a@example.org");
  fixture.store.Do(ForgetEntry(Kind::kSender, "a@example.org", kNow, fixture.key()));
  CHECK(fixture.MatchSender("a@example.org").empty());
  const std::string bytes =
      fixture.store.Get(Table::kEntries, StoreKey(fixture.key(), Kind::kSender, "a@example.org"));
  CHECK_FALSE(bytes.empty());
  CHECK(bytes.find("example") == std::string::npos);
  fixture.Allow(Kind::kSender, "a@example.org");
  CHECK(fixture.MatchSender("a@example.org") == "allow sender a@example.org");
}

TEST_CASE("the index knows after a restart what there is, and no garbage", "[entries]") {
  TableFixture fixture;
  fixture.Allow(Kind::kClient, "192.0.2.0/24");
  fixture.Allow(Kind::kClient, "2001:db8::/128");
  fixture.Block(Kind::kRecipient, "b@here.test");
  fixture.store.Do(ForgetEntry(Kind::kSender, "a@example.org", kNow, fixture.key()));
  for (const char* bad : {"\xff", "\x01", "\x09garbage"}) {
    fixture.store.Put(Table::kEntries, bad, "garbage");
  }
  Index index;
  REQUIRE(index.Load(fixture.store.environment()));
  CHECK(index.Has(Kind::kClient));
  CHECK(index.Has(Kind::kRecipient));
  CHECK_FALSE(index.Has(Kind::kSender));
  CHECK_FALSE(index.Has(Kind::kClientName));
  const IpAddress v4 = *IpAddress::Parse("192.0.2.1");
  const IpAddress v6 = *IpAddress::Parse("2001:db8::1");
  CHECK(index.HasLength(v4, 24));
  CHECK_FALSE(index.HasLength(v4, 32));
  CHECK(index.HasLength(v6, 128));
  CHECK_FALSE(index.HasLength(v6, 24));
}

TEST_CASE("garbage instead of an entry matches nothing", "[entries]") {
  TableFixture fixture;
  fixture.Allow(Kind::kSender, "a@example.org");
  fixture.store.Put(Table::kEntries, StoreKey(fixture.key(), Kind::kSender, "a@example.org"),
                    "garbage");
  CHECK(fixture.MatchSender("a@example.org").empty());
}

TEST_CASE("entries expire at their time, tombstones after two months", "[entries]") {
  TableFixture fixture;
  fixture.Put(Kind::kSender, Action::kAllow, "over@example.org", kNow);
  fixture.Put(Kind::kSender, Action::kAllow, "later@example.org", kNow + Seconds(1));
  fixture.Allow(Kind::kSender, "ever@example.org");
  fixture.store.Do(
      ForgetEntry(Kind::kSender, "old@example.org", kNow - Seconds(61 * 86400), fixture.key()));
  fixture.store.Do(ForgetEntry(Kind::kSender, "new@example.org", kNow, fixture.key()));
  std::vector<std::string> keys = {"no such key"};
  for (const char* who : {"over", "later", "ever", "old", "new"}) {
    keys.push_back(StoreKey(fixture.key(), Kind::kSender, std::string(who) + "@example.org"));
  }
  fixture.store.Do(ExpireEntries(keys, kNow));
  std::vector<bool> there;
  for (const std::string& key : keys) {
    there.push_back(!fixture.store.Get(Table::kEntries, key).empty());
  }
  CHECK(there == std::vector<bool>{false, false, true, true, false, true});
}

}  // namespace
}  // namespace mxward::entries
