// SPDX-License-Identifier: Apache-2.0
#include "engine/evidence_collector.h"

#include <memory>
#include <string>

#include "catch.h"
#include "config/loader.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/fake_resolver.h"
#include "tests/fake/memory_log.h"

namespace mxward {
namespace {

using dns::RecordType;
using dns::answers::Addresses;

std::shared_ptr<const Config> WithLists(const std::string& lists) {
  LoadResult loaded = ParseConfig("dnsbl = [" + lists + "]", "test");
  REQUIRE(loaded);
  return std::make_shared<const Config>(*std::move(loaded));
}

const char* const kBad =
    R"({ name = "bad", zone = "bad.lists.example", codes = { "127.0.0.2" = 4 } })";
const char* const kNames =
    R"({ name = "names", zone = "names.lists.example", codes = { "127.0.0.2" = 3 }, )"
    R"(of = ["helo", "sender-domain"] })";

struct CollectorFixture {
  explicit CollectorFixture(const std::string& lists = kBad) : config(WithLists(lists)) {
    health.SetLists({config, &config->dnsbl});
    dnsbl::TestResult passed;
    passed.unlisted.emplace().state = dnsbl::State::kNotListed;
    for (const DnsblConfig& list : config->dnsbl) health.Find(list)->NoteTest(passed);
    resolver.SetZone("", Addresses({"198.51.100.25"}));
    resolver.SetZone("lists.example");
    session.client = IpAddress::Parse("192.0.2.10");
    session.helo = "mail.example.org";
  }

  EvidenceCollector New() {
    return EvidenceCollector({&resolver, health, clock, slots, sender_slots, trouble, spf,
                              permissions, spf_failures, waits, given_up});
  }
  void Begin(EvidenceCollector& collector) {
    collector.Connect(session, config);
    collector.Helo(session.helo);
    collector.Mail(session, "a@example.org", config);
  }

  // Of the first list.
  dnsbl::ListWatch& Watch() { return *health.Find(config->dnsbl.front()); }

  FakeClock clock;
  MemoryLog log;
  dns::FakeResolver resolver{clock};
  dnsbl::Health health{clock, log};
  Shares slots{kWaitSlots};
  Shares sender_slots{kSenderSlots};
  Trouble trouble;
  spf::Evaluations spf{clock};
  PermissionBudgets permissions{clock};
  SpfFailures spf_failures;
  Counter waits, given_up;
  std::shared_ptr<const Config> config;
  SessionFacts session;
};

TEST_CASE("a list is asked at CONNECT and awaited when it matters", "[engine]") {
  CollectorFixture fixture;
  fixture.resolver.Set("10.2.0.192.bad.lists.example", RecordType::kA, Addresses({"127.0.0.2"}),
                       Millis(300));
  EvidenceCollector collector = fixture.New();
  collector.Connect(fixture.session, fixture.config);
  CHECK(fixture.resolver.asked_below("bad.lists.example") == 1);
  fixture.Begin(collector);
  policy::Evidence evidence = collector.Current();
  REQUIRE(evidence.lists.size() == 1);
  CHECK(evidence.lists[0].pending);
  CHECK(evidence.lists[0].max_score == 4);
  while (evidence.Pending()) {
    collector.WaitForMore();
    evidence = collector.Current();
  }
  CHECK(evidence.lists[0].meaning.score == 4);
  CHECK(evidence.lists[0].origin == Origin::kDns);
  CHECK(evidence.lists[0].latency == Millis(300));
  CHECK(fixture.given_up.value() == 0);
}

TEST_CASE("silence is awaited until the deadline of the question, then unknown", "[engine]") {
  CollectorFixture fixture;
  fixture.resolver.SetZoneSilent("lists.example");
  fixture.resolver.SetZoneSilent("bad.lists.example");
  EvidenceCollector collector = fixture.New();
  collector.Connect(fixture.session, fixture.config);
  fixture.clock.Advance(Millis(1500));
  collector.Mail(fixture.session, "", fixture.config);
  const MonoTime before = fixture.clock.Monotonic();
  policy::Evidence evidence = collector.Current();
  while (evidence.Pending()) {
    collector.WaitForMore();
    evidence = collector.Current();
  }
  CHECK(fixture.clock.Monotonic() - before == Millis(500));
  CHECK(evidence.lists[0].meaning.state == dnsbl::State::kUnknown);
  CHECK(evidence.lists[0].meaning.score == 0);
}

TEST_CASE("a session waits dns.deadline in all", "[engine]") {
  CollectorFixture fixture;
  fixture.resolver.SetZoneSilent("");
  EvidenceCollector collector = fixture.New();
  collector.Connect(fixture.session, fixture.config);
  const MonoTime before = fixture.clock.Monotonic();
  for (const char* sender : {"a@one.example", "a@two.example", "a@three.example"}) {
    collector.Mail(fixture.session, sender, fixture.config);
    policy::Evidence evidence = collector.Current();
    while (evidence.Pending()) {
      collector.WaitForMore();
      evidence = collector.Current();
    }
    collector.EndMessage();
  }
  CHECK(fixture.clock.Monotonic() - before == fixture.config->dns.deadline);
}

TEST_CASE("who is taken his place in waiting goes on with what is known", "[engine]") {
  CollectorFixture fixture;
  fixture.resolver.SetZoneSilent("bad.lists.example");
  EvidenceCollector collector = fixture.New();
  fixture.Begin(collector);
  // While it waits, others of its network come.
  fixture.resolver.Set("later.example", RecordType::kA, Addresses({"198.51.100.25"}), Millis(700));
  fixture.resolver.Ask(
      {"later.example", RecordType::kA}, dns::Freshness::kCached, [&](const dns::AnswerPtr&, bool) {
        for (std::size_t i = 0; i < kWaitSlots.most_of_one; ++i) {
          fixture.slots.Enter(*IpAddress::Parse("192.0.2.99"), fixture.clock.Monotonic());
        }
      });
  const MonoTime before = fixture.clock.Monotonic();
  policy::Evidence evidence = collector.Current();
  while (evidence.Pending()) {
    collector.WaitForMore();
    evidence = collector.Current();
  }
  CHECK(fixture.clock.Monotonic() - before == Millis(700));
  CHECK(evidence.lists[0].meaning.state == dnsbl::State::kUnknown);
  CHECK(fixture.given_up.value() == 1);
  // Somebody else's wait is his own.
  EvidenceCollector other = fixture.New();
  fixture.session.client = IpAddress::Parse("198.51.100.1");
  fixture.Begin(other);
  other.Current();
  other.WaitForMore();
  CHECK(fixture.clock.Monotonic() - before == Millis(700) + fixture.config->dns.deadline);
}

TEST_CASE("a client that is too much trouble is refused lookups of its own zones only",
          "[engine]") {
  CollectorFixture fixture;
  fixture.resolver.SetZone("stranger.example", dns::answers::Failed());
  const auto sender_of = [&](const char* client, const std::string& domain) {
    fixture.session.client = IpAddress::Parse(client);
    EvidenceCollector collector = fixture.New();
    collector.Connect(fixture.session, fixture.config);
    collector.Mail(fixture.session, "a@" + domain, fixture.config);
    policy::Evidence evidence = collector.Current();
    while (evidence.Pending()) {
      collector.WaitForMore();
      evidence = collector.Current();
    }
    CHECK(evidence.lists[0].meaning.state == dnsbl::State::kNotListed);
    return evidence.sender.state;
  };
  int asked = 0;
  while (asked < 100 && sender_of("203.0.113.9", std::to_string(asked) + ".stranger.example") ==
                            SenderDomainState::kUnknown) {
    ++asked;
  }
  CHECK(asked == Trouble::kBurst);  // a domain whose MX fails costs one lookup
  CHECK(sender_of("203.0.113.9", "good.example") == SenderDomainState::kLeftOut);
  // A neighbour is not touched, and what failed for one client is remembered as that name.
  CHECK(sender_of("203.0.113.10", "good.example") == SenderDomainState::kGood);
  const auto before = fixture.resolver.asked_below("stranger.example");
  CHECK(sender_of("203.0.113.10", "1.stranger.example") == SenderDomainState::kUnknown);
  CHECK(fixture.resolver.asked_below("stranger.example") == before);
  CHECK(sender_of("203.0.113.10", "new.stranger.example") == SenderDomainState::kUnknown);
  CHECK(fixture.resolver.asked_below("stranger.example") > before);
  // What is cached costs nothing; and it passes.
  CHECK(sender_of("203.0.113.9", "good.example") == SenderDomainState::kGood);
  fixture.clock.Advance(Millis(40000));
  CHECK(sender_of("203.0.113.9", "other.example") == SenderDomainState::kGood);
}

TEST_CASE("frozen evidence stays for the message and not for the next", "[engine]") {
  CollectorFixture fixture;
  fixture.resolver.Set("10.2.0.192.bad.lists.example", RecordType::kA, Addresses({"127.0.0.2"}),
                       Millis(300));
  EvidenceCollector collector = fixture.New();
  fixture.Begin(collector);
  const auto now = [&] { return std::make_shared<const policy::Evidence>(collector.Current()); };
  CHECK(collector.Freeze(now()));
  fixture.clock.Advance(Millis(1000));
  fixture.resolver.Settle();
  CHECK_FALSE(collector.frozen()->Pending());
  CHECK(collector.frozen()->lists.empty());
  CHECK_FALSE(collector.Freeze(now()));
  CHECK(collector.frozen()->lists.empty());
  collector.Mail(fixture.session, "b@example.org", fixture.config);
  CHECK(collector.frozen() == nullptr);
  CHECK(collector.Current().lists[0].meaning.score == 4);
}

TEST_CASE("a message is judged by the lists of its own config", "[engine]") {
  CollectorFixture fixture;
  fixture.resolver.Set("10.2.0.192.bad.lists.example", RecordType::kA, Addresses({"127.0.0.2"}));
  fixture.resolver.Set("10.2.0.192.more.lists.example", RecordType::kA, Addresses({"127.0.0.2"}));
  EvidenceCollector collector = fixture.New();
  collector.Connect(fixture.session, fixture.config);
  fixture.clock.Advance(Millis(100));
  const auto changed =
      WithLists(R"({ name = "more", zone = "more.lists.example", codes = { "127.0.0.2" = 7 } })");
  fixture.health.SetLists({changed, &changed->dnsbl});
  collector.Mail(fixture.session, "", changed);
  fixture.clock.Advance(Millis(100));
  fixture.resolver.Settle();
  const policy::Evidence evidence = collector.Current();
  REQUIRE(evidence.lists.size() == 1);
  CHECK(evidence.lists[0].list == "more");
  CHECK(evidence.lists[0].meaning.score == 7);
}

TEST_CASE("a private client is not asked about, its sender is", "[engine]") {
  CollectorFixture fixture(std::string(kBad) + ", " + kNames);
  fixture.session.client = IpAddress::Parse("10.1.2.3");
  EvidenceCollector collector = fixture.New();
  fixture.Begin(collector);
  CHECK(fixture.resolver.asked_below("bad.lists.example") == 0);
  CHECK(fixture.resolver.asked("mail.example.org.names.lists.example", RecordType::kA) == 0);
  CHECK(fixture.resolver.asked("example.org.names.lists.example", RecordType::kA) == 1);
}

TEST_CASE("the last HELO counts, and a session asks about few", "[engine]") {
  CollectorFixture fixture(kNames);
  fixture.resolver.Set("first.example.org.names.lists.example", RecordType::kA,
                       Addresses({"127.0.0.2"}));
  fixture.session.helo = "first.example.org";
  EvidenceCollector collector = fixture.New();
  fixture.Begin(collector);
  fixture.clock.Advance(Millis(100));
  fixture.resolver.Settle();
  CHECK(collector.Current().lists[0].meaning.score == 3);
  collector.Helo("second.example.org");
  fixture.clock.Advance(Millis(100));
  fixture.resolver.Settle();
  for (const policy::ListEvidence& said : collector.Current().lists) {
    CHECK(said.about != "first.example.org");
  }
  for (int i = 0; i < 100; ++i) collector.Helo("h" + std::to_string(i) + ".example.org");
  for (int i = 0; i < 300; ++i) {
    collector.Mail(fixture.session, "a@d" + std::to_string(i) + ".example", fixture.config);
  }
  CHECK(fixture.resolver.asked_below("names.lists.example") ==
        EvidenceCollector::kMostHelos + EvidenceCollector::kMostSenders);
}

TEST_CASE("our own overload does not speak against a list", "[engine]") {
  CollectorFixture fixture;
  dns::Answer not_queried = dns::answers::Failed("too many questions under way");
  not_queried.not_queried = true;
  fixture.resolver.SetZone("bad.lists.example", not_queried);
  for (int i = 0; i < 50; ++i) {
    EvidenceCollector collector = fixture.New();
    fixture.Begin(collector);
    fixture.clock.Advance(Millis(10));
    fixture.resolver.Settle();
  }
  CHECK(fixture.Watch().MayAsk());
  fixture.resolver.SetZone("bad.lists.example", dns::answers::Failed("SERVFAIL"));
  for (int i = 0; i < 50; ++i) {
    EvidenceCollector collector = fixture.New();
    fixture.Begin(collector);
    fixture.clock.Advance(Millis(10));
    fixture.resolver.Settle();
  }
  CHECK_FALSE(fixture.Watch().MayAsk());
}

TEST_CASE("what comes late is noted of the list that was asked, not of its successor", "[engine]") {
  CollectorFixture fixture;
  fixture.resolver.SetZone("bad.lists.example", Addresses({"192.0.2.1"}), Millis(500));
  EvidenceCollector collector = fixture.New();
  collector.Connect(fixture.session, fixture.config);
  const auto changed =
      WithLists(R"({ name = "bad", zone = "new.lists.example", codes = { "127.0.0.2" = 4 } })");
  fixture.health.SetLists({changed, &changed->dnsbl});
  fixture.clock.Advance(Millis(1000));
  fixture.resolver.Settle();
  CHECK(collector.Current().lists.at(0).meaning.state == dnsbl::State::kBogus);
  const auto successor = fixture.health.Find(changed->dnsbl.front());
  CHECK_FALSE(successor->Counts());  // not tested yet
  CHECK(successor->Status().asked == 0);
  CHECK(fixture.log.size() == 0);
}

TEST_CASE("without a resolver there is no evidence and no wait", "[engine]") {
  CollectorFixture fixture;
  EvidenceCollector collector(
      {nullptr, fixture.health, fixture.clock, fixture.slots, fixture.sender_slots, fixture.trouble,
       fixture.spf, fixture.permissions, fixture.spf_failures, fixture.waits, fixture.given_up});
  fixture.Begin(collector);
  CHECK(collector.Current().lists.empty());
  CHECK_FALSE(collector.Current().Pending());
}

TEST_CASE("the text of a listing waits no longer than the session may", "[engine]") {
  CollectorFixture fixture;
  fixture.resolver.Set("10.2.0.192.bad.lists.example", RecordType::kA, Addresses({"127.0.0.2"}));
  fixture.resolver.Set("10.2.0.192.bad.lists.example", RecordType::kTxt,
                       dns::answers::Texts({"see https://bad.example/"}), Millis(50));
  EvidenceCollector collector = fixture.New();
  fixture.Begin(collector);
  fixture.clock.Advance(Millis(100));
  fixture.resolver.Settle();
  const policy::Evidence evidence = collector.Current();
  CHECK(collector.ListText(evidence.lists[0]) == "see https://bad.example/");
  fixture.resolver.SetSilent("10.2.0.192.bad.lists.example", RecordType::kTxt);
  fixture.resolver.ForgetAnswers();
  const MonoTime before = fixture.clock.Monotonic();
  CHECK(collector.ListText(evidence.lists[0]).empty());
  CHECK(fixture.clock.Monotonic() - before <= fixture.config->dns.deadline);
}

TEST_CASE("an answer may come after its session has ended", "[engine]") {
  CollectorFixture fixture;
  fixture.resolver.SetZone("bad.lists.example", dns::answers::NoName(), Millis(500));
  {
    EvidenceCollector collector = fixture.New();
    fixture.Begin(collector);
  }
  fixture.clock.Advance(Millis(1000));
  fixture.resolver.Settle();
  CHECK(fixture.resolver.asked_below("bad.lists.example") == 1);
}

}  // namespace
}  // namespace mxward
