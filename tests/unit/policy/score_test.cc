// SPDX-License-Identifier: Apache-2.0
#include "policy/score.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "config/loader.h"
#include "policy/replies.h"
#include "tests/fake/test_config.h"
#include "tests/fake/times.h"
#include "tests/unit/policy/step.h"

namespace mxward::policy {
namespace {

SessionFacts Client(const char* address = "192.0.2.1", NameClass name = NameClass::kGood) {
  SessionFacts facts;
  facts.client = IpAddress::Parse(address);
  facts.name_class = name;
  facts.helo = "mail.example.org";
  if (name == NameClass::kGood) facts.client_name = "mail.example.org";
  return facts;
}

ListEvidence Said(const char* list, int score, DnsblOf of = DnsblOf::kClient) {
  ListEvidence said;
  said.list = list;
  said.of = of;
  said.about = of == DnsblOf::kClient ? "192.0.2.1" : "example.org";
  said.max_score = std::max(0, score);
  said.min_score = std::min(0, score);
  said.meaning.state = score == 0 ? dnsbl::State::kNotListed : dnsbl::State::kListed;
  said.meaning.score = score;
  said.meaning.detail = "127.0.0.2";
  return said;
}

ListEvidence Waiting(const char* list, int max_score, int min_score) {
  ListEvidence said;
  said.list = list;
  said.pending = true;
  said.max_score = max_score;
  said.min_score = min_score;
  return said;
}

std::string Names(const Score& score) {
  std::string names;
  for (const Finding& finding : score.findings) {
    names += (names.empty() ? "" : " ") + finding.Name() + ":" + std::to_string(finding.score);
  }
  return names;
}

TEST_CASE("an ordinary server scores nothing", "[policy]") {
  const Score score = ComputeScore(Client(), Evidence(), TestConfig());
  CHECK(score.total == 0);
  CHECK(score.max_total == 0);
  CHECK(score.min_total == 0);
  CHECK(score.findings.empty());
}

TEST_CASE("each class of reverse name has its score", "[policy]") {
  const Config config = TestConfig();
  CHECK(Names(ComputeScore(Client("192.0.2.1", NameClass::kNone), {}, config)) == "rdns-none:4");
  CHECK(Names(ComputeScore(Client("192.0.2.1", NameClass::kForged), {}, config)) ==
        "rdns-forged:4");
  CHECK(Names(ComputeScore(Client("192.0.2.1", NameClass::kDynamic), {}, config)) ==
        "rdns-dynamic:4");
  CHECK(Names(ComputeScore(Client("192.0.2.1", NameClass::kTempfail), {}, config)) ==
        "rdns-tempfail:0");
  CHECK(Names(ComputeScore(Client("192.0.2.1", NameClass::kUnknown), {}, config)).empty());
}

TEST_CASE("groups add up", "[policy]") {
  SessionFacts session = Client("192.0.2.1", NameClass::kNone);
  session.helo = "192.0.2.1";
  Evidence evidence;
  evidence.sender = {SenderDomainState::kNullMx, "example.org", "takes no mail", false};
  evidence.lists = {Said("ZEN", 6)};
  const Score score = ComputeScore(session, evidence, TestConfig());
  CHECK(score.total == 4 + 2 + 2 + 6);
  CHECK(Names(score) == "rdns-none:4 helo-ip:2 sender-null-mx:2 dnsbl:ZEN:6");
  REQUIRE(score.top_listing);
  CHECK(*score.top_listing == 0);
}

TEST_CASE("a private client is not judged by its name or HELO", "[policy]") {
  for (const char* address : {"10.1.2.3", "fd00::1", "169.254.1.1", "127.0.0.1"}) {
    SessionFacts session = Client(address, NameClass::kNone);
    session.helo = "printer";
    CHECK(ComputeScore(session, {}, TestConfig()).total == 0);
  }
}

TEST_CASE("suspended name findings are shown and add nothing", "[policy]") {
  Evidence evidence;
  evidence.name_trust = GENERATE(NameTrust::kResolverBroken, NameTrust::kNotLookedUp);
  const Score score = ComputeScore(Client("192.0.2.1", NameClass::kNone), evidence, TestConfig());
  CHECK(Names(score) == "rdns-none:0");
  CHECK(score.total == 0);
  // There was a name: somebody looked it up.
  CHECK(ComputeScore(Client("192.0.2.1", NameClass::kForged), evidence, TestConfig()).total == 4);
  CHECK(ComputeScore(Client("192.0.2.1", NameClass::kDynamic), evidence, TestConfig()).total == 4);
}

TEST_CASE("a list counts once: the highest of all names it was asked about", "[policy]") {
  Evidence evidence;
  evidence.lists = {Said("DBL", 1, DnsblOf::kHelo), Said("DBL", 6, DnsblOf::kSenderDomain),
                    Said("DBL", 0, DnsblOf::kClientName)};
  const Score score = ComputeScore(Client(), evidence, TestConfig());
  CHECK(Names(score) == "rhsbl:DBL:6");
  REQUIRE(score.top_listing);
  CHECK(evidence.lists[*score.top_listing].of == DnsblOf::kSenderDomain);
}

TEST_CASE("all trust together lowers a score by five at most", "[policy]") {
  Evidence evidence;
  evidence.lists = {Said("ZEN", 6), Said("DNSWL", -5), Said("WL", -3)};
  const Score score = ComputeScore(Client(), evidence, TestConfig());
  CHECK(score.total == 1);
  CHECK(Names(score) == "dnsbl:ZEN:6 dnswl:DNSWL:-5 dnswl:WL:0");
}

TEST_CASE("a list that does not count is shown and adds nothing", "[policy]") {
  Evidence evidence;
  evidence.lists = {Said("ZEN", 6)};
  evidence.lists[0].scored = false;
  evidence.lists[0].condition = "only observed";
  const Score score = ComputeScore(Client(), evidence, TestConfig());
  CHECK(score.total == 0);
  CHECK(Names(score) == "dnsbl:ZEN:0");
  CHECK_FALSE(score.top_listing);
}

TEST_CASE("trouble of a list is a finding without a score", "[policy]") {
  for (const auto state : {dnsbl::State::kRefused, dnsbl::State::kBogus, dnsbl::State::kUnknown}) {
    Evidence evidence;
    evidence.lists = {Said("ZEN", 0)};
    evidence.lists[0].meaning.state = state;
    evidence.lists[0].max_score = 6;
    CHECK(Names(ComputeScore(Client(), evidence, TestConfig())) == "dnsbl:ZEN:0");
  }
}

TEST_CASE("pending answers widen what a score can become", "[policy]") {
  Evidence evidence;
  evidence.lists = {Waiting("ZEN", 6, 0), Waiting("DNSWL", 0, -5), Waiting("WL", 0, -3)};
  evidence.sender_pending = true;
  const Score score = ComputeScore(Client(), evidence, TestConfig());
  CHECK(score.total == 0);
  CHECK(score.max_total == 8);
  CHECK(score.min_total == -kMaxAllowListCredit);
}

TEST_CASE("trust that was told is not pending any more", "[policy]") {
  Evidence evidence;
  evidence.lists = {Said("ZEN", 12), Said("DNSWL", -3)};
  const Score score = ComputeScore(Client(), evidence, TestConfig());
  CHECK(score.total == 9);
  CHECK(score.max_total == 9);
  CHECK(score.min_total == 9);
}

TEST_CASE("one list pending about two names counts once", "[policy]") {
  Evidence evidence;
  evidence.lists = {Waiting("DBL", 6, 0), Waiting("DBL", 6, 0)};
  CHECK(ComputeScore(Client(), evidence, TestConfig()).max_total == 6);
  evidence.lists = {Said("DBL", 6), Waiting("DBL", 6, 0)};
  CHECK(ComputeScore(Client(), evidence, TestConfig()).max_total == 6);
  CHECK(ComputeScore(Client(), evidence, TestConfig()).min_total == 6);
}

struct Asked {
  explicit Asked(SessionFacts facts) : session(std::move(facts)) {
    message.sender = "a@example.org";
    known.entries.emplace();
    known.evidence.emplace();
    known.tuple.emplace();
    known.greylist.emplace();
    config.greylist.apply = GreylistApply::kSuspicious;
    config.reply_list_text = false;
  }
  std::variant<Need, Outcome> Step() {
    return policy::AskOnce({session, message, "b@here.test"}, known, config, kNow);
  }
  Decision Decide() { return std::get<Outcome>(Step()).decision; }

  SessionFacts session;
  MessageFacts message;
  Known known;
  Config config = TestConfig();
};

TEST_CASE("whom nothing speaks against is not greylisted", "[policy]") {
  const Decision decision = Asked(Client()).Decide();
  CHECK(decision.verdict == Verdict::kAccept);
  CHECK(decision.reason == Reason::kNotSuspicious);
  CHECK(decision.score == 0);
}

TEST_CASE("both thresholds act from their value on", "[policy]") {
  for (const int score : {0, 1, 2, 9, 10, 11}) {
    Asked asked(Client());
    asked.known.evidence->lists = {Said("L", score)};
    asked.known.evidence->spf.asked = true;
    const Decision decision = asked.Decide();
    CHECK(decision.score == score);
    CHECK(decision.verdict == (score >= 10  ? Verdict::kReject
                               : score >= 2 ? Verdict::kDefer
                                            : Verdict::kAccept));
  }
}

TEST_CASE("own findings count to their limit, and what is of the sender last", "[policy]") {
  Config config = TestConfig();
  config.score.own_limit = 7;
  config.tls.offered = TlsOffered::kYes;
  SessionFacts session = Client();
  session.name_class = NameClass::kNone;
  session.client_name.clear();
  session.helo = "192.0.2.1";
  Evidence evidence;
  evidence.sender.state = SenderDomainState::kNullMx;
  Score score = ComputeScore(session, evidence, config);
  CHECK(score.own == 4 + 2 + 2 + 2);
  CHECK(score.total == 7);
  CHECK(score.of_others == 0);  // without the sender it would be seven as well
  evidence.sender_pending = true;
  score = ComputeScore(session, evidence, config);
  CHECK(score.own == 8);
  CHECK(score.total == 7);
  CHECK(score.max_total == 7);
  session.tls = true;
  score = ComputeScore(session, evidence, config);
  CHECK(score.total == 6);
  CHECK(score.max_total == 7);
  evidence.sender_pending = false;
  score = ComputeScore(session, evidence, config);
  CHECK(score.total == 7);
  CHECK(score.of_others == 1);
  evidence.lists = {Said("L", 4)};
  CHECK(ComputeScore(session, evidence, config).total == 11);
}

TEST_CASE("a verified HELO outweighs a missing reverse name, and nothing else", "[policy]") {
  Config config = TestConfig();
  Evidence evidence;
  evidence.helo.asked = evidence.helo.resolves = true;
  evidence.helo.name = "mx.example.org";
  SessionFacts session = Client();
  session.name_class = NameClass::kNone;
  const auto names = [&] { return Names(ComputeScore(session, evidence, config)); };
  CHECK(names() == "rdns-none:4 helo-verified:-3");
  SECTION("no other name") {
    for (const NameClass name_class :
         {NameClass::kForged, NameClass::kDynamic, NameClass::kTempfail, NameClass::kGood}) {
      session.name_class = name_class;
      CHECK(names().find("helo-verified") == std::string::npos);
    }
  }
  SECTION("never below 0 together") {
    config.score.helo_verified = -100;
    const Score score = ComputeScore(session, evidence, config);
    CHECK(Names(score) == "rdns-none:4 helo-verified:-4");
    CHECK(score.total == 0);
  }
  SECTION("where a missing name says nothing, nothing is outweighed") {
    evidence.name_trust = NameTrust::kResolverBroken;
    CHECK(names() == "rdns-none:0");
  }
  SECTION("an organisation of too many networks") {
    evidence.helo.crowded = true;
    CHECK(names() == "rdns-none:4 helo-verified:0");
  }
  SECTION("another address") {
    evidence.helo.resolves = false;
    CHECK(names() == "rdns-none:4");
  }
  SECTION("an answer under way can only make it milder") {
    evidence.helo.resolves = false;
    evidence.helo.pending = true;
    const Score score = ComputeScore(session, evidence, config);
    CHECK(score.total == 4);
    CHECK(score.max_total == 4);
    CHECK(score.min_total == 1);
  }
  SECTION("on an older database it waits for its day") {
    evidence.new_findings_from = WallTime(Seconds(1800000000));
    CHECK(names() == "rdns-none:4 helo-verified:0");
  }
}

TEST_CASE("without TLS, SPF that does not pass counts in place of tls-none", "[policy]") {
  Config config = TestConfig();
  config.tls.offered = TlsOffered::kYes;
  const auto evidence_of = [](spf::ResultCode result) {
    auto report = std::make_shared<spf::Report>();
    report->result = result;
    report->domain = "example.org";
    Evidence evidence;
    evidence.spf.asked = true;
    evidence.spf.report = std::move(report);
    return evidence;
  };
  struct Row {
    spf::ResultCode result;
    const char* findings;
    int of_others;
  };
  using enum spf::ResultCode;
  for (const Row& row :
       {Row{kPass, "tls-none:2", 0}, Row{kTemperror, "tls-none:2", 0},
        Row{kUnknown, "tls-none:2", 0}, Row{kNone, "unauthenticated:5", 3},
        Row{kNeutral, "unauthenticated:5", 3}, Row{kFail, "unauthenticated:5 spf-fail:1", 4},
        Row{kSoftfail, "unauthenticated:5 spf-softfail:1", 4},
        Row{kPermerror, "unauthenticated:5 spf-permerror:1", 4}}) {
    CAPTURE(row.findings);
    const Score score = ComputeScore(Client(), evidence_of(row.result), config);
    CHECK(Names(score) == row.findings);
    // Another sender would have had tls-none all the same.
    CHECK(score.of_others == row.of_others);
    CHECK(score.max_total == score.total);
  }
  SECTION("nobody makes it milder by being trouble") {
    Evidence evidence = evidence_of(kTemperror);
    evidence.spf.left_out = true;
    CHECK(Names(ComputeScore(Client(), evidence, config)) == "unauthenticated:5");
  }
  SECTION("an answer under way can still add it") {
    Evidence evidence;
    evidence.spf.asked = evidence.spf.pending = true;
    const Score score = ComputeScore(Client(), evidence, config);
    CHECK(score.total == 2);
    CHECK(score.max_total == 6);
    config.score.own_limit = 4;
    CHECK(ComputeScore(Client(), evidence, config).max_total == 4);
  }
  SECTION("where TLS is not offered its lack says nothing, SPF or not") {
    config.tls.offered = TlsOffered::kAuto;
    CHECK(ComputeScore(Client(), evidence_of(kNone), config).findings.empty());
  }
  SECTION("a rule that skips SPF leaves tls-none, one that skips TLS SPF") {
    RuleSkips skip;
    skip.spf = true;
    CHECK(Names(ComputeScore(Client(), evidence_of(kFail), config, skip)) == "tls-none:2");
    skip = {};
    skip.tls = true;
    CHECK(Names(ComputeScore(Client(), evidence_of(kFail), config, skip)) == "spf-fail:1");
  }
  SECTION("with TLS SPF counts only beside other evidence") {
    SessionFacts session = Client();
    session.tls = true;
    Evidence evidence = evidence_of(kFail);
    CHECK(Names(ComputeScore(session, evidence, config)) == "spf-fail:0");
    evidence.lists = {Said("L", 2)};
    CHECK(Names(ComputeScore(session, evidence, config)) == "spf-fail:1 dnsbl:L:2");
  }
}

TEST_CASE("what an older version did not find waits for its day", "[policy]") {
  Config config = TestConfig();
  config.tls.offered = TlsOffered::kYes;
  Evidence evidence;
  evidence.new_findings_from = WallTime(Seconds(1'800'000'000));
  const Score score = ComputeScore(Client(), evidence, config);
  REQUIRE(score.findings.size() == 1);
  CHECK(score.findings[0].Name() == "tls-none");
  CHECK(score.findings[0].score == 0);
  CHECK(score.findings[0].detail.Full() == "no TLS; counts 2 from 2027-01-15");
  CHECK(score.total == 0);
}

TEST_CASE("an empty config cannot reach a rejection", "[policy]") {
  // The most of every group at once, in the order in which they are told.
  Config config = DefaultConfig();
  config.tls.offered = TlsOffered::kYes;
  SessionFacts session = Client("192.0.2.1", NameClass::kNone);
  session.helo = "192.0.2.1";
  auto report = std::make_shared<spf::Report>();
  report->result = spf::ResultCode::kFail;
  Evidence evidence;
  evidence.spf.asked = true;
  evidence.spf.report = std::move(report);
  evidence.history = {Standing::kBad, "rejected before"};
  evidence.sender = {SenderDomainState::kNone, "example.org", "no MX, A or AAAA", false};
  const Score score = ComputeScore(session, evidence, config);
  CHECK(Names(score) ==
        "rdns-none:4 helo-ip:2 unauthenticated:5 spf-fail:1 history-bad:1 sender-domain-none:2");
  CHECK(score.own == 15);
  CHECK(score.total == config.score.own_limit);
  CHECK(score.max_total < config.score.reject);
  const ScoreConfig& points = config.score;
  const int most =
      std::max({points.rdns_none, points.rdns_forged, points.rdns_dynamic, points.rdns_tempfail}) +
      std::max(
          {points.helo_self, points.helo_ip, points.helo_literal_mismatch, points.helo_not_fqdn}) +
      std::max(points.unauthenticated, points.tls_none) +
      std::max({points.spf_fail, points.spf_softfail, points.spf_permerror}) + points.history_bad +
      std::max({points.sender_domain_none, points.sender_null_mx, points.sender_mx_nowhere});
  CHECK(score.own == most);
}

TEST_CASE("SPF is asked for only where it can change the verdict", "[policy]") {
  const auto wants_spf = [](int listing, auto change) {
    Asked asked(Client());
    asked.session.tls = true;
    asked.known.evidence->lists = {Said("L", listing)};
    change(asked);
    const auto step = asked.Step();
    return std::holds_alternative<Need>(step) && std::get<Need>(step) == Need::kSpf;
  };
  const auto as_it_is = [](Asked&) {};
  CHECK_FALSE(wants_spf(0, as_it_is));  // ordinary mail
  CHECK_FALSE(wants_spf(2, as_it_is));  // suspicious with and without
  CHECK_FALSE(wants_spf(8, as_it_is));
  CHECK(wants_spf(9, as_it_is));         // one point from a rejection
  CHECK_FALSE(wants_spf(10, as_it_is));  // rejected as it is
  CHECK_FALSE(wants_spf(9, [](Asked& asked) { asked.known.evidence->spf.asked = true; }));
  CHECK_FALSE(wants_spf(9, [](Asked& asked) {
    asked.config.score.spf_fail = asked.config.score.spf_softfail =
        asked.config.score.spf_permerror = 0;
  }));
  // What mxward finds by itself counts no more.
  CHECK_FALSE(wants_spf(5, [](Asked& asked) {
    asked.session.helo = "192.0.2.1";
    asked.session.name_class = NameClass::kNone;
    asked.config.score.own_limit = 4;
  }));
  // Without TLS it can add four.
  CHECK(wants_spf(5, [](Asked& asked) {
    asked.session.tls = false;
    asked.config.tls.offered = TlsOffered::kYes;
  }));
}

TEST_CASE("the HELO's address is asked for only where it can change the verdict", "[policy]") {
  const auto wants = [](auto change) {
    Asked asked(Client("192.0.2.1", NameClass::kNone));
    asked.session.helo = "mx.example.org";
    change(asked);
    const auto step = asked.Step();
    return std::holds_alternative<Need>(step) && std::get<Need>(step) == Need::kHeloAddress;
  };
  CHECK(wants([](Asked&) {}));
  const auto greylist_all = [](Asked& asked) { asked.config.greylist.apply = GreylistApply::kAll; };
  CHECK_FALSE(wants(greylist_all));
  CHECK(wants([&](Asked& asked) {
    greylist_all(asked);
    asked.config.score.reject = 4;
  }));
  CHECK_FALSE(wants([](Asked& asked) { asked.session.name_class = NameClass::kForged; }));
  CHECK_FALSE(wants([](Asked& asked) { asked.session.helo = "host"; }));
  CHECK_FALSE(wants([](Asked& asked) { asked.session.helo = "192.0.2.1"; }));
  CHECK_FALSE(wants([](Asked& asked) { asked.config.score.helo_verified = 0; }));
  CHECK_FALSE(wants([](Asked& asked) { asked.config.score.greylist = 1; }));
  CHECK_FALSE(wants([](Asked& asked) { asked.known.evidence->helo.asked = true; }));
  CHECK_FALSE(
      wants([](Asked& asked) { asked.known.evidence->name_trust = NameTrust::kResolverBroken; }));
  CHECK_FALSE(wants([](Asked& asked) { asked.known.evidence->lists = {Said("L", 2)}; }));
}

TEST_CASE("it waits only for what can change the verdict", "[policy]") {
  Asked asked(Client());
  auto& lists = asked.known.evidence->lists;
  SECTION("a list that could make it suspicious") {
    lists = {Waiting("PSBL", 2, 0)};
    CHECK(std::get<Need>(asked.Step()) == Need::kMoreEvidence);
  }
  SECTION("one that adds too little") {
    lists = {Waiting("U", 1, 0)};
    CHECK(asked.Decide().reason == Reason::kNotSuspicious);
  }
  SECTION("suspicious already, and no list takes it to the next threshold") {
    lists = {Said("A", 3), Waiting("ZEN", 6, 0)};
    asked.known.evidence->spf.asked = true;
    CHECK(asked.Decide().verdict == Verdict::kDefer);
  }
  SECTION("one that could make it certain") {
    lists = {Said("A", 4), Waiting("ZEN", 6, 0)};
    CHECK(std::get<Need>(asked.Step()) == Need::kMoreEvidence);
  }
  SECTION("certain whatever is still said") {
    lists = {Said("A", 15), Waiting("DNSWL", 0, -5)};
    CHECK(asked.Decide().verdict == Verdict::kReject);
  }
  SECTION("certain, but an allow list could speak for it") {
    lists = {Said("A", 14), Waiting("DNSWL", 0, -5)};
    CHECK(std::get<Need>(asked.Step()) == Need::kMoreEvidence);
  }
  SECTION("what makes suspicious does not matter when all are greylisted") {
    asked.config.greylist.apply = GreylistApply::kAll;
    lists = {Waiting("PSBL", 2, 0)};
    CHECK(asked.Decide().reason == Reason::kGreylistNew);
  }
}

TEST_CASE("the text of a listing is asked for only when it is quoted", "[policy]") {
  Asked asked(Client());
  asked.known.evidence->lists = {Said("ZEN", 12)};
  asked.config.reply_list_text = true;
  CHECK(std::get<Need>(asked.Step()) == Need::kListText);
  asked.known.list_text = "see https://list.example/\r\n192.0.2.1 \xc3\xa9";
  CHECK(asked.Decide().reply.text ==
        "Service unavailable; Client host [192.0.2.1] blocked using ZEN; "
        "see https://list.example/??192.0.2.1 ??");
  asked.config.reply_contact = "postmaster@here.test";
  asked.known.list_text = "";
  CHECK(asked.Decide().reply.text ==
        "Service unavailable; Client host [192.0.2.1] blocked using ZEN; contact "
        "postmaster@here.test");
  CHECK(asked.Decide().reply.code == 554);
}

TEST_CASE("a text that quotes the key is not repeated", "[policy]") {
  Asked asked(Client());
  asked.known.evidence->lists = {Said("ZEN", 12)};
  DnsblConfig list;
  list.key = "s3cretkey";
  asked.config.dnsbl = {list};
  asked.config.reply_list_text = true;
  asked.known.list_text = "https://list.example/S3cretKey/192.0.2.1";
  CHECK(asked.Decide().reply.text ==
        "Service unavailable; Client host [192.0.2.1] blocked using ZEN");
}

TEST_CASE("without a list the reply names what was found", "[policy]") {
  Asked asked(Client("192.0.2.1", NameClass::kForged));
  asked.config.score.reject = 4;
  const Decision decision = asked.Decide();
  CHECK(decision.reply.code == 550);
  CHECK(decision.reply.text == "Rejected: rdns-forged");
}

TEST_CASE("an exempt recipient is not rejected by the score", "[policy]") {
  Asked asked(Client());
  asked.known.evidence->lists = {Said("ZEN", 12)};
  const auto step = policy::AskOnce({asked.session, asked.message, "postmaster@here.test"},
                                    asked.known, asked.config, kNow);
  CHECK(std::get<Outcome>(step).decision.reason == Reason::kExemptRecipient);
}

TEST_CASE("a sender's allow skips greylisting, not a rejection", "[policy]") {
  Asked asked(Client());
  entries::Entry entry;
  entry.kind = entries::Kind::kSender;
  entry.action = entries::Action::kAllow;
  entry.key = "a@example.org";
  asked.known.entries->push_back(entry);
  asked.known.evidence->lists = {Said("A", 4)};
  CHECK(asked.Decide().reason == Reason::kAllowed);
  asked.known.evidence->lists = {Said("A", 14)};
  CHECK(asked.Decide().reason == Reason::kScore);
  // ... but whether it is suspicious is waited for, for the sake of the other recipients.
  asked.known.evidence->lists = {Waiting("A", 4, 0)};
  CHECK(std::get<Need>(asked.Step()) == Need::kMoreEvidence);
}

TEST_CASE("a rejected client loses what it earned, unless nobody is told", "[policy]") {
  Asked asked(Client());
  asked.known.evidence->lists = {Said("ZEN", 12)};
  const auto effects = [&](bool observing) {
    return std::get<Outcome>(
               policy::AskOnce({asked.session, asked.message, "b@here.test", observing},
                               asked.known, asked.config, kNow))
        .effects;
  };
  REQUIRE(effects(false).size() == 1);
  CHECK(std::holds_alternative<RevokeAutoAllow>(effects(false).front()));
  CHECK(effects(true).empty());
  // What is about the sender is not the client's, and nor is what takes both to reject.
  asked.known.evidence->lists = {Said("DBL", 12, DnsblOf::kSenderDomain)};
  CHECK(effects(false).empty());
  asked.known.evidence->lists = {Said("ZEN", 6), Said("DBL", 6, DnsblOf::kSenderDomain)};
  CHECK(effects(false).empty());
  // One list says both.
  asked.known.evidence->lists = {Said("ZEN", 10), Said("ZEN", 12, DnsblOf::kSenderDomain)};
  CHECK(effects(false).size() == 1);
}

TEST_CASE("what a list of names is about stands in the reply", "[policy]") {
  const Config config = TestConfig();
  const SessionFacts session = Client();
  CHECK(ListedReply(Said("DBL", 12, DnsblOf::kSenderDomain), session, "", config).text ==
        "Service unavailable; Sender address [example.org] blocked using DBL");
  CHECK(ListedReply(Said("DBL", 12, DnsblOf::kHelo), session, "", config).text ==
        "Service unavailable; Helo command [example.org] blocked using DBL");
  CHECK(ListedReply(Said("DBL", 12, DnsblOf::kClientName), session, "", config).text ==
        "Service unavailable; Client host [example.org] blocked using DBL");
}

}  // namespace
}  // namespace mxward::policy
