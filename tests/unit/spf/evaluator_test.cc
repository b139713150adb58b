// SPDX-License-Identifier: Apache-2.0
#include "spf/evaluator.h"

#include <string>
#include <vector>

#include "tests/unit/catch.h"
#include "tests/unit/spf/zone.h"

namespace mxward::spf {
namespace {

using dns::Question;
using dns::RecordType;

TEST_CASE("the term that matches says what the client may", "[spf]") {
  Zone zone;
  zone.Txt("example.org", "v=spf1 ip4:192.0.2.0/24 -ip4:198.51.100.1 ~ip4:198.51.100.2 ?all");
  CHECK(zone.Result("192.0.2.7") == ResultCode::kPass);
  CHECK(zone.Result("198.51.100.1") == ResultCode::kFail);
  CHECK(zone.Result("198.51.100.2") == ResultCode::kSoftfail);
  CHECK(zone.Result("203.0.113.1") == ResultCode::kNeutral);
  const Report report = zone.Check("192.0.2.7");
  CHECK(report.domain == "example.org");
  CHECK(report.record == "v=spf1 ip4:192.0.2.0/24 -ip4:198.51.100.1 ~ip4:198.51.100.2 ?all");
  CHECK(report.Matched() == "ip4:192.0.2.0/24");
  CHECK(report.questions == 1);
}

TEST_CASE("whom a session is judged by", "[spf]") {
  Zone zone;
  zone.Txt("example.org", "v=spf1 -all");
  zone.Txt("mx.example.org", "v=spf1 +all");
  zone.Txt("xn--mller-kva.example", "v=spf1 ~all");
  CHECK(zone.Check("192.0.2.1", "<User@Example.ORG.>").result == ResultCode::kFail);
  CHECK(zone.Check("192.0.2.1", "<@relay.example:user@example.org>").result == ResultCode::kFail);
  const Report bounce = zone.Check("192.0.2.1", "<>", "MX.example.org.");
  CHECK(bounce.result == ResultCode::kPass);
  CHECK(bounce.is_helo);
  CHECK(bounce.domain == "mx.example.org");
  CHECK(zone.Check("192.0.2.1", "x@m\xc3\xbcller.example").result == ResultCode::kSoftfail);
  // No domain that could have a record.
  for (const char* sender :
       {"postmaster", "x@localhost", "x@[192.0.2.1]", "x@a..b", "x@\xff.example", "@"}) {
    CAPTURE(sender);
    CHECK(zone.Check("192.0.2.1", sender).result == ResultCode::kNone);
  }
  CHECK(zone.Check("192.0.2.1", "", "[192.0.2.1]").result == ResultCode::kNone);
}

TEST_CASE("what an include says is asked of the domain that it names", "[spf]") {
  Zone zone;
  zone.Txt("example.org", "v=spf1 include:a.example -include:b.example ~all");
  zone.Txt("a.example", "v=spf1 -ip4:192.0.2.1 ip4:192.0.2.2 -all");
  zone.Txt("b.example", "v=spf1 a:%{d} -all");
  zone.A("b.example", {"192.0.2.3"});
  CHECK(zone.Result("192.0.2.1") == ResultCode::kSoftfail);
  const Report pass = zone.Check("192.0.2.2");
  CHECK(pass.result == ResultCode::kPass);
  CHECK(pass.Matched() == "include:a.example ip4:192.0.2.2");
  CHECK(pass.questions == 2);  // the second include was not looked at
  CHECK(zone.Result("192.0.2.3") == ResultCode::kFail);
  CHECK(zone.Check("192.0.2.4").Matched() == "~all");
}

TEST_CASE("a redirect is the whole answer", "[spf]") {
  Zone zone;
  zone.Txt("example.org", "v=spf1 redirect=_spf.example.org ip4:192.0.2.1");
  zone.Txt("_spf.example.org", "v=spf1 a -all");
  zone.A("_spf.example.org", {"192.0.2.2"});
  CHECK(zone.Check("192.0.2.1").Matched() == "ip4:192.0.2.1");
  CHECK(zone.Check("192.0.2.2").Matched() == "redirect=_spf.example.org a");
  CHECK(zone.Check("192.0.2.3").Matched() == "redirect=_spf.example.org -all");
  zone.Txt("_spf.example.org", "no record");
  CHECK(zone.Result("192.0.2.2") == ResultCode::kPermerror);
}

TEST_CASE("a pass of narrow terms alone carries an identity", "[spf]") {
  struct Case {
    const char* record;
    bool carries;
  };
  const auto carries = [](const std::string& record, const char* client) {
    Zone zone;
    zone.Txt("example.org", record);
    zone.Txt("in.example", "v=spf1 ip4:192.0.2.0/24 -all");
    zone.Txt("any.example", "v=spf1 +all");
    zone.Txt("not.example", "v=spf1 -all");
    zone.Txt("example.org.in.example", "v=spf1 ip4:192.0.2.0/24 -all");
    zone.A("example.org", {"192.0.2.1"}).A("x.example", {"192.0.2.1"});
    zone.Set("example.org", RecordType::kAaaa, dns::answers::Addresses({"2001:db8::1"}));
    zone.Mx("example.org", {"x.example"}).Ptr("192.0.2.1", {"example.org"});
    const Report report = zone.Check(client);
    CHECK(report.result == ResultCode::kPass);
    return report.carries_identity;
  };
  for (const Case& one : std::vector<Case>{{"v=spf1 ip4:192.0.2.0/24 -all", true},
                                           {"v=spf1 ip4:192.0.0.0/16 -all", true},
                                           {"v=spf1 ip4:192.0.0.0/15 -all", false},
                                           {"v=spf1 a -all", true},
                                           {"v=spf1 a/16 -all", true},
                                           {"v=spf1 a/8 -all", false},
                                           {"v=spf1 mx -all", true},
                                           {"v=spf1 mx/15 -all", false},
                                           {"v=spf1 a:%{d} -all", false},
                                           {"v=spf1 exists:x.example -all", false},
                                           {"v=spf1 ptr -all", false},
                                           {"v=spf1 +all", false},
                                           {"v=spf1 include:in.example -all", true},
                                           {"v=spf1 include:any.example -all", false},
                                           {"v=spf1 include:%{d}.in.example -all", false},
                                           {"v=spf1 include:in.example +all", true},
                                           {"v=spf1 redirect=in.example", true},
                                           {"v=spf1 redirect=any.example", false},
                                           {"v=spf1 redirect=%{d}.in.example", false},
                                           // What an include has found before it failed is nothing.
                                           {"v=spf1 -include:not.example +all", false}}) {
    CAPTURE(one.record);
    CHECK(carries(one.record, "192.0.2.1") == one.carries);
  }
  CHECK(carries("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::1"));
  CHECK_FALSE(carries("v=spf1 ip6:2001:db8::/31 -all", "2001:db8::1"));
  CHECK(carries("v=spf1 a/0 -all", "2001:db8::1"));
  CHECK_FALSE(carries("v=spf1 a//31 -all", "2001:db8::1"));
  Zone zone;
  zone.Txt("example.org", "v=spf1 ?ip4:192.0.2.0/24 -all");
  CHECK_FALSE(zone.Check("192.0.2.1").carries_identity);
}

TEST_CASE("who does not answer makes a temporary error, except of pointers", "[spf]") {
  Zone zone;
  zone.Txt("example.org", "v=spf1 a:slow.example ip4:192.0.2.1 -all");
  zone.Fails("slow.example", RecordType::kA);
  const Report report = zone.Check("192.0.2.1");
  CHECK(report.result == ResultCode::kTemperror);
  CHECK(report.problem == "A of slow.example: no answer in 2s");

  zone.Txt("example.org", "v=spf1 ptr ip4:192.0.2.1 -all");
  zone.Fails(dns::ReverseName(AddressOf("192.0.2.1")), RecordType::kPtr);
  CHECK(zone.Result("192.0.2.1") == ResultCode::kPass);

  zone.Fails("example.org", RecordType::kTxt);
  CHECK(zone.Result("192.0.2.1") == ResultCode::kTemperror);
}

TEST_CASE("our own trouble says nothing about a domain", "[spf]") {
  Zone zone;
  zone.Txt("example.org", "v=spf1 ptr mx -all");
  zone.Fails("example.org", RecordType::kMx, /*not_queried=*/true);
  CHECK(zone.Result("192.0.2.1") == ResultCode::kUnknown);
  zone.Fails(dns::ReverseName(AddressOf("192.0.2.1")), RecordType::kPtr, /*not_queried=*/true);
  CHECK(zone.Result("192.0.2.1") == ResultCode::kUnknown);
}

TEST_CASE("a name that cannot be asked for is none, but may exist", "[spf]") {
  const auto check = [](const std::string& record) {
    Evaluator evaluator({AddressOf("192.0.2.1"), "a+b@example.org", "mx.example.org"});
    evaluator.Feed(evaluator.needed().at(0),
                   std::make_shared<const dns::Answer>(dns::answers::Texts({record})));
    CHECK(evaluator.needed().at(0).name == "a+b.example.net");
    evaluator.Feed(evaluator.needed().at(0), nullptr);
    return evaluator.report().result;
  };
  CHECK(check("v=spf1 a:%{l}.example.net -all") == ResultCode::kFail);
  CHECK(check("v=spf1 include:%{l}.example.net -all") == ResultCode::kPermerror);
  CHECK(check("v=spf1 exists:%{l}.example.net -all") == ResultCode::kUnknown);
}

TEST_CASE("a question is asked once, and no term that need not be", "[spf]") {
  Zone zone;
  zone.Txt("example.org",
           "v=spf1 a mx a:example.org mx:example.org ip4:192.0.2.9 include:x.example");
  zone.A("example.org", {"192.0.2.1"}).A("h.example", {"192.0.2.2"});
  zone.Mx("example.org", {"h.example", "example.org", "h.example"});
  const Report report = zone.Check("192.0.2.9");
  CHECK(report.result == ResultCode::kPass);
  CHECK(zone.asked() == std::vector<Question>{{"example.org", RecordType::kTxt},
                                              {"example.org", RecordType::kA},
                                              {"example.org", RecordType::kMx},
                                              {"h.example", RecordType::kA}});
  CHECK(report.terms == 4);
  CHECK(report.questions == 4);
}

TEST_CASE("of a client's names only those are looked up that could match", "[spf]") {
  Zone zone;
  zone.Txt("example.org", "v=spf1 ptr -all");
  std::vector<std::string> names;
  for (int i = 0; i < 8; ++i) names.push_back("h" + std::to_string(i) + ".example.net");
  names.emplace_back("mx.example.org");
  zone.Ptr("192.0.2.1", names).A("mx.example.org", {"192.0.2.1"});
  CHECK(zone.Result("192.0.2.1") == ResultCode::kPass);
  CHECK(zone.asked().size() == 3);
  // The eleventh is passed over.
  names.insert(names.begin(), {"x.example.net", "y.example.net"});
  zone.Ptr("192.0.2.1", names);
  CHECK(zone.Result("192.0.2.1") == ResultCode::kFail);
  CHECK(zone.asked().size() == 2);
}

TEST_CASE("the validated name is the domain's own where there is one", "[spf]") {
  Zone zone;
  zone.Txt("example.org", "v=spf1 exists:%{p}.ok.example -all");
  zone.Ptr("192.0.2.1", {"a.example.net", "mx.example.org", "example.org"});
  zone.A("a.example.net", {"192.0.2.1"}).A("mx.example.org", {"192.0.2.1"});
  zone.A("mx.example.org.ok.example", {"127.0.0.2"});
  const Report report = zone.Check("192.0.2.1");
  CHECK(report.result == ResultCode::kPass);
  CHECK(report.terms == 2);  // section 4.6.4: the PTR is one
  zone.A("unknown.ok.example", {"127.0.0.2"});
  CHECK(zone.Result("192.0.2.2") == ResultCode::kPass);
}

TEST_CASE("voids are terms that find nothing themselves", "[spf]") {
  Zone zone;
  zone.Txt("example.org", "v=spf1 mx a:n1.example a:n2.example ip4:192.0.2.1 -all");
  zone.Mx("example.org", {"n3.example", "n4.example", "n5.example"});
  const Report report = zone.Check("192.0.2.1");
  CHECK(report.result == ResultCode::kPass);
  CHECK(report.voids == 2);
  zone.Set("n0.example", RecordType::kA, dns::answers::NoData());
  zone.Txt("example.org", "v=spf1 a:n0.example a:n1.example exists:n2.example ip4:192.0.2.1 -all");
  CHECK(zone.Result("192.0.2.1") == ResultCode::kPermerror);
}

TEST_CASE("whatever a record makes us ask, it is at most 20 questions", "[spf]") {
  const auto check = [](Zone& zone) {
    const Report report = zone.Check("192.0.2.1");
    CHECK(zone.asked().size() <= 20);
    CHECK(report.questions == zone.asked().size());
    return report;
  };
  SECTION("ten terms of ten MX hosts each") {
    Zone zone;
    std::string record = "v=spf1";
    for (int term = 0; term < 10; ++term) {
      const std::string domain = "d" + std::to_string(term) + ".example";
      std::vector<std::string> hosts;
      for (int host = 0; host < 10; ++host) {
        hosts.push_back("h" + std::to_string(host) + "." + domain);
      }
      zone.Mx(domain, hosts);
      record += " mx:" + domain;
    }
    zone.Txt("example.org", record + " -all");
    const Report report = check(zone);
    CHECK(report.result == ResultCode::kPermerror);
    CHECK(report.problem == "more than 20 DNS queries");
    CHECK(zone.asked().size() == 20);
  }
  SECTION("a loop of includes") {
    Zone zone;
    zone.Txt("example.org", "v=spf1 include:a.example");
    zone.Txt("a.example", "v=spf1 include:example.org");
    CHECK(check(zone).problem == "more than 10 terms that need DNS lookups");
    CHECK(zone.asked().size() == 2);
  }
  SECTION("a redirect to itself") {
    Zone zone;
    zone.Txt("example.org", "v=spf1 redirect=example.org");
    CHECK(check(zone).result == ResultCode::kPermerror);
    CHECK(zone.asked().size() == 1);
  }
  SECTION("a record that names ever new ones") {
    Zone zone;
    zone.Txt("example.org", "v=spf1 include:x.%{d}");
    std::string name = "example.org";
    for (int i = 0; i < 20; ++i) {
      name = "x." + name;
      zone.Txt(name, "v=spf1 include:x.%{d}");
    }
    CHECK(check(zone).result == ResultCode::kPermerror);
    CHECK(zone.asked().size() == 11);
  }
  SECTION("a storm of pointers, all of the domain") {
    Zone zone;
    zone.Txt("example.org", "v=spf1 ptr exists:%{p}.a.example exists:%{p1r}.b.example -all");
    std::vector<std::string> names;
    for (int i = 0; i < 64; ++i) names.push_back("h" + std::to_string(i) + ".example.org");
    zone.Ptr("192.0.2.1", names);
    CHECK(check(zone).result == ResultCode::kFail);
    CHECK(zone.asked().size() == 14);
  }
  SECTION("a victim asked by exists and macros") {
    Zone zone;
    std::string record = "v=spf1";
    for (int i = 0; i < 40; ++i) {
      record += " exists:%{ir}." + std::to_string(i) + ".%{l1r+}.victim.example";
    }
    zone.Txt("example.org", record);
    CHECK(check(zone).result == ResultCode::kPermerror);
    CHECK(zone.asked().size() == 4);  // the third void ends it
  }
}

TEST_CASE("a record of 64 KB among 49 others is evaluated in bounded memory", "[spf]") {
  Zone zone;
  std::string record = "v=spf1";
  while (record.size() < 65000) record += " ip4:198.51.100.1";
  std::vector<std::string> texts(48, "another record");
  texts.push_back(record + " ip4:192.0.2.1 -all");
  zone.Set("example.org", RecordType::kTxt, dns::answers::Texts(texts));
  const Report report = zone.Check("192.0.2.1");
  CHECK(report.result == ResultCode::kPass);
  CHECK(report.record.size() <= Evaluator::kMaxShownRecord + 3);
  CHECK(report.trace.terms.size() == Evaluator::kMaxTraced + 1);
  CHECK(report.trace.left_out > 3000);
  CHECK(report.trace.terms.back().matched);
}

TEST_CASE("what is read of records is bounded, too", "[spf]") {
  Zone zone;
  std::string filler;
  while (filler.size() < 12000) filler += " ip4:198.51.100.1";
  std::string record = "v=spf1";
  for (int i = 0; i < 9; ++i) {
    const std::string domain = "d" + std::to_string(i) + ".example";
    record += " include:" + domain;
    zone.Txt(domain, "v=spf1" + filler);
  }
  zone.Txt("example.org", record + " -all");
  const Report report = zone.Check("192.0.2.1");
  CHECK(report.result == ResultCode::kPermerror);
  CHECK(report.problem == "records of more than 65536 bytes in all");
  CHECK(report.questions == 7);
}

TEST_CASE("a term of 64 KB is cut where it is shown", "[spf]") {
  Zone zone;
  std::string term = "exists:";
  while (term.size() < 60000) term += "%{l}.";
  zone.Txt("example.org", "v=spf1 " + term + "example.org " + "x=" + std::string(4000, 'y'));
  const Report report = zone.Check("192.0.2.1", std::string(64, 'a') + "@example.org");
  CHECK(report.result == ResultCode::kNeutral);
  CHECK(report.trace.terms.at(0).text.size() <= Evaluator::kMaxShown + 3);
  CHECK(report.trace.terms.at(0).target.size() <= 253);
}

TEST_CASE("what was asked and answered stands in a tree", "[spf]") {
  Zone zone;
  zone.Txt("example.org", "v=spf1 a include:in.example -all");
  zone.Txt("in.example", "v=spf1 a:example.org ip4:192.0.2.1 -all");
  zone.A("example.org", {"192.0.2.9", "192.0.2.8", "192.0.2.7", "192.0.2.6", "192.0.2.5"});
  const Report report = zone.Check("192.0.2.1");
  const RecordTrace& top = report.trace;
  CHECK(top.domain == "example.org");
  CHECK(top.result == ResultCode::kPass);
  CHECK(top.lookups.at(0).said == "1 record");
  REQUIRE(top.terms.size() == 2);
  CHECK(top.terms[0].text == "a");
  CHECK(top.terms[0].target == "example.org");
  CHECK_FALSE(top.terms[0].matched);
  CHECK(top.terms[0].lookups.at(0).said == "192.0.2.9, 192.0.2.8, 192.0.2.7, 192.0.2.6 and 1 more");
  CHECK_FALSE(top.terms[0].lookups.at(0).again);
  CHECK(top.terms[1].matched);
  const RecordTrace& inner = top.terms[1].inner.at(0);
  CHECK(inner.domain == "in.example");
  CHECK(inner.result == ResultCode::kPass);
  REQUIRE(inner.terms.size() == 2);
  CHECK(inner.terms[0].lookups.at(0).again);
  CHECK(inner.terms[1].matched);
}

TEST_CASE("a survey looks up all of a record that does not depend on the session", "[spf]") {
  Zone zone;
  zone.Txt("example.org",
           "v=spf1 ip4:0.0.0.0/0 a mx ptr exists:%{i}.x.example include:%{d2}.in.example ?all "
           "a:late.example");
  zone.Txt("example.org.in.example", "v=spf1 a:h.example redirect=more.example");
  zone.Txt("more.example", "v=spf1 ip4:192.0.2.1 -all");
  zone.A("example.org", {"0.0.0.0"}).A("h.example", {"192.0.2.2"}).Mx("example.org", {"h.example"});
  const Report report = zone.Survey("example.org");
  CHECK(report.result == ResultCode::kNeutral);  // what ?all says
  CHECK(report.terms == 7);
  CHECK(zone.asked().size() == 6);
  CHECK(report.trace.terms.size() == 7);
  CHECK(report.trace.terms.at(3).note == "depends on the client or the sender");
  CHECK(report.trace.terms.at(5).inner.at(0).terms.at(1).inner.at(0).domain == "more.example");
}

TEST_CASE("who gives up leaves it unknown", "[spf]") {
  Evaluator evaluator({AddressOf("192.0.2.1"), "a@example.org", ""});
  CHECK_FALSE(evaluator.done());
  evaluator.GiveUp("time limit exceeded", /*late=*/true);
  CHECK(evaluator.done());
  CHECK(evaluator.needed().empty());
  CHECK(evaluator.report().result == ResultCode::kUnknown);
  CHECK(evaluator.report().late);
  evaluator.GiveUp("again", /*late=*/false);
  CHECK(evaluator.report().problem == "time limit exceeded");
}

}  // namespace
}  // namespace mxward::spf
