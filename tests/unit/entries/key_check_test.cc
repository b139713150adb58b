// SPDX-License-Identifier: Apache-2.0
#include "entries/key_check.h"

#include <string>

#include "catch.h"

namespace mxward::entries {
namespace {

struct CheckedKey {
  Kind kind;
  const char* text;
  const char* hint;  // a part of the message
};

// What an administrator who knows other tools writes.
TEST_CASE("a key that can never match is refused with the form that would", "[entries]") {
  const auto one = GENERATE(values<CheckedKey>({
      {Kind::kSender, "*@mail.spam.example",
       "write sender-domain mail.spam.example, which also covers"},
      {Kind::kSender, "mail.spam.example",
       "write sender-domain mail.spam.example, which also covers"},
      {Kind::kSender, "x@*", "a [[rule]] has, such as sender = [\"x@*\"]"},
      {Kind::kSender, "/spam/", "a [[rule]] has, such as sender = [\"/spam/\"]"},
      {Kind::kSender, "x@a.example,y@b.example", "an entry has one key"},
      {Kind::kSender, "x@a.example y@b.example", "an entry has one key"},
      {Kind::kSender, "joe",
       "such as \"joe@example.org\"; in any domain a [[rule]] finds it, with "
       "sender = [\"joe@\"]"},
      {Kind::kSender, "joe@", "with sender = [\"joe@\"]"},
      {Kind::kSender, "joe@a..example", "\"a..example\" is not a domain"},
      {Kind::kSenderDomain, "*.spam.example", "write sender-domain spam.example"},
      {Kind::kSenderDomain, "/spam/", "a [[rule]] has"},
      {Kind::kSenderDomain, "[192.0.2.1]", "write client 192.0.2.1"},
      {Kind::kSenderDomain, "[IPv6:2001:db8::1]", "write client 2001:db8::1"},
      {Kind::kSenderDomain, "a.example,b.example", "an entry has one key"},
      {Kind::kSenderDomain, "(spam).example", "is not a domain name"},
      {Kind::kClientName, "*.spam.example", "write client-name spam.example"},
      {Kind::kClient, "mail.example.org", "write client-name mail.example.org"},
      {Kind::kClient, "*.example.org", "write client-name example.org"},
      {Kind::kClient, "bad..name", "for the name of a client use client-name"},
      {Kind::kClientName, "mail*.spam.example", "client_name = [\"mail*.spam.example\"]"},
      {Kind::kClientName, "192.0.2.1", "write client 192.0.2.1"},
      {Kind::kClientName, "192.0.2.0/24", "write client 192.0.2.0/24"},
      {Kind::kClientName, "unknown", "name_class = [\"none\"]"},
      {Kind::kRecipient, "*@rcpt.example", "write recipient-domain rcpt.example"},
      {Kind::kRecipient, "rcpt.example", "write recipient-domain rcpt.example"},
      {Kind::kRecipient, "joe@", "with recipient = [\"joe@\"]"},
      {Kind::kRecipientDomain, "*.rcpt.example", "write recipient-domain rcpt.example"},
      {Kind::kSpfOf, "include:_spf.example.org", "write spf-of _spf.example.org"},
      {Kind::kSpfOf, "v=spf1 include:_spf.example.org", "write spf-of _spf.example.org"},
      {Kind::kSpfOf, "joe@example.org", "write spf-of example.org"},
      {Kind::kSpfOf, "google", "is not a domain with an SPF record"},
      {Kind::kSpfOf, "*.example.org", "is not a domain with an SPF record"},
      {Kind::kSpfOf, "192.0.2.1", "is not a domain with an SPF record"},
      {Kind::kSpfOf, "ip4:192.0.2.1", "is not a domain with an SPF record"},
      {Kind::kAccount, "bounces+12345-6-a=b@sendgrid.net", "write account sendgrid:12345"},
      {Kind::kAccount, "joe@mail.example.org", "write account example.org"},
      {Kind::kAccount, "1@amazonses.com", "no account can be read from it"},
      {Kind::kAccount, "mail.example.org", "write account example.org"},
      {Kind::kAccount, "sendgrid.net", "write \"sendgrid:NUMBER\""},
      {Kind::kAccount, "sendgrid:*", "account = [\"sendgrid:*\"]"},
      {Kind::kAccount, "sendgird:1", "known are sendgrid, "},
      {Kind::kAccount, "*.example.org", "neither a domain nor SERVICE:NUMBER"},
      {Kind::kAccount, "co.uk", "is not the domain of an organisation"},
  }));
  CAPTURE(WordOf(one.kind), one.text);
  const auto checked = CheckKeyCanMatch(one.kind, one.text);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == ErrorCode::kInvalid);
  CHECK_THAT(checked.error().message, HasText(one.hint));
}

TEST_CASE("a key that can match is not refused", "[entries]") {
  const auto one = GENERATE(values<CheckedKey>({
      {Kind::kClient, "192.0.2.0/24", ""},
      {Kind::kClientName, "Mail.Example.org.", ""},
      {Kind::kClientName, ".example.org", ""},
      {Kind::kClientName, "ip-192_0.example", ""},
      {Kind::kSender, "<>", ""},
      {Kind::kSender, "<A@Example.org>", ""},
      {Kind::kSender, "\"a, b\"@example.org", ""},
      {Kind::kSender, "a/b=c@example.org", ""},
      {Kind::kSender, "joe@[192.0.2.1]", ""},
      {Kind::kSenderDomain,
       "b\xc3\xbc"
       "cher.example",
       ""},
      {Kind::kSenderDomain, "xn--bcher-kva.example", ""},
      {Kind::kSpfOf, "_spf.Example.org.", ""},
      {Kind::kAccount, "SendGrid:12345", ""},
      {Kind::kAccount, "Example.co.uk", ""},
      {Kind::kRecipient, "postmaster", ""},
      {Kind::kRecipientDomain, "localhost", ""},
  }));
  CAPTURE(WordOf(one.kind), one.text);
  CHECK(CheckKeyCanMatch(one.kind, one.text));
}

}  // namespace
}  // namespace mxward::entries
