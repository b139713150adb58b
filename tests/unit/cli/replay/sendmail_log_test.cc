// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/sendmail_log.h"

#include "tests/unit/catch.h"
#include "tests/unit/cli/replay/log_summary.h"

namespace mxward::cli::maillog {
namespace {

std::string Said(std::string_view text) { return Summary(ParseSendmail(text)); }

TEST_CASE("Sendmail is known by its names", "[cli]") {
  CHECK(IsSendmail("sendmail"));
  CHECK(IsSendmail("sm-mta"));
  CHECK(IsSendmail("sm-mta-in"));
  CHECK(IsSendmail("sm-acceptingconnections"));
  CHECK_FALSE(IsSendmail("sm-msp-queue"));
  CHECK_FALSE(IsSendmail("postfix/smtpd"));
}

TEST_CASE("Sendmail tells when TLS has begun", "[cli]") {
  CHECK(Said("STARTTLS=server, relay=mail.example.org [192.0.2.1], version=TLSv1.3, verify=NO, "
             "cipher=TLS_AES_256_GCM_SHA384, bits=256/256") ==
        "tls client=192.0.2.1 name=mail.example.org class=good");
  CHECK(Said("STARTTLS=server, error: accept failed=-1, reason=sslv3 alert bad certificate, "
             "SSL_error=1, errno=0, retry=-1, relay=[192.0.2.1]")
            .starts_with("nothing"));
  CHECK(Said("STARTTLS=client, relay=mx.example.org., version=TLSv1.3, verify=FAIL") == "nothing");
}

TEST_CASE("the end of a message tells client and sender", "[cli]") {
  CHECK(Said("s1IFO4le004749: from=<a@example.org>, size=2034, class=0, nrcpts=2, msgid=<1@x>, "
             "proto=ESMTP, daemon=MTA, relay=mail.example.org [192.0.2.1]") ==
        "received id=s1IFO4le004749 client=192.0.2.1 name=mail.example.org class=good "
        "from=<a@example.org> recipients=2");
  CHECK(Said("s1IFO4le004749: from=<>, size=0, class=0, nrcpts=0, proto=ESMTP, daemon=MTA, "
             "relay=[192.0.2.1]") ==
        "received id=s1IFO4le004749 client=192.0.2.1 class=none from=<>");
  CHECK(Said("s1IFO4le004749: from=<a@b>, size=1, class=0, nrcpts=1, proto=SMTP, daemon=MTA, "
             "relay=x.example.org [IPv6:2001:db8::1] (may be forged)") ==
        "received id=s1IFO4le004749 client=2001:db8::1 name=x.example.org class=forged from=<a@b> "
        "recipients=1");
  CHECK(Said("s1IFO4le004749: from=root, size=304, class=0, nrcpts=1, msgid=<2@x>, "
             "relay=root@localhost") == "nothing id=s1IFO4le004749");
  // Everything up to the size is the sender, whatever he calls himself.
  CHECK(Said("s1IFO4le004749: from=<\"x, nrcpts=9, relay=[10.0.0.1]\"@b>, size=1, class=0, "
             "nrcpts=1, relay=IDENT:joe@y.example.org [192.0.2.1]") ==
        "received id=s1IFO4le004749 client=192.0.2.1 name=y.example.org class=good "
        "from=<\"x, nrcpts=9, relay=[10.0.0.1]\"@b> recipients=1");
}

TEST_CASE("deliveries and refusals of Sendmail", "[cli]") {
  CHECK(Said("s1IFO4le004749: to=<b@example.net>,<c@example.net>, delay=00:00:01, "
             "xdelay=00:00:00, mailer=local, pri=31000, dsn=2.0.0, stat=Sent") ==
        "delivery id=s1IFO4le004749 to=<<b@example.net>,<c@example.net>>");
  CHECK(Said("s1IHYWxQ005589: ruleset=check_rcpt, arg1=<b@example.net>, relay=[192.0.2.74], "
             "reject=550 5.7.1 <b@example.net>... Relaying denied. IP name lookup failed") ==
        "refusal id=s1IHYWxQ005589 client=192.0.2.74 class=none to=<b@example.net> code=550 "
        "enhanced=5.7.1");
  CHECK(Said("s1IHYWxQ005589: <b@example.net>... User unknown") ==
        "refusal id=s1IHYWxQ005589 to=<b@example.net> code=550 enhanced=5.1.1");
  CHECK(Said("s1IHYWxQ005589: Milter: to=<b@example.net>, reject=451 4.7.1 Greylisted, please try "
             "again in 240 seconds") ==
        "refusal id=s1IHYWxQ005589 to=<b@example.net> code=451 enhanced=4.7.1 by-filter");
  CHECK(Said("s1IHYWxQ005589: Milter: data, reject=554 5.7.1 Command rejected") ==
        "content id=s1IHYWxQ005589 code=554 enhanced=5.7.1 by-filter");
  CHECK(Said("s1IHYWxQ005589: lost input channel from [192.0.2.74] to MTA after rcpt") ==
        "nothing id=s1IHYWxQ005589");
  for (const char* text : {"s1IHYWxQ005589: ruleset=check_rcpt, arg1=<b", "s1IHYWxQ005589: to=<b",
                           "s1IHYWxQ005589: from=<a@b>, size=1, relay=[300.1.1.1]",
                           "s1IHYWxQ005589: Milter: to=<x", ": ", ""}) {
    CHECK(ParseSendmail(text).kind == EventKind::kNothing);
  }
}

}  // namespace
}  // namespace mxward::cli::maillog
