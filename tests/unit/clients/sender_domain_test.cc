// SPDX-License-Identifier: Apache-2.0
#include "clients/sender_domain.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "tests/unit/catch.h"
#include "tests/unit/clients/scripted_resolver.h"

namespace mxward {
namespace {

using dns::Outcome;
using dns::Question;
using dns::RecordType;
using State = SenderDomainState;

dns::AnswerPtr Addresses(const std::vector<const char*>& texts) {
  dns::Answer answer;
  answer.outcome = Outcome::kFound;
  for (const char* text : texts) answer.addresses.push_back(IpAddress::Parse(text).value());
  return std::make_shared<const dns::Answer>(std::move(answer));
}

dns::AnswerPtr Mx(std::vector<dns::MailExchange> exchanges) {
  dns::Answer answer;
  answer.outcome = Outcome::kFound;
  answer.exchanges = std::move(exchanges);
  return std::make_shared<const dns::Answer>(std::move(answer));
}

dns::AnswerPtr Without(Outcome outcome, std::string failure = {}) {
  dns::Answer answer;
  answer.outcome = outcome;
  answer.failure = std::move(failure);
  return std::make_shared<const dns::Answer>(std::move(answer));
}

const auto kNoName = Without(Outcome::kNoName);
const auto kFailed = Without(Outcome::kFailed, "SERVFAIL");

struct Heard {
  std::atomic<int> times{0};
  Guarded<SenderDomainResult> result;
};

void Check(dns::ScriptedResolver& resolver, Heard& heard) {
  CheckSenderDomain("example.org", resolver, [&heard](SenderDomainResult result) {
    *heard.result.Lock() = std::move(result);
    ++heard.times;
  });
}

SenderDomainResult Judge(dns::ScriptedResolver& resolver) {
  Heard heard;
  Check(resolver, heard);
  REQUIRE(heard.times == 1);
  SenderDomainResult result = *heard.result.Lock();
  CHECK(result.domain == "example.org");
  return result;
}

using Zone = std::map<Question, dns::AnswerPtr>;

State StateOf(Zone zone) {
  dns::ScriptedResolver resolver;
  resolver.zone = std::move(zone);
  return Judge(resolver).state;
}

const Question kMx{"example.org", RecordType::kMx};
const Question kA{"example.org", RecordType::kA};
const Question kAaaa{"example.org", RecordType::kAaaa};
Question A(const std::string& name) { return {name, RecordType::kA}; }
Question Aaaa(const std::string& name) { return {name, RecordType::kAaaa}; }

TEST_CASE("a sender's domain is asked about when it can be", "[clients]") {
  struct Row {
    std::string sender;
    const char* expected;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"a@example.org", "example.org", "an address"},
      {"<A@Example.ORG>", "example.org", "case and angle brackets"},
      {"a@example.org.", "example.org", "a trailing dot"},
      {"\"a@b\"@example.org", "example.org", "a quoted local part"},
      {"@relay.example:a@example.org", "example.org", "a source route"},
      {"a@my_host.example.org", "my_host.example.org", "an underscore can be asked about"},
      {"a@xn--mller-kva.example", "xn--mller-kva.example", "A-labels"},
      {"", "", "the null sender"},
      {"<>", "", "the null sender"},
      {"postmaster", "", "no domain"},
      {"a@", "", "no domain"},
      {"a@localhost", "", "unqualified"},
      {"a@[192.0.2.1]", "", "a literal"},
      {"a@[IPv6:2001:db8::1]", "", "a literal"},
      {"a@192.0.2.1", "", "a bare address: a question about it would bother the root servers"},
      {"a@192.0.2.1.", "", "a bare address"},
      {"a@M\xc3\xbcller.example", "xn--mller-kva.example", "U-labels"},
      {"m\xc3\xbc@example.org", "example.org", "a local part in UTF-8"},
      {"a@m\xfcller.example", "", "unconvertible"},
      {"a@m\xc3\xbcller", "", "unqualified"},
      {"a@example..org", "", "an empty label"},
      {"a@.example.org", "", "an empty label in front"},
      {"a@example.org..", "example.org", "trailing dots"},
      {"a@exam ple.org", "", "a blank"},
      {"a@" + std::string(300, 'a'), "", "300 characters"},
      {"a@" + std::string(64, 'a') + ".org", "", "a label of 64"},
      {std::string("a@b\0.example.org", 16), "", "NUL"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.sender, row.why);
    CHECK(SenderDomainOf(row.sender) == row.expected);
  }
}

TEST_CASE("a domain with a reachable MX is good", "[clients]") {
  CHECK(StateOf({{kMx, Mx({{10, "mx.example.net"}})},
                 {A("mx.example.net"), Addresses({"192.0.2.1"})}}) == State::kGood);
  CHECK(StateOf({{kMx, Mx({{10, "mx.example.net"}})},
                 {Aaaa("mx.example.net"), Addresses({"2001:db8::1"})}}) == State::kGood);
  CHECK(StateOf({{kMx, Mx({{10, "a.example.net"}, {20, "b.example.net"}})},
                 {A("a.example.net"), kNoName},
                 {A("b.example.net"), Addresses({"192.0.2.1"})}}) == State::kGood);
  CHECK(StateOf({{kMx, Mx({{10, "mx.example.net"}})},
                 {A("mx.example.net"), Addresses({"10.0.0.1", "192.0.2.1"})}}) == State::kGood);
}

TEST_CASE("a domain without MX is its own mail server", "[clients]") {
  CHECK(StateOf({{kA, Addresses({"192.0.2.1"})}}) == State::kGood);
  CHECK(StateOf({{kAaaa, Addresses({"2001:db8::1"})}}) == State::kGood);
  CHECK(StateOf({{kA, Addresses({"127.0.0.1"})}}) == State::kMxNowhere);
}

TEST_CASE("a domain without MX, A and AAAA is none", "[clients]") {
  dns::ScriptedResolver resolver;
  auto result = Judge(resolver);
  CHECK(result.state == State::kNone);
  CHECK(result.detail == "no MX, A or AAAA");
  resolver.zone = {{kMx, kNoName}, {kA, kNoName}, {kAaaa, kNoName}};
  result = Judge(resolver);
  CHECK(result.state == State::kNone);
  CHECK(result.detail == "NXDOMAIN");
}

TEST_CASE("contradicting answers are taken kindly", "[clients]") {
  CHECK(StateOf({{kMx, kNoName}, {kA, Addresses({"192.0.2.1"})}, {kAaaa, kNoName}}) ==
        State::kGood);
  CHECK(StateOf({{kMx, kNoName}, {kA, kNoName}, {kAaaa, Addresses({"2001:db8::1"})}}) ==
        State::kGood);
  CHECK(StateOf({{kMx, kNoName}, {kA, kNoName}, {kAaaa, kFailed}}) == State::kNone);
  CHECK(StateOf({{kMx, kNoName}, {kA, kFailed}, {kAaaa, kNoName}}) == State::kUnknown);
  CHECK(StateOf({{kMx, kNoName}}) == State::kNone);
  CHECK(StateOf({{kA, kNoName}, {kAaaa, kNoName}}) == State::kNone);
  CHECK(StateOf({{kMx, Mx({{10, "mx.example.net"}})},
                 {kA, kNoName},
                 {A("mx.example.net"), Addresses({"192.0.2.1"})}}) == State::kGood);
}

TEST_CASE("null MX is what RFC 7505 says", "[clients]") {
  dns::ScriptedResolver resolver;
  resolver.zone = {{kMx, Mx({{0, ""}})}, {kA, Addresses({"192.0.2.1"})}};
  const auto result = Judge(resolver);
  CHECK(result.state == State::kNullMx);
  CHECK(result.detail == "null MX: it takes no mail");
  // With another preference, or beside others, it is only an MX that leads nowhere.
  CHECK(StateOf({{kMx, Mx({{10, ""}})}}) == State::kMxNowhere);
  CHECK(StateOf({{kMx, Mx({{0, ""}, {10, "mx.example.net"}})},
                 {A("mx.example.net"), Addresses({"192.0.2.1"})}}) == State::kGood);
  CHECK(StateOf({{kMx, Mx({{0, ""}, {10, "mx.example.net"}})}}) == State::kMxNowhere);
}

TEST_CASE("an MX without a public address leads nowhere", "[clients]") {
  for (const char* address :
       {"127.0.0.1", "127.1.2.3", "0.0.0.0", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.1.1",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fd00::1", "ff02::1",
        "::ffff:10.0.0.1"}) {
    CAPTURE(address);
    const IpAddress parsed = IpAddress::Parse(address).value();
    dns::ScriptedResolver resolver;
    const Question question = parsed.is_v4() ? A("mx.example.net") : Aaaa("mx.example.net");
    resolver.zone = {{kMx, Mx({{10, "mx.example.net"}})}, {question, Addresses({address})}};
    const auto result = Judge(resolver);
    CHECK(result.state == State::kMxNowhere);
    CHECK(result.detail == "MX mx.example.net has no public address");
  }
  dns::ScriptedResolver resolver;
  resolver.zone = {{kMx, Mx({{10, "mx.example.net"}})}};
  CHECK(Judge(resolver).detail == "MX mx.example.net has no address");
  // An address of the domain itself does not help: it has an MX.
  resolver.zone = {{kMx, Mx({{10, "mx.example.net"}})}, {kA, Addresses({"192.0.2.1"})}};
  CHECK(Judge(resolver).state == State::kMxNowhere);
}

TEST_CASE("an MX that is not a host name is without an address, and not asked about", "[clients]") {
  const std::string long_label(64, 'a');
  for (const std::string& exchange :
       {std::string("192.0.2.1"), std::string("2001:db8::1"), std::string("[192.0.2.1]"),
        std::string("m\\195\\188ller.example"), std::string("a..example.net"), long_label,
        std::string("mail example.net"), std::string("mx\0.example.net", 15)}) {
    CAPTURE(exchange);
    dns::ScriptedResolver resolver;
    resolver.zone = {{kMx, Mx({{10, exchange}})}};
    const auto result = Judge(resolver);
    CHECK(result.state == State::kMxNowhere);
    CHECK(result.detail == "MX " + exchange + " is not a host name");
    CHECK(resolver.asked().size() == 1);
    resolver.zone = {{kMx, Mx({{10, exchange}, {20, "mx.example.net"}})},
                     {A("mx.example.net"), Addresses({"192.0.2.1"})}};
    CHECK(Judge(resolver).state == State::kGood);
  }
}

TEST_CASE("a DNS failure is never a fault", "[clients]") {
  CHECK(StateOf({{kMx, kFailed}, {kA, Addresses({"192.0.2.1"})}}) == State::kUnknown);
  CHECK(StateOf({{kMx, kFailed}, {kA, kNoName}, {kAaaa, kNoName}}) == State::kUnknown);
  CHECK(StateOf({{kA, kFailed}}) == State::kUnknown);
  CHECK(StateOf({{kAaaa, kFailed}}) == State::kUnknown);
  CHECK(StateOf({{kA, Addresses({"10.0.0.1"})}, {kAaaa, kFailed}}) == State::kUnknown);
  CHECK(StateOf({{kMx, Mx({{10, "mx.example.net"}})}, {A("mx.example.net"), kFailed}}) ==
        State::kUnknown);
  CHECK(StateOf({{kMx, Mx({{10, "a.example.net"}, {20, "b.example.net"}})},
                 {Aaaa("b.example.net"), kFailed}}) == State::kUnknown);
  // Proven good all the same.
  CHECK(StateOf({{kA, kFailed}, {kAaaa, Addresses({"2001:db8::1"})}}) == State::kGood);
  CHECK(StateOf({{kMx, Mx({{10, "a.example.net"}, {20, "b.example.net"}})},
                 {A("a.example.net"), kFailed},
                 {Aaaa("b.example.net"), Addresses({"2001:db8::1"})}}) == State::kGood);
  dns::ScriptedResolver resolver;
  resolver.zone = {{kMx, kFailed}};
  CHECK(Judge(resolver).detail == "MX: SERVFAIL");
  resolver.zone = {{kMx, Mx({{10, "mx.example.net"}})}, {Aaaa("mx.example.net"), kFailed}};
  CHECK(Judge(resolver).detail == "MX mx.example.net, AAAA: SERVFAIL");
}

TEST_CASE("a domain of many MX hosts costs nine questions at most", "[clients]") {
  std::vector<dns::MailExchange> exchanges;
  for (int i = 0; i < 64; ++i) {
    exchanges.push_back({static_cast<std::uint16_t>(i), "mx" + std::to_string(i) + ".example.net"});
  }
  dns::ScriptedResolver resolver;
  resolver.at_once = false;
  resolver.zone = {{kMx, Mx(exchanges)}};
  Heard heard;
  Check(resolver, heard);
  while (resolver.AnswerNext()) {
  }
  CHECK(heard.times == 1);
  // The hosts that were not looked up may well have an address.
  CHECK(heard.result.Lock()->state == State::kUnknown);
  CHECK(resolver.asked().size() == 1 + 2 * sender_domain::kMaxHosts);
  CHECK(resolver.asked().size() <= 9);

  // The same host many times is one, and malformed ones cost nothing.
  exchanges = {{1, "192.0.2.1"}, {2, "192.0.2.2"}, {3, "192.0.2.3"}, {4, "192.0.2.4"}};
  for (int i = 0; i < 10; ++i) exchanges.push_back({10, "mx.example.net"});
  dns::ScriptedResolver again;
  again.zone = {{kMx, Mx(exchanges)}};
  CHECK(Judge(again).state == State::kMxNowhere);
  CHECK(again.asked() == std::vector<Question>{kMx, A("mx.example.net"), Aaaa("mx.example.net")});
}

TEST_CASE("nothing is asked that is not needed any more", "[clients]") {
  dns::ScriptedResolver resolver;
  resolver.zone = {{kMx, Mx({{10, "a.example.net"}, {20, "b.example.net"}})},
                   {A("a.example.net"), Addresses({"192.0.2.1"})}};
  CHECK(Judge(resolver).state == State::kGood);
  // All answers come from the cache here, at once.
  CHECK(resolver.asked() == std::vector<Question>{kMx, A("a.example.net")});
}

TEST_CASE("the MX hosts are asked about in parallel, and the domain itself not at all",
          "[clients]") {
  dns::ScriptedResolver resolver;
  resolver.at_once = false;
  resolver.zone = {{kMx, Mx({{10, "a.example.net"}, {20, "b.example.net"}})},
                   {A("b.example.net"), Addresses({"192.0.2.1"})}};
  Heard heard;
  Check(resolver, heard);
  CHECK(resolver.open() == 1);
  resolver.Answer(kMx);
  CHECK(resolver.open() == 2);
  resolver.Answer(A("b.example.net"));
  CHECK(heard.times == 1);  // good as soon as one has an address
  CHECK(heard.result.Lock()->state == State::kGood);
  while (resolver.AnswerNext()) {
  }
  CHECK(heard.times == 1);
  CHECK(resolver.asked() == std::vector<Question>{kMx, A("a.example.net"), A("b.example.net")});
}

TEST_CASE("an MX host's AAAA is asked for only where its A does not settle it", "[clients]") {
  dns::ScriptedResolver resolver;
  resolver.at_once = false;
  resolver.zone = {{kMx, Mx({{10, "a.example.net"}, {20, "b.example.net"}})},
                   {A("a.example.net"), Addresses({"10.0.0.1"})},
                   {Aaaa("a.example.net"), Addresses({"2001:db8::1"})}};
  Heard heard;
  Check(resolver, heard);
  resolver.Answer(kMx);
  resolver.Answer(A("a.example.net"));
  CHECK(heard.times == 0);
  resolver.Answer(Aaaa("a.example.net"));
  CHECK(heard.times == 1);
  CHECK(heard.result.Lock()->state == State::kGood);
}

TEST_CASE("a domain without MX is asked about in both families at once", "[clients]") {
  dns::ScriptedResolver resolver;
  resolver.at_once = false;
  Heard heard;
  Check(resolver, heard);
  resolver.Answer(kMx);
  CHECK(resolver.open() == 2);
  resolver.Answer(kA);
  resolver.Answer(kAaaa);
  CHECK(heard.times == 1);
  CHECK(resolver.asked() == std::vector<Question>{kMx, kA, kAaaa});
}

TEST_CASE("a good implicit MX does not wait for the other family", "[clients]") {
  dns::ScriptedResolver resolver;
  resolver.at_once = false;
  resolver.zone = {{kA, Addresses({"192.0.2.1"})}};
  Heard heard;
  Check(resolver, heard);
  resolver.Answer(kMx);
  CHECK(heard.times == 0);
  resolver.Answer(kA);
  CHECK(heard.times == 1);
  resolver.Answer(kAaaa);
  CHECK(heard.times == 1);
}

TEST_CASE("a result is from the cache when all that it rests on is", "[clients]") {
  dns::ScriptedResolver resolver;
  resolver.zone = {{kMx, Mx({{10, "mx.example.net"}})},
                   {A("mx.example.net"), Addresses({"192.0.2.1"})}};
  CHECK_FALSE(Judge(resolver).from_cache);
  resolver.cached = {{kMx, true}};
  CHECK_FALSE(Judge(resolver).from_cache);
  resolver.cached = {{kMx, true}, {A("mx.example.net"), true}};
  CHECK(Judge(resolver).from_cache);
  resolver.zone = {};
  resolver.cached = {{kMx, true}, {kA, true}};
  CHECK_FALSE(Judge(resolver).from_cache);
  resolver.cached = {{kMx, true}, {kA, true}, {kAaaa, true}};
  CHECK(Judge(resolver).from_cache);
}

TEST_CASE("answers may come from several threads", "[clients]") {
  for (int round = 0; round < 200; ++round) {
    dns::ScriptedResolver resolver;
    resolver.at_once = false;
    resolver.zone = {{kMx, Mx({{10, "a.example.net"}, {20, "b.example.net"}})},
                     {A("a.example.net"), Addresses({"192.0.2.1"})},
                     {A("b.example.net"), Addresses({"192.0.2.2"})}};
    Heard heard;
    Check(resolver, heard);
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&resolver] {
        while (resolver.AnswerNext()) {
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    while (resolver.AnswerNext()) {
    }
    REQUIRE(heard.times == 1);
    REQUIRE(heard.result.Lock()->state == State::kGood);
  }
}

TEST_CASE("a lookup that is never answered leaves nothing behind", "[clients]") {
  auto resolver = std::make_unique<dns::ScriptedResolver>();
  resolver->at_once = false;
  Heard heard;
  Check(*resolver, heard);
  resolver.reset();  // its callbacks, and with them the check, go with it
  CHECK(heard.times == 0);
}

}  // namespace
}  // namespace mxward
