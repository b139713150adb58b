// SPDX-License-Identifier: Apache-2.0
#include "policy/permissions.h"

#include <string>
#include <utility>

#include "tests/unit/catch.h"

namespace mxward::policy {
namespace {

TEST_CASE("where no service is known the account is the organisation", "[policy]") {
  CHECK(AccountBySpf("joe@example.org") == "example.org");
  CHECK(AccountBySpf("<Joe@Mail.EXAMPLE.co.uk>") == "example.co.uk");
  CHECK(AccountBySpf("SRS0=abcd=EF=example.net=joe@forward.example.org") == "example.org");
  CHECK(AccountBySpf("pm_bounces@pm-bounces.example.org") == "example.org");
  // Whatever a stranger writes at his own domain: that is who he is.
  CHECK(AccountBySpf("bounces+1-2-a=b@em1.stranger.example") == "stranger.example");
  CHECK(AccountBySpf("bounces+1-2-a=b@sendgrid.net") == "sendgrid:1");
  CHECK(AccountBySpf("0102018f-000000@amazonses.com").empty());
  for (const std::string sender : {"", "<>", "joe", "joe@", "joe@[192.0.2.1]", "joe@co.uk", "@"}) {
    CAPTURE(sender);
    CHECK(AccountBySpf(sender).empty());
  }
}

struct Mail {
  explicit Mail(std::string sender) { message.sender = std::move(sender); }

  Facts facts() const {
    Facts result{session, message, "user@here.example"};
    result.trust = trust;
    return result;
  }

  SessionFacts session;
  MessageFacts message;
  Trust trust = Trust::kNone;
};

Permissions SenderIs(Permissions::State state, SpfResult result = SpfResult::kNone) {
  Permissions permissions;
  permissions.sender = {state, result};
  return permissions;
}

TEST_CASE("an account is what SPF or the client's name proves", "[policy]") {
  using enum Permissions::State;
  const Mail mail("bounces+1-2-a=b@sendgrid.net");
  CHECK_FALSE(AccountOf(mail.facts(), Permissions()));
  CHECK(AccountOf(mail.facts(), SenderIs(kKnown, SpfResult::kPass)) == "sendgrid:1");
  for (const SpfResult result : {SpfResult::kNone, SpfResult::kNeutral, SpfResult::kSoftfail,
                                 SpfResult::kFail, SpfResult::kPermerror}) {
    CHECK(AccountOf(mail.facts(), SenderIs(kKnown, result)) == "");
  }
  CHECK(AccountOf(mail.facts(), SenderIs(kUnknown, SpfResult::kPass)) == "");
  CHECK(PossibleAccount(mail.facts()) == "sendgrid:1");

  Mail named("bounces+1-2-a=b@em1.example.org");
  named.session.client_name = "o1.outbound-mail.sendgrid.net";
  CHECK(AccountOf(named.facts(), Permissions()) == "sendgrid:1");
  CHECK(AccountOf(named.facts(), SenderIs(kKnown, SpfResult::kFail)) == "sendgrid:1");

  // Nothing could prove it: nobody is to be asked.
  CHECK(AccountOf(Mail("").facts(), Permissions()) == "");
  CHECK(AccountOf(Mail("1@amazonses.com").facts(), Permissions()) == "");
}

TEST_CASE("mail of somebody trusted has no account", "[policy]") {
  Mail mail("bounces+1-2-a=b@sendgrid.net");
  mail.session.client_name = "o1.outbound-mail.sendgrid.net";
  for (const Trust trust :
       {Trust::kNetwork, Trust::kRelay, Trust::kAuthenticated, Trust::kCertificate}) {
    mail.trust = trust;
    CHECK(PossibleAccount(mail.facts()).empty());
    CHECK(AccountOf(mail.facts(), Permissions()) == "");
  }
}

}  // namespace
}  // namespace mxward::policy
