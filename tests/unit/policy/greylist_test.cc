// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "catch.h"
#include "tests/fake/test_config.h"
#include "tests/fake/times.h"
#include "tests/unit/policy/step.h"

namespace mxward::policy {
namespace {

using std::chrono_literals::operator""s;

using greylist::AutoAllowRecord;
using greylist::State;
using greylist::TupleRecord;

TupleRecord Record(State state, Seconds age) {
  TupleRecord record;
  record.state = state;
  record.first_seen = record.last_seen = kNow - age;
  return record;
}

AutoAllowRecord Allowed(Seconds age) {
  AutoAllowRecord record;
  record.allowed = true;
  record.last_used = kNow - age;
  return record;
}

// A stranger from 192.0.2.7, about whom the store knows what a test says.
struct Fixture {
  Config config = TestConfig();
  SessionFacts session;
  MessageFacts message;
  Known known;
  bool observing = false;

  Fixture() {
    session.client = IpAddress::V4(0xc0000207);
    known.entries.emplace();
    known.evidence.emplace();
    known.greylist.emplace();
    known.tuple.emplace();
    greylist::Identities& identities = known.tuple->identities;
    identities.name = "example.org";
    identities.name_hash = 1;
    identities.network = *Prefix::Parse("192.0.2.0/24");
    identities.network_hash = 2;
    identities.client = *Prefix::Parse("192.0.2.7");
    identities.client_hash = 3;
  }
  greylist::TupleLookup& lookup() { return *known.greylist; }
  void NoName() {
    known.tuple->identities.name.clear();
    known.tuple->identities.name_hash = 0;
  }
  std::variant<Need, Outcome> Ask() {
    const Facts facts{session, message, "b@here.test", observing};
    return AskOnce(facts, known, config, kNow);
  }
  Outcome Decide() { return std::get<Outcome>(Ask()); }
};

template <class T>
const T* EffectOf(const Outcome& outcome) {
  for (const Effect& effect : outcome.effects) {
    if (const T* found = std::get_if<T>(&effect)) return found;
  }
  return nullptr;
}

TEST_CASE("a new tuple is deferred, and only after its record is committed", "[policy]") {
  Fixture fixture;
  const Outcome outcome = fixture.Decide();
  CHECK(outcome.decision.reason == Reason::kGreylistNew);
  CHECK(outcome.decision.delay == Seconds(300));
  CHECK(outcome.decision.identity.empty());
  CHECK(outcome.decision.reply.text == "Greylisted, please try again in 300 seconds");
  REQUIRE(outcome.effects.size() == 1);
  const auto* change = EffectOf<TryTuple>(outcome);
  REQUIRE(change != nullptr);
  CHECK(change->must_commit_before_reply);
  CHECK(change->starts);
  CHECK_FALSE(change->ends);
  CHECK_FALSE(change->fold);
}

TEST_CASE("an early retry is told what is left, its record stands already", "[policy]") {
  Fixture fixture;
  fixture.lookup().record = Record(State::kPending, 100s);
  const Outcome outcome = fixture.Decide();
  CHECK(outcome.decision.reason == Reason::kGreylistEarly);
  CHECK(outcome.decision.delay == Seconds(200));
  CHECK(outcome.decision.identity == "network:192.0.2.0/24");
  CHECK_FALSE(EffectOf<TryTuple>(outcome)->must_commit_before_reply);
  CHECK_FALSE(EffectOf<TryTuple>(outcome)->starts);
}

TEST_CASE("a first-seen that is brought back from the future is a promise, too", "[policy]") {
  Fixture fixture;
  fixture.lookup().record = Record(State::kPending, -10000s);
  const Outcome outcome = fixture.Decide();
  CHECK(outcome.decision.reason == Reason::kGreylistEarly);
  CHECK(outcome.decision.delay == Seconds(300));
  CHECK(EffectOf<TryTuple>(outcome)->must_commit_before_reply);
}

TEST_CASE("a retry in time passes and counts for the client", "[policy]") {
  Fixture fixture;
  fixture.lookup().record = Record(State::kPending, 301s);
  fixture.lookup().by_name = true;
  const Outcome outcome = fixture.Decide();
  CHECK(outcome.decision.verdict == Verdict::kAccept);
  CHECK(outcome.decision.reason == Reason::kGreylistPassed);
  CHECK(outcome.decision.delay == Seconds(301));
  CHECK(outcome.decision.identity == "name:example.org");
  CHECK(EffectOf<TryTuple>(outcome)->ends);
  CHECK_FALSE(EffectOf<TryTuple>(outcome)->must_commit_before_reply);
  REQUIRE(EffectOf<CreditAutoAllow>(outcome) != nullptr);
  CHECK(EffectOf<CreditAutoAllow>(outcome)->identity_hash == 3);
  CHECK(EffectOf<CreditAutoAllow>(outcome)->identity == "client:192.0.2.7");
}

TEST_CASE("whom SPF lets send is asked once, about what would be deferred", "[policy]") {
  Fixture fixture;
  fixture.message.sender = "joe@example.net";
  fixture.known.spf_identity_requested = false;
  const auto asks = [&] {
    const auto said = fixture.Ask();
    const Need* need = std::get_if<Need>(&said);
    return need != nullptr && *need == Need::kSpfIdentity;
  };
  SECTION("new") { CHECK(asks()); }
  SECTION("early") {
    fixture.lookup().record = Record(State::kPending, 100s);
    CHECK(asks());
  }
  SECTION("folded") {
    fixture.lookup().pending_of_client = 1000;
    CHECK(asks());
  }
  SECTION("back in time") {
    fixture.lookup().record = Record(State::kPending, 301s);
    CHECK_FALSE(asks());
  }
  SECTION("known") {
    fixture.lookup().record = Record(State::kPassed, 1800s);
    CHECK_FALSE(asks());
  }
  SECTION("allowed") {
    fixture.lookup().auto_allow = Allowed(60s);
    CHECK_FALSE(asks());
  }
  SECTION("the null sender") {
    fixture.message.sender.clear();
    CHECK_FALSE(asks());
  }
  SECTION("turned off") {
    fixture.config.greylist.identity_spf = false;
    CHECK_FALSE(asks());
  }
  fixture.known.spf_identity_requested = true;
  CHECK_FALSE(asks());
}

TEST_CASE("what an organisation has earned is not for who lost his own, or is of bad history",
          "[policy]") {
  Fixture fixture;
  fixture.known.tuple->identities.spf = "example.org";
  fixture.known.tuple->identities.organisation_hash = 4;
  fixture.lookup().of_organisation = Allowed(7200s);
  SECTION("neither") {
    const Outcome outcome = fixture.Decide();
    CHECK(outcome.decision.reason == Reason::kGreylistAutoAllowed);
    CHECK(outcome.decision.identity == "organisation:example.org");
    REQUIRE(EffectOf<TouchAutoAllow>(outcome) != nullptr);
    CHECK(EffectOf<TouchAutoAllow>(outcome)->identity_hash == 4);
  }
  SECTION("its own comes first") {
    fixture.lookup().auto_allow = Allowed(60s);
    CHECK(fixture.Decide().decision.identity == "client:192.0.2.7");
  }
  SECTION("lost") {
    fixture.lookup().auto_allow = Allowed(60s);
    fixture.lookup().auto_allow->lost_at = kNow - 60s;
    CHECK(fixture.Decide().decision.verdict == Verdict::kDefer);
  }
  SECTION("bad") {
    fixture.known.evidence->history.standing = Standing::kBad;
    CHECK(fixture.Decide().decision.verdict == Verdict::kDefer);
  }
}

TEST_CASE("a tuple counts for its organisation by SPF and both names", "[policy]") {
  Fixture fixture;
  fixture.message.sender = "joe@mail.example.org";
  fixture.lookup().record = Record(State::kPending, 301s);
  fixture.lookup().record->spf = true;
  fixture.lookup().record->name_hash = 1;
  fixture.lookup().record->client_tag = 99;
  SECTION("all") {
    const Outcome outcome = fixture.Decide();
    REQUIRE(EffectOf<CreditOrganisation>(outcome) != nullptr);
    CHECK(EffectOf<CreditOrganisation>(outcome)->organisation == "example.org");
    CHECK(EffectOf<CreditOrganisation>(outcome)->client == 99);
  }
  SECTION("not SPF") {
    fixture.lookup().record->spf = false;
    CHECK(EffectOf<CreditOrganisation>(fixture.Decide()) == nullptr);
  }
  SECTION("not the first client's name") {
    fixture.lookup().record->name_hash = 2;
    CHECK(EffectOf<CreditOrganisation>(fixture.Decide()) == nullptr);
  }
  SECTION("no name now") {
    fixture.NoName();
    fixture.lookup().record->name_hash = 0;
    CHECK(EffectOf<CreditOrganisation>(fixture.Decide()) == nullptr);
  }
  SECTION("not the sender's domain") {
    fixture.message.sender = "joe@example.net";
    CHECK(EffectOf<CreditOrganisation>(fixture.Decide()) == nullptr);
  }
}

TEST_CASE("a record that only SPF matches is the sender's domain's", "[policy]") {
  Fixture fixture;
  fixture.lookup().record = Record(State::kPending, 301s);
  fixture.known.tuple->identities.spf = "example.net";
  fixture.lookup().by_spf = true;
  CHECK(fixture.Decide().decision.identity == "spf:example.net");
}

TEST_CASE("nothing is earned when that is off, or while nobody was deferred", "[policy]") {
  Fixture fixture;
  fixture.lookup().record = Record(State::kPending, 301s);
  SECTION("turned off") { fixture.config.greylist.auto_allow_after = 0; }
  SECTION("observed") { fixture.lookup().record->observed = true; }
  CHECK(EffectOf<CreditAutoAllow>(fixture.Decide()) == nullptr);
}

TEST_CASE("a known tuple costs no write within the hour", "[policy]") {
  Fixture fixture;
  fixture.lookup().record = Record(State::kPassed, 1800s);
  CHECK(fixture.Decide().decision.reason == Reason::kGreylistKnown);
  CHECK(fixture.Decide().effects.empty());
  fixture.lookup().record = Record(State::kPassed, kHour + 1s);
  REQUIRE(fixture.Decide().effects.size() == 1);
  CHECK_FALSE(EffectOf<TryTuple>(fixture.Decide())->must_commit_before_reply);
}

TEST_CASE("an expired tuple is deferred again, and counts as pending once", "[policy]") {
  Fixture fixture;
  fixture.lookup().record = Record(State::kPending, 3 * kDay);
  Outcome outcome = fixture.Decide();
  CHECK(outcome.decision.reason == Reason::kGreylistExpired);
  CHECK(outcome.decision.identity.empty());
  CHECK(EffectOf<TryTuple>(outcome)->must_commit_before_reply);
  CHECK_FALSE(EffectOf<TryTuple>(outcome)->starts);
  fixture.lookup().record = Record(State::kPassed, 40 * kDay);
  outcome = fixture.Decide();
  CHECK(outcome.decision.reason == Reason::kGreylistExpired);
  CHECK(EffectOf<TryTuple>(outcome)->must_commit_before_reply);
  CHECK(EffectOf<TryTuple>(outcome)->starts);
}

TEST_CASE("a client that earned it is not greylisted", "[policy]") {
  Fixture fixture;
  fixture.lookup().auto_allow = Allowed(10s);
  SECTION("a new tuple") {}
  SECTION("one that is over") { fixture.lookup().record = Record(State::kPassed, 40 * kDay); }
  SECTION("without a name") { fixture.NoName(); }
  CHECK(fixture.Decide().decision.identity == "client:192.0.2.7");
  CHECK(fixture.Decide().decision.verdict == Verdict::kAccept);
  CHECK(fixture.Decide().decision.reason == Reason::kGreylistAutoAllowed);
  CHECK(fixture.Decide().effects.empty());
}

TEST_CASE("a tuple's own record is told before what was earned", "[policy]") {
  Fixture fixture;
  fixture.lookup().auto_allow = Allowed(10s);
  fixture.lookup().record = Record(State::kPassed, 10s);
  CHECK(fixture.Decide().decision.reason == Reason::kGreylistKnown);
  fixture.lookup().record = Record(State::kPending, 400s);
  CHECK(fixture.Decide().decision.reason == Reason::kGreylistPassed);
}

TEST_CASE("the use of an allowance is noted once an hour", "[policy]") {
  Fixture fixture;
  fixture.lookup().auto_allow = Allowed(kHour + 1s);
  REQUIRE(EffectOf<TouchAutoAllow>(fixture.Decide()) != nullptr);
  CHECK(EffectOf<TouchAutoAllow>(fixture.Decide())->identity_hash == 3);
  fixture.lookup().auto_allow = Allowed(-kDay);  // a clock that was ahead
  CHECK(EffectOf<TouchAutoAllow>(fixture.Decide()) != nullptr);
}

TEST_CASE("an allowance that is over, forgotten, lost or a name's is none", "[policy]") {
  Fixture fixture;
  fixture.lookup().auto_allow = Allowed(10s);
  SECTION("over") { fixture.lookup().auto_allow = Allowed(61 * kDay); }
  SECTION("forgotten") { fixture.lookup().auto_allow->forgotten = true; }
  SECTION("not enough yet") { fixture.lookup().auto_allow->allowed = false; }
  SECTION("turned off") { fixture.config.greylist.auto_allow_after = 0; }
  SECTION("lost") { fixture.lookup().auto_allow->lost_at = kNow - 6 * kDay; }
  SECTION("a name's") { fixture.lookup().auto_allow->identity = "name:example.org"; }
  CHECK(fixture.Decide().decision.reason == Reason::kGreylistNew);
}

TEST_CASE("an allowance does not outweigh lists that are suspicious by themselves", "[policy]") {
  Fixture fixture;
  fixture.lookup().auto_allow = Allowed(10s);
  ListEvidence said;
  said.list = "bad";
  said.meaning.state = dnsbl::State::kListed;
  said.max_score = 2;
  const auto reason = [&](int score) {
    said.meaning.score = score;
    fixture.known.evidence->lists = {said};
    return fixture.Decide().decision.reason;
  };
  CHECK(reason(1) == Reason::kGreylistAutoAllowed);
  CHECK(reason(2) == Reason::kGreylistNew);
  said.of = DnsblOf::kSenderDomain;
  CHECK(reason(2) == Reason::kGreylistNew);
  said.scored = false;
  CHECK(reason(2) == Reason::kGreylistAutoAllowed);

  // One that may yet do so is waited for, but only where the allowance matters.
  said = ListEvidence();
  said.list = "bad";
  said.pending = true;
  said.max_score = 2;
  fixture.known.evidence->lists = {said};
  const Facts facts{fixture.session, fixture.message, "b@here.test", false};
  const auto step = [&] { return AskOnce(facts, fixture.known, fixture.config, kNow); };
  CHECK(std::get<Need>(step()) == Need::kMoreEvidence);
  fixture.lookup().record = Record(State::kPassed, 10s);
  CHECK(std::get<Outcome>(step()).decision.reason == Reason::kGreylistKnown);
  fixture.lookup().record.reset();
  fixture.lookup().auto_allow.reset();
  CHECK(std::get<Outcome>(step()).decision.reason == Reason::kGreylistNew);
}

TEST_CASE("beyond the limit a client's tuples are folded, each by its own time", "[policy]") {
  Fixture fixture;
  fixture.lookup().pending_of_client = 499;
  CHECK_FALSE(EffectOf<TryTuple>(fixture.Decide())->fold);
  fixture.lookup().pending_of_client = 500;
  Outcome outcome = fixture.Decide();
  CHECK(outcome.decision.reason == Reason::kGreylistNew);
  CHECK(outcome.decision.identity == "client:192.0.2.7");
  REQUIRE(outcome.decision.findings.size() == 1);
  CHECK(outcome.decision.findings[0].check == Check::kFolded);
  CHECK(EffectOf<TryTuple>(outcome)->fold);
  CHECK(EffectOf<TryTuple>(outcome)->must_commit_before_reply);
  CHECK_FALSE(EffectOf<TryTuple>(outcome)->starts);

  fixture.lookup().folded = {1, kNow - Seconds(100)};
  outcome = fixture.Decide();
  CHECK(outcome.decision.reason == Reason::kGreylistEarly);
  CHECK(outcome.decision.delay == Seconds(200));
  CHECK(EffectOf<TryTuple>(outcome) == nullptr);  // there is nothing to note

  fixture.lookup().folded->first_seen = kNow - Seconds(300);
  outcome = fixture.Decide();
  CHECK(outcome.decision.reason == Reason::kGreylistPassed);
  CHECK(EffectOf<TryTuple>(outcome)->fold);
  CHECK(EffectOf<TryTuple>(outcome)->ends);
  CHECK(EffectOf<CreditAutoAllow>(outcome) == nullptr);

  // From a clock that was ahead: a new time, and a promise.
  fixture.lookup().folded->first_seen = kNow + kHour;
  outcome = fixture.Decide();
  CHECK(outcome.decision.reason == Reason::kGreylistEarly);
  CHECK(outcome.decision.delay == Seconds(300));
  CHECK(EffectOf<TryTuple>(outcome)->must_commit_before_reply);
}

TEST_CASE("what cannot be remembered is deferred all the same", "[policy]") {
  Fixture fixture;
  fixture.lookup().pending_of_client = 500;
  fixture.lookup().folded_full = true;
  const Outcome outcome = fixture.Decide();
  CHECK(outcome.decision.reason == Reason::kGreylistNew);
  CHECK(outcome.decision.verdict == Verdict::kDefer);
  CHECK(outcome.decision.findings[0].check == Check::kFolded);
  CHECK(EffectOf<TryTuple>(outcome) == nullptr);
  CHECK(EffectOf<CountUnremembered>(outcome) != nullptr);
  // Those that are remembered go on.
  fixture.lookup().folded = {1, kNow - kHour};
  CHECK(fixture.Decide().decision.reason == Reason::kGreylistPassed);
}

TEST_CASE("a tuple of its own is not folded", "[policy]") {
  Fixture fixture;
  fixture.lookup().pending_of_client = 500;
  fixture.lookup().record = Record(State::kPending, 100s);
  const Outcome outcome = fixture.Decide();
  CHECK_FALSE(EffectOf<TryTuple>(outcome)->fold);
  CHECK(outcome.decision.identity == "network:192.0.2.0/24");
}

TEST_CASE("what was folded still passes when the flood is over", "[policy]") {
  Fixture fixture;
  fixture.lookup().pending_of_client = 3;
  fixture.lookup().folded = {1, kNow - Seconds(100)};
  CHECK(fixture.Decide().decision.reason == Reason::kGreylistEarly);
  fixture.lookup().folded->first_seen = kNow - kHour;
  CHECK(fixture.Decide().decision.reason == Reason::kGreylistPassed);
  fixture.lookup().folded->first_seen = kNow - 3 * kDay;
  CHECK(fixture.Decide().decision.reason == Reason::kGreylistNew);
  CHECK_FALSE(EffectOf<TryTuple>(fixture.Decide())->fold);
}

TEST_CASE("without the network identity a match says that it is the client", "[policy]") {
  Fixture fixture;
  fixture.config.greylist.identity_network = false;
  fixture.known.tuple->identities.network = *Prefix::Parse("192.0.2.7");
  fixture.lookup().record = Record(State::kPassed, 10s);
  CHECK(fixture.Decide().decision.identity == "client:192.0.2.7");
}

TEST_CASE("while observing the same is decided", "[policy]") {
  Fixture fixture;
  fixture.observing = true;
  const Outcome outcome = fixture.Decide();
  CHECK(outcome.decision.verdict == Verdict::kDefer);
  CHECK(outcome.decision.reason == Reason::kGreylistNew);
  CHECK(EffectOf<TryTuple>(outcome) != nullptr);
}

}  // namespace
}  // namespace mxward::policy
