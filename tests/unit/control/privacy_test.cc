// SPDX-License-Identifier: Apache-2.0
// What log.addresses hides stays hidden, whatever limits, entries, rules and lists say: every
// finding there is comes up once, about mail whose sender, recipient and login are secrets, and all
// that mxward says afterwards is searched for them.
#include <array>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "catch.h"
#include "config/loader.h"
#include "control/api.h"
#include "control/json.h"
#include "engine/session.h"
#include "tests/fake/failing_writer.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/fake_resolver.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/test_config.h"
#include "tests/fake/test_store.h"

namespace mxward {
namespace {

constexpr const char* kHiddenSender = "s3nder@s3ndersdomain.example";
constexpr const char* kHiddenRecipient = "r3cipient@r3cipientsdomain.example";
constexpr const char* kHiddenLogin = "l0gin@l0ginsdomain.example";
// "domain" hides the first, "hash" all of them.
const std::vector<std::string> kLocalParts = {"s3nder@", "r3cipient@", "l0gin@"};
const std::vector<std::string> kDomains = {"s3ndersdomain", "r3cipientsdomain", "l0ginsdomain"};

constexpr const char* kPrivacyConfig = R"(
[greylist]
apply = "all"
max_pending = 1
[score]
tls_none = 1
[tls]
offered = true
[names]
own = ["mx.here.example"]
[[dnsbl]]
name = "clients"
zone = "bl.test"
codes = { "127.0.0.2" = 1 }
[[dnsbl]]
name = "names"
zone = "dbl.test"
of = "sender-domain"
codes = { "127.0.1.2" = 1 }
[[dnsbl]]
name = "friends"
zone = "wl.test"
of = "sender-domain"
codes = { "127.0.0.[2..9]" = -1 }
[[rule]]
name = "first"
sender = ["s3ndersdomain.example"]
add_score = 1
[[rule]]
name = "second"
recipient = ["r3cipient@r3cipientsdomain.example"]
observe = true
action = "reject"
)";

Config PrivacyConfig(LogAddresses addresses, LogFormat format) {
  LoadResult loaded = ParseConfig(kPrivacyConfig, "test");
  REQUIRE(loaded);
  loaded->log.addresses = addresses;
  loaded->log.format = format;
  return *std::move(loaded);
}

class PrivacySite {
 public:
  PrivacySite(LogAddresses addresses, LogFormat format)
      : config_(PrivacyConfig(addresses, format)), resolver_(clock_, config_.dns) {
    SetUpDns();
    engine_.StartListTests();
    clock_.Advance(Millis(5000));
    resolver_.Settle();
  }

  struct Mail {
    std::string client = "192.0.2.66";
    std::string name = "mail.example.org";  // verified; "": it has none
    std::string helo = "mail.example.org";
    std::string login = "";
    std::string sender = kHiddenSender;
    std::string recipient = kHiddenRecipient;
    NameClass nameless = NameClass::kNone;
    bool refused = false;  // by the mail server
  };
  // Somebody watches.
  void Try(const Mail& mail) {
    const Json begin = ParseJson(Ask("GET", "/v1/decisions")).value();
    Deliver(mail);
    watched_ += Ask("GET", "/v1/decisions", {{"after", begin["next"].text()}}) + "\n";
  }
  void Deliver(const Mail& mail) {
    SessionFacts facts;
    facts.client = IpAddress::Parse(mail.client);
    facts.name_class = mail.name.empty() ? mail.nameless : NameClass::kGood;
    facts.client_name = mail.name;
    facts.mta_name = "mx.here.example";
    Session session(engine_);
    session.Connect(facts);
    session.Helo(mail.helo);
    session.Mail({mail.sender, mail.login, "4XYZ"});
    clock_.Advance(Millis(3000));
    resolver_.Settle();
    if (mail.refused) return session.RefusedRecipient(mail.recipient, "5.1.1");
    Decision decision;
    session.Recipient(mail.recipient, "", &decision);
    for (const Finding& finding : decision.findings) seen_.insert(finding.check);
    session.TakeMessage();
  }

  void SetLimits(std::vector<LimitConfig> limits) {
    config_.limit = std::move(limits);
    engine_.SetConfig(Shared(config_));
  }
  void SetReject(int score, int own_limit) {
    config_.score.reject = score;
    config_.score.own_limit = own_limit;
    engine_.SetConfig(Shared(config_));
  }
  // What the DNS says of the sender's domain from now on.
  void SetSenderDomain(const dns::Answer& mx) {
    resolver_.Set("s3ndersdomain.example", dns::RecordType::kMx, mx);
    clock_.Advance(std::chrono::hours(2));  // what is in the cache is over
  }
  void SetSpf(const std::string& record) {
    resolver_.Set("s3ndersdomain.example", dns::RecordType::kTxt, dns::answers::Texts({record}));
    clock_.Advance(std::chrono::hours(2));
  }
  std::string Ask(const std::string& method, const std::string& path,
                  std::map<std::string, std::string, std::less<>> query = {}) {
    return api_.Handle({method, path, std::move(query), "", "uid 1000"}).json;
  }

  // All that anybody can read afterwards without being asked for an address.
  std::string Said() {
    std::string all = watched_;
    for (const auto& line : log_.lines()) all += line.text + "\n";
    for (const char* path : {"/v1/overview", "/v1/report", "/v1/status", "/v1/stats", "/v1/clients",
                             "/v1/clients/recent", "/v1/rules", "/v1/dnsbl"}) {
      const control::Response response = api_.Handle({"GET", path, {}, "", "uid 1000"});
      CHECK(response.status == 200);
      all += response.json + "\n";
    }
    return all;
  }
  const std::set<Check>& seen() const { return seen_; }
  FailingWriter& writer() { return writer_; }
  FakeClock& clock() { return clock_; }
  Engine& engine() { return engine_; }

 private:
  control::ServiceHooks Hooks() {
    control::ServiceHooks hooks;
    hooks.started = clock_.Now();
    hooks.reload = [] { return control::ReloadOutcome{true, {}, {}}; };
    hooks.current_sessions = [] { return std::uint64_t{1}; };
    hooks.dns_stats = [] { return dns::AresResolver::Stats(); };
    hooks.writer_stats = [] { return store::ThreadedWriter::Stats(); };
    hooks.timeline = [this](metrics::Timeline::Window window) { return timeline_.Look(window); };
    hooks.reload_status = [] { return metrics::ReloadStatus(); };
    return hooks;
  }
  void SetUpDns() {
    using dns::RecordType;
    const auto lists = [&](const std::string& name, const std::string& code) {
      resolver_.Set(name, RecordType::kA, dns::answers::Addresses({code}));
    };
    lists("2.0.0.127.bl.test", "127.0.0.2");
    lists("66.2.0.192.bl.test", "127.0.0.2");
    for (const char* zone : {".dbl.test", ".wl.test"}) {
      lists("test" + std::string(zone), zone[1] == 'd' ? "127.0.1.2" : "127.0.0.2");
      lists("s3ndersdomain.example" + std::string(zone),
            zone[1] == 'd' ? "127.0.1.2" : "127.0.0.2");
    }
    resolver_.SetZoneSilent("silent.example");
    lists("helo.example.org", "192.0.2.70");
  }

  FakeClock clock_;
  TestStore store_;
  FailingWriter writer_{store_.writer(), clock_};
  MemoryLog log_;
  Config config_;
  dns::FakeResolver resolver_;
  Engine engine_{Engine::Services{clock_, store_.environment(), writer_, log_, &resolver_},
                 Shared(config_)};
  metrics::Timeline timeline_{engine_.counters(), clock_};
  control::Api api_{engine_.parts(), Hooks()};
  std::set<Check> seen_;
  std::string watched_;
};

LimitConfig LimitOf(const std::string& name, LimitCount count, LimitPer per) {
  LimitConfig limit;
  limit.name = name;
  limit.count = count;
  limit.per = per;
  limit.amount = limit.burst = 1;
  limit.period = Seconds(3600);
  limit.action = LimitAction::kObserve;
  limit.share = 1;
  return limit;
}

void TryNamesAndHelos(PrivacySite& site) {
  for (const NameClass name : {NameClass::kNone, NameClass::kForged, NameClass::kTempfail}) {
    site.Try({.name = "", .nameless = name});
  }
  site.Try({.name = "192-0-2-66.dyn.example.org"});
  for (const char* helo : {"mx.here.example", "192.0.2.66", "[192.0.2.99]", "pc"}) {
    site.Try({.helo = helo});
  }
  // Its HELO name is looked up where that decides.
  for (int reject = 3; reject < 20; ++reject) {
    site.SetReject(reject, 100);
    site.Try({.client = "192.0.2.70", .name = "", .helo = "helo.example.org"});
  }
  site.SetReject(10, 7);
}

void TrySenderDomains(PrivacySite& site) {
  using dns::answers::Exchanges;
  site.SetSenderDomain(dns::answers::NoName());
  site.Try({});
  site.SetSenderDomain(Exchanges({{0, ""}}));
  site.Try({});
  site.SetSenderDomain(Exchanges({{10, "nowhere.s3ndersdomain.example"}}));
  site.Try({});
  // SPF: of most mail above it does not pass.
  for (const char* record : {"v=spf1 -all", "v=spf1 ~all", "v=spf1 ip4:nonsense", "v=spf1 +all"}) {
    site.SetSpf(record);
    site.Try({});
  }
  // So much trouble that the sender's domain is not looked up.
  for (int i = 0; i < 100; ++i) {
    site.Try({.client = "203.0.113.9", .sender = "x@d" + std::to_string(i) + ".silent.example"});
  }
  site.Try({.client = "203.0.113.9"});
}

void TryEntries(PrivacySite& site) {
  const std::vector<std::pair<const char*, std::string>> keys = {
      {"client", "192.0.2.66"},        {"client-name", "mail.example.org"},
      {"sender", kHiddenSender},       {"sender-domain", "s3ndersdomain.example"},
      {"recipient", kHiddenRecipient}, {"recipient-domain", "r3cipientsdomain.example"},
      {"spf-of", "_spf.example.org"},  {"account", "s3ndersdomain.example"}};
  REQUIRE(keys.size() == entries::kKindCount);
  for (const auto& [kind, key] : keys) {
    for (const char* action : {"block", "allow"}) {
      site.Ask("PUT", "/v1/entries", {{"kind", kind}, {"key", key}, {"action", action}});
      site.Try({});
    }
    site.Ask("DELETE", "/v1/entries", {{"kind", kind}, {"key", key}});
    site.Ask("POST", "/v1/forget", {{"kind", kind}, {"key", key}});
  }
}

void TryLimits(PrivacySite& site) {
  using enum LimitPer;
  std::vector<LimitConfig> limits;
  int number = 0;
  for (const LimitPer per :
       {kClient, kNetwork, kSender, kSenderDomain, kRecipient, kUser, kAccount}) {
    limits.push_back(LimitOf("l" + std::to_string(++number), LimitCount::kMessages, per));
  }
  limits.push_back(LimitOf("guessers", LimitCount::kBadRecipients, kClient));
  site.SetLimits(limits);
  for (int i = 0; i < 4; ++i) {
    site.Try({.recipient = "r3cipient@u" + std::to_string(i) + ".example", .refused = true});
  }
  for (const char* login : {"", kHiddenLogin}) {
    site.Try({.login = login});
    site.Try({.login = login});
  }
  for (const std::string key :
       {kHiddenSender, kHiddenRecipient, kHiddenLogin, "s3ndersdomain.example"}) {
    site.Ask("POST", "/v1/limits/reset", {{"key", key}});
    site.Try({.login = key == kHiddenLogin ? kHiddenLogin : ""});
  }
  site.Try({.login = kHiddenLogin});
}

void TryHistories(PrivacySite& site) {
  site.Ask("PUT", "/v1/entries",
           {{"kind", "client"}, {"key", "198.51.100.1"}, {"action", "block"}});
  site.Ask("PUT", "/v1/entries",
           {{"kind", "client"}, {"key", "198.51.100.2"}, {"action", "allow"}});
  for (int day = 0; day < 40; ++day) {
    site.Try({.client = "198.51.100.1"});
    site.Try({.client = "198.51.100.2"});
    site.clock().Advance(std::chrono::hours(24));
  }
  for (const char* client : {"198.51.100.1", "198.51.100.2"}) {
    site.Ask("DELETE", "/v1/entries", {{"kind", "client"}, {"key", client}});
    site.Try({.client = client});
  }
}

void TryGreylisting(PrivacySite& site) {
  // Strangers, whose tuples are new. Folded is the second.
  site.Try({.client = "203.0.113.20", .name = "mail.example.com"});
  site.Try({.client = "203.0.113.20",
            .name = "mail.example.com",
            .sender = "another@s3ndersdomain.example"});
  site.writer().Set(FailingWriter::Mode::kFull);
  site.Try({.client = "203.0.114.30", .name = "mail.example.net"});
  site.writer().Set(FailingWriter::Mode::kWorks);
}

bool Holds(const std::string& text, const std::string& secret) {
  return text.find(secret) != std::string::npos;
}

TEST_CASE("no sender, recipient or login is told that log.addresses hides", "[control]") {
  const auto addresses = GENERATE(LogAddresses::kFull, LogAddresses::kDomain, LogAddresses::kHash);
  const auto format = GENERATE(LogFormat::kText, LogFormat::kJson);
  CAPTURE(static_cast<int>(addresses), static_cast<int>(format));
  PrivacySite site(addresses, format);
  TryNamesAndHelos(site);
  TrySenderDomains(site);
  TryEntries(site);
  TryHistories(site);
  TryGreylisting(site);
  TryLimits(site);
  // A finding that is new to this test has its mail to come by here.
  for (std::size_t i = 0; i < kWordsOf<Check>.size(); ++i) {
    INFO("no mail of this test has the finding " << kWordsOf<Check>[i]);
    CHECK(site.seen().contains(static_cast<Check>(i)));
  }
  const std::string said = ToLower(site.Said());
  for (const std::string& secret : kLocalParts) {
    INFO(secret);
    CHECK(Holds(said, secret) == (addresses == LogAddresses::kFull));
  }
  for (const std::string& secret : kDomains) {
    INFO(secret);
    CHECK(Holds(said, secret) == (addresses != LogAddresses::kHash));
  }
}

}  // namespace
}  // namespace mxward
