// SPDX-License-Identifier: Apache-2.0
#include "policy/trust.h"

#include <string>

#include "catch.h"
#include "tests/fake/test_config.h"

namespace mxward::policy {
namespace {

SessionFacts FromAddress(const std::string& address) {
  SessionFacts facts;
  facts.client = IpAddress::Parse(address);
  return facts;
}

TrustConfig TrustRules() {
  TrustConfig config = TestConfig().trust;
  config.own_addresses = {*IpAddress::Parse("203.0.113.5"), *IpAddress::Parse("2001:db8::5")};
  config.networks = {*Prefix::Parse("10.0.0.0/8"), *Prefix::Parse("2001:db8:10::/48")};
  config.relays = {*Prefix::Parse("198.51.100.7"), *Prefix::Parse("10.9.0.0/16")};
  config.certificates = {{"CN=mx.example.org", "CN=Example CA"}};
  return config;
}

TEST_CASE("a client is trusted by where it connects from", "[policy]") {
  const auto [address, trust] = GENERATE(table<std::string, Trust>({
      {"127.0.0.1", Trust::kNetwork},
      {"127.9.9.9", Trust::kNetwork},
      {"::1", Trust::kNetwork},
      {"::ffff:127.0.0.1", Trust::kNetwork},
      {"203.0.113.5", Trust::kNetwork},
      {"2001:db8::5", Trust::kNetwork},
      {"203.0.113.6", Trust::kNone},
      {"10.1.2.3", Trust::kNetwork},
      {"2001:db8:10:1::1", Trust::kNetwork},
      {"192.168.1.1", Trust::kNone},
      {"198.51.100.7", Trust::kRelay},
      {"198.51.100.8", Trust::kNone},
      {"10.9.0.1", Trust::kNetwork},  // the most trusted of several
      {"192.0.2.1", Trust::kNone},
  }));
  CHECK(TrustOf(FromAddress(address), {}, TrustRules()) == trust);
}

TEST_CASE("a local client is never judged", "[policy]") {
  CHECK(TrustOf({}, {}, TrustRules()) == Trust::kNetwork);
  CHECK(TrustOf({}, {}, {}) == Trust::kNetwork);
}

TEST_CASE("without the words, loopback and the own addresses are clients like others", "[policy]") {
  TrustConfig config = TrustRules();
  config.loopback = false;
  config.self = false;
  CHECK(TrustOf(FromAddress("127.0.0.1"), {}, config) == Trust::kNone);
  CHECK(TrustOf(FromAddress("203.0.113.5"), {}, config) == Trust::kNone);
}

TEST_CASE("an authenticated sender is trusted where the config says so", "[policy]") {
  MessageFacts message;
  message.authenticated_user = "alice";
  TrustConfig config = TrustRules();
  CHECK(TrustOf(FromAddress("192.0.2.1"), message, config) == Trust::kAuthenticated);
  CHECK(TrustOf(FromAddress("198.51.100.7"), message, config) == Trust::kRelay);
  config.authenticated = false;
  CHECK(TrustOf(FromAddress("192.0.2.1"), message, config) == Trust::kNone);
}

TEST_CASE("a certificate counts with its subject and its issuer only", "[policy]") {
  const auto [subject, issuer, trust] = GENERATE(table<std::string, std::string, Trust>({
      {"CN=mx.example.org", "CN=Example CA", Trust::kCertificate},
      {"CN=mx.example.org", "CN=Other CA", Trust::kNone},
      {"CN=mx.example.org", "", Trust::kNone},
      {"CN=other.example.org", "CN=Example CA", Trust::kNone},
      {"", "", Trust::kNone},
  }));
  SessionFacts facts = FromAddress("192.0.2.1");
  facts.certificate_subject = subject;
  facts.certificate_issuer = issuer;
  CHECK(TrustOf(facts, {}, TrustRules()) == trust);
}

TEST_CASE("an empty certificate is nobody's, even if the config has an empty pair", "[policy]") {
  TrustConfig config = TrustRules();
  config.certificates = {{"", ""}};
  CHECK(TrustOf(FromAddress("192.0.2.1"), {}, config) == Trust::kNone);
}

TEST_CASE("recipients are exempt at any domain or at one", "[policy]") {
  Config config = TestConfig();
  config.exempt_recipients = {"postmaster", "abuse@example.org"};
  const auto [recipient, exempt] = GENERATE(table<std::string, bool>({
      {"postmaster@here.test", true},
      {"PostMaster@Here.Test", true},
      {"postmaster", true},
      {"postmaster+tag@here.test", true},
      {"postmasters@here.test", false},
      {"not-postmaster@here.test", false},
      {"here.test@postmaster", false},
      {"abuse@example.org", true},
      {"Abuse+x@Example.org.", true},
      {"abuse@here.test", false},
      {"abuse", false},
      {"abuse@sub.example.org", false},
      {"", false},
      {"@here.test", false},
      {"+postmaster@here.test", false},
      {"@relay.test:postmaster@here.test", true},
  }));
  CHECK(IsExempt(recipient, config) == exempt);
}

}  // namespace
}  // namespace mxward::policy
