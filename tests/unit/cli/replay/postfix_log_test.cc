// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/postfix_log.h"

#include <string>

#include "tests/unit/catch.h"
#include "tests/unit/cli/replay/log_summary.h"

namespace mxward::cli::maillog {
namespace {

std::string Smtpd(std::string_view text) { return Summary(ParsePostfix("smtpd", text)); }

TEST_CASE("daemons of Postfix are known by their names", "[cli]") {
  CHECK(ParsePostfixProgram("postfix/smtpd").daemon == "smtpd");
  CHECK(ParsePostfixProgram("postfix-in/smtpd").daemon == "smtpd");
  CHECK(ParsePostfixProgram("postfix/smtpd").daemon_port.empty());
  CHECK(ParsePostfixProgram("postfix/submission/smtpd").daemon_port == "587");
  CHECK(ParsePostfixProgram("postfix/smtps/smtpd").daemon_port == "465");
  CHECK(ParsePostfixProgram("postfix-out/submissions/smtpd").daemon_port == "465");
  CHECK(ParsePostfixProgram("postfix/10025/smtpd").daemon == "smtpd");
  CHECK(ParsePostfixProgram("postfix/10025/smtpd").daemon_port.empty());
  CHECK(ParsePostfixProgram("smtpd").daemon.empty());  // OpenSMTPD
  CHECK(ParsePostfixProgram("dovecot").daemon.empty());
}

TEST_CASE("connections and their names", "[cli]") {
  CHECK(Smtpd("connect from mail.example.org[192.0.2.1]") ==
        "connect client=192.0.2.1 name=mail.example.org class=good");
  CHECK(Smtpd("connect from unknown[2001:db8::1]:41822") ==
        "connect client=2001:db8::1 class=none");
  CHECK(Smtpd("disconnect from mail.example.org[192.0.2.1] ehlo=1 quit=1 commands=2") ==
        "disconnect client=192.0.2.1 name=mail.example.org class=good counted");
  CHECK(Smtpd("disconnect from unknown[192.0.2.1] ehlo=2 starttls=1 mail=1 quit=1 commands=5") ==
        "disconnect client=192.0.2.1 class=none counted used-tls");
  // It was tried, and failed.
  CHECK(Smtpd("disconnect from unknown[192.0.2.1] ehlo=1 starttls=0/1 commands=1/2") ==
        "disconnect client=192.0.2.1 class=none counted");
  CHECK(Smtpd("connect from unknown[unknown]") == "nothing");
  CHECK(Smtpd("connect from localhost[127.0.0.1") == "broken");
  CHECK(Smtpd("connect from x[300.1.1.1]") == "broken");
  CHECK(Smtpd("connect from ") == "broken");
}

TEST_CASE("what Postfix warns of a name tells forged from passing trouble", "[cli]") {
  CHECK(Smtpd("warning: hostname a.example.org does not resolve to address 192.0.2.1") ==
        "name-trouble client=192.0.2.1 name=a.example.org class=forged");
  CHECK(Smtpd("warning: hostname a.example.org does not resolve to address 192.0.2.1: Name or "
              "service not known") ==
        "name-trouble client=192.0.2.1 name=a.example.org class=forged");
  CHECK(Smtpd("warning: hostname a.example.org does not resolve to address 2001:db8::1: Temporary "
              "failure in name resolution") ==
        "name-trouble client=2001:db8::1 name=a.example.org class=tempfail");
  CHECK(Smtpd("warning: 192.0.2.1: hostname a.example.org verification failed: Host not found, "
              "try again") == "name-trouble client=192.0.2.1 name=a.example.org class=tempfail");
  CHECK(Smtpd("warning: 192.0.2.1: address not listed for hostname a.example.org") ==
        "name-trouble client=192.0.2.1 name=a.example.org class=forged");
  CHECK(Smtpd("warning: a.example.org[192.0.2.1]: SASL LOGIN authentication failed: x") ==
        "nothing");
}

TEST_CASE("messages begin with a client, and perhaps a login", "[cli]") {
  CHECK(Smtpd("4bXyZk1WpQz9sXv: client=mail.example.org[192.0.2.1]") ==
        "message id=4bXyZk1WpQz9sXv client=192.0.2.1 name=mail.example.org class=good");
  CHECK(Smtpd("4F2C1A0B9D: client=unknown[192.0.2.1], sasl_method=PLAIN, sasl_username=joe, a") ==
        "message id=4F2C1A0B9D client=192.0.2.1 class=none user=joe, a");
  CHECK(Smtpd("4F2C1A0B9D: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=joe, "
              "sasl_sender=jane") ==
        "message id=4F2C1A0B9D client=192.0.2.1 name=a class=good user=joe");
  CHECK(Smtpd("4F2C1A0B9D: client=localhost[127.0.0.1], orig_queue_id=3F2C1A0B9D, "
              "orig_client=mail.example.org[192.0.2.1]") ==
        "message id=4F2C1A0B9D client=127.0.0.1 name=localhost class=good reinjected");
  CHECK(Smtpd("NOQUEUE: client=mail.example.org[192.0.2.1]") == "nothing");
  CHECK(Smtpd("4F2C1A0B9D: client=nonsense") == "broken");
}

TEST_CASE("refused recipients, and by whom", "[cli]") {
  CHECK(Smtpd("NOQUEUE: reject: RCPT from a.example.org[192.0.2.1]: 550 5.1.1 <x@example.net>: "
              "Recipient address rejected: User unknown; from=<y@example.org> to=<x@example.net> "
              "proto=ESMTP helo=<a.example.org>") ==
        "refusal client=192.0.2.1 name=a.example.org class=good from=<y@example.org> "
        "to=<x@example.net> helo=a.example.org code=550 enhanced=5.1.1 refused");
  CHECK(Smtpd("4F2C1A0B9D: reject: RCPT from unknown[192.0.2.1]:2525: 554 5.7.1 Service "
              "unavailable; Client host [192.0.2.1] blocked using zen.example; from=<> "
              "to=<x@example.net> proto=SMTP helo=<x>") ==
        "refusal id=4F2C1A0B9D client=192.0.2.1 class=none from=<> to=<x@example.net> helo=x "
        "code=554 enhanced=5.7.1 refused");
  CHECK(Smtpd("NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 450 4.2.0 <greylist@example.net>: "
              "Recipient address rejected: Greylisted, see http://postgrey.example; from=<a@b> "
              "to=<greylist@example.net> proto=ESMTP helo=<h>") ==
        "refusal client=192.0.2.1 class=none from=<a@b> to=<greylist@example.net> helo=h code=450 "
        "enhanced=4.2.0 refused by-greylister");
  CHECK(Smtpd("NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 450 4.1.1 <greylist@example.net>: "
              "Recipient address rejected: unverified address; from=<a@b> "
              "to=<greylist@example.net> proto=ESMTP helo=<h>") ==
        "refusal client=192.0.2.1 class=none from=<a@b> to=<greylist@example.net> helo=h code=450 "
        "enhanced=4.1.1 refused");
  CHECK(Smtpd("NOQUEUE: milter-reject: RCPT from a[192.0.2.1]: 451 4.7.1 Please wait; from=<a@b> "
              "to=<x@example.net> proto=ESMTP helo=<h>") ==
        "refusal client=192.0.2.1 name=a class=good from=<a@b> to=<x@example.net> helo=h code=451 "
        "enhanced=4.7.1 refused by-filter");
  CHECK(Smtpd("4F2C1A0B9D: milter-reject: DATA from a[192.0.2.1]: 451 4.7.1 Greylisted, please try "
              "again in 240 seconds; from=<> to=<x@example.net> proto=ESMTP helo=<h>") ==
        "refusal id=4F2C1A0B9D client=192.0.2.1 name=a class=good from=<> to=<x@example.net> "
        "helo=h code=451 enhanced=4.7.1 refused by-filter");
}

TEST_CASE("what is refused before RCPT, or only warned of", "[cli]") {
  CHECK(Smtpd("NOQUEUE: reject: CONNECT from unknown[192.0.2.1]: 554 5.7.1 <unknown[192.0.2.1]>: "
              "Client host rejected: Access denied; proto=SMTP") ==
        "note client=192.0.2.1 class=none code=554 enhanced=5.7.1 refused");
  CHECK(Smtpd("NOQUEUE: reject: EHLO from a[192.0.2.1]: 550 5.7.1 <x>: Helo command rejected: no; "
              "proto=ESMTP helo=<x>") ==
        "note client=192.0.2.1 name=a class=good helo=x code=550 enhanced=5.7.1 refused");
  CHECK(Smtpd("NOQUEUE: reject_warning: RCPT from a[192.0.2.1]: 450 4.7.1 <h>: Helo command "
              "rejected: Host not found; from=<a@b> to=<c@d> proto=ESMTP helo=<h>") ==
        "note client=192.0.2.1 name=a class=good from=<a@b> to=<c@d> helo=h code=450 "
        "enhanced=4.7.1");
  CHECK(Smtpd("improper command pipelining after EHLO from a[192.0.2.1]: QUIT") == "nothing");
  CHECK(Smtpd("lost connection after RCPT from a[192.0.2.1]") == "nothing");
}

TEST_CASE("hostile senders and HELOs end where the next word begins", "[cli]") {
  CHECK(Smtpd("NOQUEUE: reject: RCPT from a[192.0.2.1]: 550 5.1.1 <\"> to=<evil\"@b>: no; "
              "from=<\"> to=\"@c> to=<x> y@d> proto=ESMTP helo=<> proto=ESMTP helo=<e>") ==
        "refusal client=192.0.2.1 name=a class=good from=<\"> to=\"@c> to=<x> y@d> helo=e "
        "code=550 enhanced=5.1.1 refused");
  CHECK(Smtpd("NOQUEUE: reject: RCPT from a[192.0.2.1]: 550 ; from=<a") ==
        "note client=192.0.2.1 name=a class=good code=550 refused");
  CHECK(Smtpd("NOQUEUE: reject: RCPT from ") == "broken");
  CHECK(Smtpd("NOQUEUE: reject: ") == "broken");
  CHECK(Smtpd("NOQUEUE: ") == "nothing");
}

TEST_CASE("the queue manager tells sender and end, deliveries the recipients", "[cli]") {
  const auto qmgr = [](std::string_view text) { return Summary(ParsePostfix("qmgr", text)); };
  CHECK(qmgr("4F2C1A0B9D: from=<a@example.org>, size=1234, nrcpt=2 (queue active)") ==
        "sender id=4F2C1A0B9D from=<a@example.org> recipients=2");
  CHECK(qmgr("4F2C1A0B9D: from=<>, size=1234, nrcpt=1 (queue active)") ==
        "sender id=4F2C1A0B9D from=<> recipients=1");
  CHECK(qmgr("4F2C1A0B9D: from=<a@b>, status=expired, returned to sender") ==
        "nothing id=4F2C1A0B9D");
  CHECK(qmgr("4F2C1A0B9D: removed") == "done id=4F2C1A0B9D");
  CHECK(qmgr("4F2C1A0B9D: from=<a@b") == "broken");
  const auto local = [](std::string_view text) { return Summary(ParsePostfix("local", text)); };
  CHECK(local("4F2C1A0B9D: to=<b@example.net>, relay=local, delay=1, status=sent (ok)") ==
        "delivery id=4F2C1A0B9D to=<b@example.net>");
  CHECK(local("4F2C1A0B9D: to=<b@example.net>, orig_to=<info@example.net>, relay=local, delay=1, "
              "status=sent (ok)") == "delivery id=4F2C1A0B9D to=<info@example.net>");
  CHECK(local("4F2C1A0B9D: to=<b@example.net") == "broken");
}

TEST_CASE("content that is refused had its recipients taken", "[cli]") {
  const auto cleanup = [](std::string_view text) { return Summary(ParsePostfix("cleanup", text)); };
  CHECK(cleanup("4F2C1A0B9D: message-id=<1@example.org>") == "nothing id=4F2C1A0B9D");
  CHECK(cleanup("4F2C1A0B9D: reject: header Subject: x; from=<y> from a[192.0.2.1]; from=<a@b> "
                "to=<c@d> proto=ESMTP helo=<h>: 5.7.1 no such subject") ==
        "content id=4F2C1A0B9D from=<a@b> to=<c@d> helo=h code=550 enhanced=5.7.1");
  CHECK(cleanup("4F2C1A0B9D: milter-reject: END-OF-MESSAGE from a[192.0.2.1]: 4.7.1 Try again; "
                "from=<a@b> to=<c@d> proto=ESMTP helo=<h>") ==
        "content id=4F2C1A0B9D from=<a@b> to=<c@d> helo=h code=450 enhanced=4.7.1");
  CHECK(cleanup("4F2C1A0B9D: info: header Subject: hi from a[192.0.2.1]; from=<a@b> to=<c@d> "
                "proto=ESMTP helo=<h>: hi") == "note id=4F2C1A0B9D from=<a@b> to=<c@d> helo=h");
}

TEST_CASE("postscreen turns clients away before the mail server sees them", "[cli]") {
  const auto said = [](std::string_view text) { return Summary(ParsePostfix("postscreen", text)); };
  CHECK(said("NOQUEUE: reject: RCPT from [192.0.2.1]:2413: 550 5.7.1 Service unavailable; client "
             "[192.0.2.1] blocked using x; from=<a@b>, to=<c@d>, proto=ESMTP, helo=<h>") ==
        "screened");
  CHECK(said("PASS NEW [192.0.2.1]:2413") == "nothing");
  CHECK(said("CONNECT from [192.0.2.1]:2413 to [198.51.100.1]:25") == "nothing");
}

}  // namespace
}  // namespace mxward::cli::maillog
