// SPDX-License-Identifier: Apache-2.0
#include "greylist/table.h"

#include <string>

#include "catch.h"
#include "tests/fake/test_config.h"
#include "tests/fake/test_store.h"
#include "tests/fake/times.h"

namespace mxward::greylist {
namespace {

using store::Table;

struct TableFixture {
  TestStore store;
  Config config = TestConfig();

  const HashKey& key() { return store.environment().hash_key(); }

  // A try of a@example.org to b@here.test.
  Tuple From(const std::string& address, const std::string& organisation = "",
             const std::string& recipient = "b@here.test") {
    SessionFacts facts;
    facts.client = *IpAddress::Parse(address);
    facts.name_class = organisation.empty() ? NameClass::kNone : NameClass::kGood;
    Tuple tuple;
    tuple.identities = IdentitiesOf(facts, organisation, config.greylist, key());
    tuple.addresses = HashAddresses(key(), "a@example.org", recipient);
    tuple.client = *facts.client;
    tuple.sender = "A@example.org";
    tuple.recipient = recipient;
    return tuple;
  }
  // The same of a client whom SPF lets send.
  Tuple FromAllowed(const std::string& address, const std::string& organisation = "") {
    Tuple tuple = From(address, organisation);
    tuple.identities.spf = "example.org";
    return tuple;
  }
  TupleLookup LookUp(const Tuple& tuple, WallTime now) {
    auto read = store.environment().Read();
    REQUIRE(read);
    auto lookup = greylist::LookUp(*read, tuple, now, config.greylist);
    REQUIRE(lookup);
    return *lookup;
  }
  void Try(const Tuple& tuple, WallTime now, bool fold = false, bool observing = false) {
    store.Do(RecordTry({tuple, fold, now, {.observing = observing}}, Shared(config)));
  }
  std::optional<FoldedBlock> Block(const Tuple& tuple, std::uint8_t number) {
    const FoldedKey block{tuple.identities.client_hash, number};
    return FoldedBlock::Decode(store.Get(Table::kFolded, block.Encode()));
  }
  static TupleKey KeyOf(const Tuple& tuple) {
    return TupleKey::Of(tuple.addresses, tuple.identities.network_hash, tuple.identities.name_hash,
                        !tuple.identities.spf.empty());
  }
  Outcome Ask(const Tuple& tuple, WallTime now) {
    return Advance(LookUp(tuple, now).record, now, config.greylist, false).outcome;
  }
};

TEST_CASE("a tuple that was never tried has no record", "[greylist]") {
  TableFixture fixture;
  const TupleLookup lookup = fixture.LookUp(fixture.From("192.0.2.1"), kNow);
  CHECK_FALSE(lookup.record);
  CHECK_FALSE(lookup.folded);
  CHECK_FALSE(lookup.folded_full);
  CHECK_FALSE(lookup.auto_allow);
}

TEST_CASE("the first try writes a record with the addresses as given", "[greylist]") {
  TableFixture fixture;
  const Tuple tuple = fixture.From("192.0.2.1", "example.org");
  fixture.Try(tuple, kNow);
  const auto record = fixture.LookUp(tuple, kNow).record;
  REQUIRE(record);
  CHECK(record->state == State::kPending);
  CHECK(record->first_seen == kNow);
  CHECK(record->tries == 1);
  CHECK(record->client == tuple.client);
  CHECK(record->sender == "A@example.org");
  CHECK(record->recipient == "b@here.test");
  CHECK(record->name_hash == tuple.identities.name_hash);
  CHECK(record->client_tag == tuple.identities.client_tag());
}

TEST_CASE("with privacy no address is stored", "[greylist]") {
  TableFixture fixture;
  fixture.config.greylist.privacy = true;
  const Tuple tuple = fixture.From("192.0.2.1");
  fixture.Try(tuple, kNow);
  fixture.Try(fixture.From("192.0.2.9", "", "c@here.test"), kNow, /*fold=*/true);
  const auto record = fixture.LookUp(tuple, kNow).record;
  REQUIRE(record);
  CHECK_FALSE(record->client);
  CHECK(record->sender.empty());
  CHECK(record->recipient.empty());
  const Tuple folded = fixture.From("192.0.2.9", "", "c@here.test");
  CHECK(fixture.LookUp(folded, kNow).folded);
  CHECK_FALSE(fixture.Block(folded, 0)->client);
}

TEST_CASE("a client is found again by its network or by its name", "[greylist]") {
  TableFixture fixture;
  fixture.Try(fixture.From("192.0.2.1", "example.org"), kNow);
  const auto [address, organisation, found, by_name] =
      GENERATE(table<std::string, std::string, bool, bool>({
          {"192.0.2.1", "example.org", true, true},
          {"192.0.2.200", "", true, false},
          {"192.0.2.200", "example.com", true, false},
          {"198.51.100.1", "example.org", true, true},
          {"2001:db8::1", "example.org", true, true},
          {"198.51.100.1", "example.com", false, false},
          {"198.51.100.1", "", false, false},
      }));
  const TupleLookup lookup = fixture.LookUp(fixture.From(address, organisation), kNow);
  CHECK(lookup.record.has_value() == found);
  CHECK(lookup.by_name == by_name);
}

TEST_CASE("other addresses are another tuple", "[greylist]") {
  TableFixture fixture;
  fixture.Try(fixture.From("192.0.2.1", "example.org"), kNow);
  CHECK_FALSE(fixture.LookUp(fixture.From("192.0.2.1", "example.org", "c@here.test"), kNow).record);
}

TEST_CASE("a retry from elsewhere goes on with the record that it matches", "[greylist]") {
  TableFixture fixture;
  fixture.Try(fixture.From("192.0.2.1", "example.org"), kNow);
  fixture.Try(fixture.From("198.51.100.1", "example.org"), kNow + kHour);
  CHECK(fixture.store.Count(Table::kTuples) == 1);
  CHECK(fixture.Ask(fixture.From("203.0.113.1", "example.org"), kNow + kHour) == Outcome::kKnown);
}

TEST_CASE("of two records that match, the one that takes the client further counts", "[greylist]") {
  TableFixture fixture;
  // Its first visits came while its name could not be verified: two records.
  fixture.Try(fixture.From("192.0.2.1", "example.org"), kNow);
  fixture.Try(fixture.From("198.51.100.1"), kNow + 4 * kMinute);
  REQUIRE(fixture.store.Count(Table::kTuples) == 2);
  // By its network too early, by its name in time.
  const Tuple tuple = fixture.From("198.51.100.1", "example.org");
  CHECK(fixture.Ask(tuple, kNow + 6 * kMinute) == Outcome::kPassed);
  fixture.Try(tuple, kNow + 6 * kMinute);
  CHECK(fixture.Ask(tuple, kNow + 7 * kMinute) == Outcome::kKnown);
}

TEST_CASE("a record that is over does not hide one that counts", "[greylist]") {
  TableFixture fixture;
  fixture.Try(fixture.From("192.0.2.1", "example.org"), kNow);
  const WallTime later = kNow + 60 * kHour;
  fixture.Try(fixture.From("198.51.100.1"), later);
  const Tuple tuple = fixture.From("198.51.100.1", "example.org");
  CHECK(fixture.Ask(tuple, later + kMinute) == Outcome::kEarly);
  CHECK(fixture.Ask(tuple, later + kHour) == Outcome::kPassed);
}

TEST_CASE("a name that could be verified only later is noted then", "[greylist]") {
  TableFixture fixture;
  fixture.Try(fixture.From("192.0.2.1"), kNow);
  fixture.Try(fixture.From("192.0.2.1", "example.org"), kNow + kMinute);
  CHECK(fixture.Ask(fixture.From("198.51.100.1", "example.org"), kNow + kHour) == Outcome::kPassed);
}

TEST_CASE("only so many neighbours are looked at", "[greylist]") {
  TableFixture fixture;
  for (int i = 0; i < 200; ++i) {
    fixture.Try(fixture.From("10.0." + std::to_string(i) + ".1", "example.com"), kNow - 3 * kHour);
    fixture.Try(fixture.From("10.1." + std::to_string(i) + ".1"), kNow);
  }
  CHECK(fixture.store.Count(Table::kTuples) > 100);
  // By its own network it is found in any crowd.
  CHECK(fixture.LookUp(fixture.From("10.1.7.9", "example.org"), kNow).record);
}

TEST_CASE("no crowd hides a record from a retry by name", "[greylist]") {
  TableFixture fixture;
  for (int i = 0; i < 200; ++i) {
    const std::string n = std::to_string(i);
    fixture.Try(fixture.From("10.1." + n + ".1"), kNow);
    fixture.Try(fixture.From("10.2." + n + ".1", "stranger" + n + ".example"), kNow);
  }
  fixture.Try(fixture.From("192.0.2.1", "example.org"), kNow);
  CHECK(fixture.Ask(fixture.From("198.51.100.1", "example.org"), kNow + kHour) == Outcome::kPassed);
  CHECK(fixture.Ask(fixture.From("192.0.2.9", "example.org"), kNow + kHour) == Outcome::kPassed);
  CHECK(fixture.Ask(fixture.From("198.51.100.1", "example.net"), kNow + kHour) == Outcome::kNew);
}

TEST_CASE("those whom SPF lets send go on with each other's record", "[greylist]") {
  TableFixture fixture;
  fixture.Try(fixture.FromAllowed("192.0.2.1"), kNow);
  const Tuple elsewhere = fixture.FromAllowed("198.51.100.1", "example.net");
  CHECK(fixture.Ask(elsewhere, kNow + kHour) == Outcome::kPassed);
  CHECK(fixture.LookUp(elsewhere, kNow + kHour).by_spf);
  // By its network it needs no SPF, and that is what is said.
  CHECK(fixture.Ask(fixture.From("192.0.2.9"), kNow + kHour) == Outcome::kPassed);
  CHECK_FALSE(fixture.LookUp(fixture.FromAllowed("192.0.2.9"), kNow + kHour).by_spf);
  fixture.Try(elsewhere, kNow + kHour);
  CHECK(fixture.store.Count(Table::kTuples) == 1);
  CHECK(fixture.Ask(fixture.FromAllowed("203.0.113.77"), kNow + kHour) == Outcome::kKnown);
  CHECK(fixture.Ask(fixture.From("203.0.113.77"), kNow + kHour) == Outcome::kNew);
}

TEST_CASE("SPF has to let both the first client and the one that retries", "[greylist]") {
  TableFixture fixture;
  SECTION("not the first") { fixture.Try(fixture.From("192.0.2.1"), kNow); }
  SECTION("not the first, though the same client later on") {
    fixture.Try(fixture.From("192.0.2.1"), kNow);
    fixture.Try(fixture.FromAllowed("192.0.2.1"), kNow + kHour / 60);
  }
  SECTION("the first, and not again when it began once more") {
    fixture.Try(fixture.FromAllowed("192.0.2.1"), kNow - 100 * kHour);
    fixture.Try(fixture.From("192.0.2.1"), kNow);
  }
  CHECK(fixture.Ask(fixture.FromAllowed("198.51.100.1"), kNow + kHour) == Outcome::kNew);
}

TEST_CASE("no crowd hides a record from those whom SPF lets send", "[greylist]") {
  TableFixture fixture;
  for (int i = 0; i < 200; ++i) {
    const std::string n = std::to_string(i);
    fixture.Try(fixture.From("10.1." + n + ".1"), kNow);
    fixture.Try(fixture.From("10.2." + n + ".1", "stranger" + n + ".example"), kNow);
  }
  fixture.Try(fixture.FromAllowed("192.0.2.1", "example.org"), kNow);
  const WallTime later = kNow + kHour;
  CHECK(fixture.Ask(fixture.FromAllowed("198.51.100.1"), later) == Outcome::kPassed);
  CHECK(fixture.Ask(fixture.FromAllowed("198.51.100.1", "example.net"), later) == Outcome::kPassed);
  // Nor from its name or its network, where SPF is not known.
  CHECK(fixture.Ask(fixture.From("198.51.100.1", "example.org"), later) == Outcome::kPassed);
  CHECK(fixture.Ask(fixture.From("192.0.2.9"), later) == Outcome::kPassed);
  CHECK(fixture.Ask(fixture.From("192.0.2.9", "example.net"), later) == Outcome::kPassed);
  CHECK(fixture.Ask(fixture.From("198.51.100.1"), later) == Outcome::kNew);
}

TEST_CASE("a record of mxward 0.1.0 is found by its network and by its name", "[greylist]") {
  TableFixture fixture;
  const Tuple tuple = fixture.From("192.0.2.1", "example.org");
  fixture.Try(tuple, kNow);
  const std::string record = fixture.store.Get(Table::kTuples, fixture.KeyOf(tuple).Encode());
  fixture.store.Do([&](store::WriteTransaction& transaction) -> Result<void> {
    if (auto gone = transaction.Delete(Table::kTuples, fixture.KeyOf(tuple).Encode()); !gone) {
      return Fail(gone.error());
    }
    return transaction.Put(
        Table::kTuples, TupleKey{tuple.addresses, tuple.identities.network_hash}.Encode(), record);
  });
  CHECK(fixture.Ask(tuple, kNow + kHour) == Outcome::kPassed);
  CHECK(fixture.Ask(fixture.From("192.0.2.77"), kNow + kHour) == Outcome::kPassed);
  CHECK(fixture.Ask(fixture.From("198.51.100.1", "example.org"), kNow + kHour) == Outcome::kPassed);
  // It goes on where it is.
  fixture.Try(tuple, kNow + kHour);
  CHECK(fixture.store.Count(Table::kTuples) == 1);
}

TEST_CASE("a record that began under a name is found without it by its network", "[greylist]") {
  TableFixture fixture;
  fixture.Try(fixture.From("192.0.2.1", "example.org"), kNow);
  CHECK(fixture.Ask(fixture.From("192.0.2.1"), kNow + kHour) == Outcome::kPassed);
  CHECK(fixture.Ask(fixture.From("192.0.2.1", "example.net"), kNow + kHour) == Outcome::kPassed);
  fixture.Try(fixture.From("192.0.2.1"), kNow + kHour);
  CHECK(fixture.store.Count(Table::kTuples) == 1);
}

TEST_CASE("a garbled record counts as none and is written anew", "[greylist]") {
  TableFixture fixture;
  const Tuple tuple = fixture.From("192.0.2.1", "example.org");
  const TupleKey key = fixture.KeyOf(tuple);
  fixture.store.Put(Table::kTuples, key.Encode(), "garbage that is long enough for a name hash");
  fixture.store.Put(Table::kEarned, AutoAllowKey(tuple.identities.client_hash), "garbage");
  CHECK_FALSE(fixture.LookUp(tuple, kNow).record);
  CHECK_FALSE(fixture.LookUp(tuple, kNow).auto_allow);
  fixture.Try(tuple, kNow);
  CHECK(fixture.LookUp(tuple, kNow).record);
}

TEST_CASE("a key of another length among the tuples disturbs nobody", "[greylist]") {
  TableFixture fixture;
  const Tuple tuple = fixture.From("192.0.2.1", "example.org");
  fixture.store.Put(Table::kTuples, TupleKey{tuple.addresses, 0}.Encode().substr(0, 9), "x");
  CHECK_FALSE(fixture.LookUp(tuple, kNow).record);
}

TEST_CASE("two who try at once share one record with the earlier first-seen", "[greylist]") {
  TableFixture fixture;
  const Tuple tuple = fixture.From("192.0.2.1");
  fixture.Try(tuple, kNow);
  fixture.Try(tuple, kNow);  // decided before the first one was committed
  const auto record = fixture.LookUp(tuple, kNow).record;
  REQUIRE(record);
  CHECK(record->first_seen == kNow);
  CHECK(record->tries == 2);
}

TEST_CASE("a deferral that is written after the clock was set back passes nobody", "[greylist]") {
  TableFixture fixture;
  const Tuple tuple = fixture.From("192.0.2.1");
  const bool fold = GENERATE(false, true);
  fixture.Try(tuple, kNow - kHour, fold);
  fixture.store.Do(RecordTry({tuple, fold, kNow, {.may_pass = false}}, Shared(fixture.config)));
  const TupleLookup lookup = fixture.LookUp(tuple, kNow - kHour);
  CHECK(Consider(lookup, kNow - kHour, fixture.config.greylist, false).transition.outcome ==
        Outcome::kEarly);
}

TEST_CASE("a forgotten tuple leaves a tombstone that names nobody, and starts afresh",
          "[greylist]") {
  TableFixture fixture;
  const Tuple tuple = fixture.From("192.0.2.1", "example.org");
  fixture.Try(tuple, kNow);
  const TupleKey key = fixture.KeyOf(tuple);
  fixture.store.Do(ForgetTuples({key}, kNow + kHour));
  const auto tombstone = TupleRecord::Decode(fixture.store.Get(Table::kTuples, key.Encode()));
  REQUIRE(tombstone);
  CHECK(tombstone->state == State::kForgotten);
  CHECK(tombstone->sender.empty());
  CHECK(tombstone->name_hash == 0);
  CHECK(fixture.Ask(tuple, kNow + kHour) == Outcome::kNew);
  CHECK(fixture.Ask(fixture.From("198.51.100.1", "example.org"), kNow + kHour) == Outcome::kNew);
  fixture.Try(tuple, kNow + kHour);
  CHECK(fixture.LookUp(tuple, kNow + kHour).record->sender == "A@example.org");
}

TEST_CASE("a folded tuple is its client's, and no other tuple", "[greylist]") {
  TableFixture fixture;
  const Tuple tuple = fixture.From("192.0.2.1");
  fixture.Try(tuple, kNow, /*fold=*/true);
  CHECK(fixture.LookUp(tuple, kNow).folded == FoldedTuple{FoldedTag(tuple.addresses), kNow});
  CHECK(fixture.Block(tuple, 0)->client == IpAddress::Parse("192.0.2.1"));
  CHECK(fixture.store.Count(Table::kTuples) == 0);
  CHECK_FALSE(fixture.LookUp(fixture.From("192.0.2.1", "", "any@here.test"), kNow).folded);
  CHECK_FALSE(fixture.LookUp(fixture.From("192.0.2.2"), kNow).folded);
}

TEST_CASE("a folded tuple that passes leaves its block for a record of its own", "[greylist]") {
  TableFixture fixture;
  const Tuple tuple = fixture.From("192.0.2.1", "example.org");
  const Tuple other = fixture.From("192.0.2.1", "example.org", "c@here.test");
  fixture.Try(tuple, kNow, /*fold=*/true);
  fixture.Try(other, kNow + kMinute, /*fold=*/true);
  // Early: its time stays.
  fixture.Try(tuple, kNow + kMinute, /*fold=*/true);
  CHECK(fixture.LookUp(tuple, kNow).folded->first_seen == kNow);
  fixture.Try(tuple, kNow + 5 * kMinute, /*fold=*/true);
  CHECK(fixture.Block(tuple, 0)->tuples.size() == 1);
  const auto record = fixture.LookUp(tuple, kNow + 5 * kMinute).record;
  REQUIRE(record);
  CHECK(record->state == State::kPassed);
  CHECK(record->first_seen == kNow);
  CHECK(record->sender == "A@example.org");
  CHECK(record->name_hash == tuple.identities.name_hash);
  // The last one takes the block along.
  fixture.Try(other, kNow + kHour, /*fold=*/true);
  CHECK(fixture.store.Count(Table::kFolded) == 0);
}

TEST_CASE("what was forgotten meanwhile does not pass by an older decision", "[greylist]") {
  TableFixture fixture;
  const Tuple tuple = fixture.From("192.0.2.1");
  fixture.Try(tuple, kNow, /*fold=*/true);
  fixture.store.Do(ForgetFolded({{tuple.identities.client_hash, 0}}));
  fixture.store.Do(RecordTry({tuple, /*fold=*/true, kNow + kHour, {.may_begin = false}},
                             Shared(fixture.config)));
  CHECK(fixture.store.Count(Table::kFolded) == 0);
  CHECK(fixture.store.Count(Table::kTuples) == 0);
}

TEST_CASE("the record that once stood for all tuples of a client lets nobody pass", "[greylist]") {
  TableFixture fixture;
  const Tuple tuple = fixture.From("192.0.2.1");
  TupleRecord old;
  old.folded = true;
  old.first_seen = old.last_seen = kNow - kHour;
  const TupleKey old_key{SipHash(fixture.key(), "folded"), tuple.identities.client_hash};
  fixture.store.Put(Table::kTuples, old_key.Encode(), old.Encode());
  const TupleLookup lookup = fixture.LookUp(tuple, kNow);
  CHECK(Consider(lookup, kNow, fixture.config.greylist, false).transition.outcome == Outcome::kNew);
}

TEST_CASE("what a client earns is counted, used, lost and forgotten", "[greylist]") {
  TableFixture fixture;
  const Tuple tuple = fixture.From("192.0.2.1", "example.org");
  const std::uint64_t client = tuple.identities.client_hash;
  WallTime now = kNow;
  for (int i = 0; i < 3; ++i) {
    fixture.store.Do(CreditAutoAllow(client, "client:192.0.2.1", now, Shared(fixture.config)));
    now += kHour;
  }
  auto earned = fixture.LookUp(tuple, now).auto_allow;
  REQUIRE(earned);
  CHECK(earned->allowed);
  CHECK(earned->identity == "client:192.0.2.1");
  // It is nobody else's.
  CHECK_FALSE(fixture.LookUp(fixture.From("192.0.2.2", "example.org"), now).auto_allow);

  fixture.store.Do(TouchAutoAllow(client, now + 100 * kHour));
  CHECK(fixture.LookUp(tuple, now).auto_allow->last_used == now + 100 * kHour);

  fixture.store.Do(RevokeAutoAllow(client, now));
  CHECK(fixture.LookUp(tuple, now).auto_allow->lost_at == now);
  fixture.store.Do(RevokeAutoAllow(client, now + kMinute));  // a write an hour
  CHECK(fixture.LookUp(tuple, now).auto_allow->lost_at == now);
  fixture.store.Do(RevokeAutoAllow(client, now + kHour));
  CHECK(fixture.LookUp(tuple, now).auto_allow->lost_at == now + kHour);
  fixture.store.Do(RevokeAutoAllow(12345, now));  // it had nothing
  CHECK(fixture.store.Count(Table::kEarned) == 1);

  fixture.store.Do(ForgetAutoAllows({client}, now));
  earned = fixture.LookUp(tuple, now).auto_allow;
  REQUIRE(earned);
  CHECK(earned->forgotten);
  CHECK(earned->identity.empty());
  fixture.store.Do(RevokeAutoAllow(client, now));
  CHECK(fixture.LookUp(tuple, now).auto_allow->forgotten);
}

TEST_CASE("with privacy what is earned names nobody", "[greylist]") {
  TableFixture fixture;
  fixture.config.greylist.privacy = true;
  const Tuple tuple = fixture.From("192.0.2.1", "example.org");
  fixture.store.Do(CreditAutoAllow(tuple.identities.client_hash, "client:192.0.2.1", kNow,
                                   Shared(fixture.config)));
  CHECK(fixture.LookUp(tuple, kNow).auto_allow->identity.empty());
}

TEST_CASE("a block goes when all in it are over", "[greylist]") {
  TableFixture fixture;
  const Tuple tuple = fixture.From("192.0.2.1");
  fixture.Try(tuple, kNow, /*fold=*/true);
  fixture.Try(fixture.From("192.0.2.1", "", "c@here.test"), kNow + kHour, /*fold=*/true);
  const std::string key = FoldedKey{tuple.identities.client_hash, 0}.Encode();
  const auto expire = [&](WallTime now) {
    fixture.store.Do(ExpireFolded({key}, now, Shared(fixture.config)));
  };
  expire(kNow + 49 * kHour);
  CHECK(fixture.Block(tuple, 0)->tuples.size() == 2);
  // A clock that was ahead.
  expire(kNow - kHour);
  CHECK(fixture.Block(tuple, 0)->tuples[1].first_seen == kNow - kHour);
  expire(kNow + 50 * kHour);
  CHECK(fixture.store.Count(Table::kFolded) == 0);
}

TEST_CASE("expiry looks again before it removes", "[greylist]") {
  TableFixture fixture;
  const Tuple old = fixture.From("192.0.2.1");
  const Tuple renewed = fixture.From("198.51.100.1");
  const TupleKey old_key{old.addresses, old.identities.network_hash};
  const TupleKey renewed_key{renewed.addresses, renewed.identities.network_hash};
  fixture.Try(old, kNow);
  fixture.Try(renewed, kNow);
  const WallTime later = kNow + 100 * kHour;
  fixture.Try(renewed, later);
  fixture.store.Do(ExpireTuples({old_key.Encode(), renewed_key.Encode(), "no such key"}, later,
                                Shared(fixture.config)));
  CHECK(fixture.store.Get(Table::kTuples, old_key.Encode()).empty());
  CHECK_FALSE(fixture.store.Get(Table::kTuples, renewed_key.Encode()).empty());
}

}  // namespace
}  // namespace mxward::greylist
