// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/assembler.h"

#include "tests/unit/catch.h"
#include "tests/unit/cli/replay/log_summary.h"

namespace mxward::cli::maillog {
namespace {

constexpr WallTime kStart{Seconds(1795687200)};

// Lines of one host, told by program and seconds from the start.
class Log {
 public:
  Log& Say(int seconds, std::string_view program, std::uint64_t pid, std::string_view text) {
    assembler.Add({kStart + Seconds(seconds), "mx", program, pid, text});
    return *this;
  }
  Log& Smtpd(int seconds, std::string_view text, std::uint64_t pid = 1) {
    return Say(seconds, "postfix/smtpd", pid, text);
  }
  Log& Qmgr(int seconds, std::string_view text) { return Say(seconds, "postfix/qmgr", 9, text); }
  Log& Local(int seconds, std::string_view text) { return Say(seconds, "postfix/local", 8, text); }
  std::vector<std::string> End() {
    assembler.End();
    return steps;
  }

  std::vector<std::string> steps;
  Assembler assembler{[this](const Step& step) { steps.push_back(Summary(step, kStart)); }};
};

using Steps = std::vector<std::string>;

TEST_CASE("a message is told with sender and recipients, at the time it began", "[cli]") {
  Log log;
  log.Smtpd(0, "connect from a.example.org[192.0.2.1]");
  log.Smtpd(1, "4F2C1A0B9D: client=a.example.org[192.0.2.1]");
  CHECK(log.steps == Steps{"0s #1 connect 192.0.2.1 good a.example.org"});
  log.Qmgr(2, "4F2C1A0B9D: from=<x@example.org>, size=1, nrcpt=2 (queue active)");
  log.Smtpd(2, "disconnect from a.example.org[192.0.2.1]");
  log.Local(3, "4F2C1A0B9D: to=<b@example.net>, relay=local, status=sent (ok)");
  CHECK(log.steps.size() == 1);
  log.Local(4, "4F2C1A0B9D: to=<d@example.net>, orig_to=<c@example.net>, relay=local, x=y");
  CHECK(log.steps == Steps{"0s #1 connect 192.0.2.1 good a.example.org",
                           "1s #1 from <x@example.org> to <b@example.net> taken to "
                           "<c@example.net> taken",
                           "2s #1 disconnect"});
}

TEST_CASE("an alias with many members is one recipient", "[cli]") {
  Log log;
  log.Smtpd(1, "4F2C1A0B9D: client=unknown[192.0.2.1]");
  log.Qmgr(2, "4F2C1A0B9D: from=<x@example.org>, size=1, nrcpt=2 (queue active)");
  log.Local(3, "4F2C1A0B9D: to=<b@example.net>, orig_to=<All@example.net>, relay=local, x=y");
  log.Local(3, "4F2C1A0B9D: to=<c@example.net>, orig_to=<all@example.net>, relay=local, x=y");
  CHECK(log.steps.back() == "1s #1 from <x@example.org> to <All@example.net> taken");
}

TEST_CASE("what a client does is told in order, whenever it becomes known", "[cli]") {
  Log log;
  log.Smtpd(0, "connect from unknown[192.0.2.1]", 1);
  log.Smtpd(1, "4F2C1A0B9D: client=unknown[192.0.2.1]", 1);
  log.Smtpd(2, "connect from unknown[192.0.2.2]", 2);
  log.Smtpd(3,
            "NOQUEUE: reject: RCPT from unknown[192.0.2.2]: 550 5.1.1 <b>: no; from=<a@b> "
            "to=<b> proto=ESMTP helo=<h>",
            2);
  log.Qmgr(4, "4F2C1A0B9D: from=<x@example.org>, size=1, nrcpt=1 (queue active)");
  log.Local(5, "4F2C1A0B9D: to=<b@example.net>, relay=local, status=sent (ok)");
  CHECK(log.steps ==
        Steps{"0s #1 connect 192.0.2.1 none", "1s #1 from <x@example.org> to <b@example.net> taken",
              "2s #2 connect 192.0.2.2 none", "3s #2 from <a@b> helo h to <b> refused 5.1.1"});
}

TEST_CASE("a refused recipient belongs to the message that has begun", "[cli]") {
  Log log;
  log.Smtpd(1, "4F2C1A0B9D: client=unknown[192.0.2.1]");
  log.Smtpd(2,
            "4F2C1A0B9D: reject: RCPT from unknown[192.0.2.1]: 550 5.1.1 <z>: no; from=<a@b> "
            "to=<z> proto=ESMTP helo=<h>");
  log.Qmgr(3, "4F2C1A0B9D: from=<a@b>, size=1, nrcpt=1 (queue active)");
  log.Local(4, "4F2C1A0B9D: to=<y>, relay=local, status=sent (ok)");
  CHECK(log.steps.back() == "1s #1 from <a@b> helo h to <z> refused 5.1.1 to <y> taken");
}

TEST_CASE("a warning about a name speaks of the client that connects next", "[cli]") {
  Log log;
  log.Smtpd(0, "warning: hostname f.example.org does not resolve to address 192.0.2.1");
  log.Smtpd(0, "connect from unknown[192.0.2.1]");
  log.Smtpd(1, "disconnect from unknown[192.0.2.1]");
  log.Smtpd(2, "connect from unknown[192.0.2.1]");
  CHECK(log.steps == Steps{"0s #1 connect 192.0.2.1 forged f.example.org", "1s #1 disconnect",
                           "2s #2 connect 192.0.2.1 none"});
}

TEST_CASE("a content that is refused ends its message", "[cli]") {
  Log log;
  log.Smtpd(1, "4F2C1A0B9D: client=unknown[192.0.2.1]");
  log.Say(2, "postfix/cleanup", 5,
          "4F2C1A0B9D: milter-reject: END-OF-MESSAGE from unknown[192.0.2.1]: 5.7.1 Spam; "
          "from=<a@b> to=<c@d> proto=ESMTP helo=<h>");
  CHECK(log.steps.back() == "1s #1 from <a@b> helo h to <c@d> taken content-rejected");
}

TEST_CASE("a deferral by a filter or a greylister is no refusal of the server", "[cli]") {
  Log log;
  log.Smtpd(1,
            "NOQUEUE: milter-reject: RCPT from unknown[192.0.2.1]: 451 4.7.1 Greylisted; "
            "from=<a@b> to=<c@d> proto=ESMTP helo=<h>");
  log.Smtpd(2,
            "NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 450 4.2.0 <c@d>: Recipient address "
            "rejected: Greylisted; from=<a@b> to=<c@d> proto=ESMTP helo=<h>");
  log.Smtpd(3,
            "NOQUEUE: milter-reject: RCPT from unknown[192.0.2.1]: 550 5.7.1 No; from=<a@b> "
            "to=<c@d> proto=ESMTP helo=<h>");
  CHECK(log.End() == Steps{"1s #1 connect 192.0.2.1 none",
                           "1s #1 from <a@b> helo h to <c@d> deferred 4.7.1",
                           "2s #1 from <a@b> helo h to <c@d> deferred 4.2.0",
                           "3s #1 from <a@b> helo h to <c@d> rejected 5.7.1", "3s #1 disconnect"});
}

TEST_CASE("users and content filters are no strangers", "[cli]") {
  Log log;
  log.Smtpd(1, "4F2C1A0B9D: client=unknown[192.0.2.1], sasl_method=PLAIN, sasl_username=joe");
  log.Qmgr(1, "4F2C1A0B9D: from=<a@b>, size=1, nrcpt=1 (queue active)");
  log.Local(1, "4F2C1A0B9D: to=<y>, relay=local, status=sent (ok)");
  CHECK(log.steps.back() == "1s #1 from <a@b> user joe to <y> taken");
  // By whom is not in the log.
  log.Say(2, "postfix/submission/smtpd", 3, "5F2C1A0B9D: client=unknown[192.0.2.9]");
  log.Qmgr(2, "5F2C1A0B9D: from=<a@b>, size=1, nrcpt=1 (queue active)");
  log.Local(2, "5F2C1A0B9D: to=<y>, relay=local, status=sent (ok)");
  log.Smtpd(3, "6F2C1A0B9D: client=localhost[127.0.0.1], orig_client=x.example.org[192.0.2.8]", 4);
  log.Say(4, "postfix/submission/smtpd", 3,
          "NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 554 5.7.1 <y>: Relay access denied; "
          "from=<a@b> to=<y> proto=ESMTP helo=<h>");
  CHECK(log.End() == Steps{"1s #1 connect 192.0.2.1 none", "1s #1 from <a@b> user joe to <y> taken",
                           "2s #2 connect 192.0.2.9 none port 587", "4s #1 disconnect",
                           "4s #2 disconnect"});
  CHECK(log.assembler.counts().submissions == 1);
  CHECK(log.assembler.counts().reinjected == 1);
  CHECK(log.assembler.counts().messages == 1);
}

TEST_CASE("a message without an end holds nobody up for long", "[cli]") {
  Log log;
  log.Smtpd(0, "4F2C1A0B9D: client=unknown[192.0.2.1]");
  log.Smtpd(1, "disconnect from unknown[192.0.2.1]");
  log.Smtpd(2, "connect from unknown[192.0.2.2]", 2);
  CHECK(log.steps.size() == 1);
  log.Qmgr(12, "9999999999: removed");
  CHECK(log.steps.size() == 3);
  CHECK(log.assembler.counts().unfinished == 1);
  // While the client is there it may be sending.
  log.Smtpd(20, "5F2C1A0B9D: client=unknown[192.0.2.2]", 2);
  log.Smtpd(21, "connect from unknown[192.0.2.3]", 3);
  log.Qmgr(20 + 15 * 60 - 1, "9999999999: removed");
  CHECK(log.steps.size() == 3);
  log.Qmgr(20 + 15 * 60, "9999999999: removed");
  CHECK(log.steps.size() == 4);
}

TEST_CASE("memory is bounded, whatever the log has", "[cli]") {
  Log log;
  log.Smtpd(0, "4F2C1A0B9D: client=unknown[192.0.2.1]");
  const std::string refusal =
      "NOQUEUE: reject: RCPT from unknown[192.0.2.2]: 550 5.1.1 <b>: no; from=<a@b> to=<b> "
      "proto=ESMTP helo=<h>";
  for (std::size_t i = 0; i < Assembler::kMostSteps; ++i) log.Smtpd(1, refusal, 2);
  CHECK(log.assembler.counts().forced == 1);
  CHECK(log.steps.size() > Assembler::kMostSteps);
}

TEST_CASE("a process that is silent for long has lost its client", "[cli]") {
  Log log;
  log.Smtpd(0, "connect from unknown[192.0.2.1]");
  log.Qmgr(3600, "9999999999: removed");
  CHECK(log.steps == Steps{"0s #1 connect 192.0.2.1 none", "3600s #1 disconnect"});
}

TEST_CASE("time does not go back", "[cli]") {
  Log log;
  log.Smtpd(10, "connect from unknown[192.0.2.1]");
  log.Smtpd(5, "disconnect from unknown[192.0.2.1]");
  CHECK(log.steps == Steps{"10s #1 connect 192.0.2.1 none", "10s #1 disconnect"});
}

TEST_CASE("the end of a session tells whether it had TLS, and its messages wait for it", "[cli]") {
  Log log;
  log.Smtpd(0, "connect from unknown[192.0.2.9]", 2);
  log.Smtpd(0, "disconnect from unknown[192.0.2.9] ehlo=1 quit=1 commands=2", 2);
  log.Smtpd(1, "4F2C1A0B9D: client=unknown[192.0.2.1]");
  log.Qmgr(2, "4F2C1A0B9D: from=<a@b>, size=1, nrcpt=1 (queue active)");
  log.Local(3, "4F2C1A0B9D: to=<y@z>, relay=local, status=sent (ok)");
  CHECK(log.steps.back() == "1s #2 connect 192.0.2.1 none");
  log.Smtpd(60,
            "disconnect from unknown[192.0.2.1] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 "
            "quit=1 commands=7");
  CHECK(log.steps.at(log.steps.size() - 2) == "1s #2 from <a@b> tls to <y@z> taken");
  CHECK(log.assembler.counts().tls_sessions == 1);
  // The next one of the same process has none.
  log.Smtpd(70, "4F2C1A0B9E: client=unknown[192.0.2.2]");
  log.Qmgr(71, "4F2C1A0B9E: from=<a@b>, size=1, nrcpt=1 (queue active)");
  log.Local(71, "4F2C1A0B9E: to=<y@z>, relay=local, status=sent (ok)");
  log.Qmgr(400, "4F2C1A0B9E: removed");
  // It is not waited for longer than a session can be idle.
  CHECK(log.steps.back() == "70s #3 from <a@b> to <y@z> taken");
}

TEST_CASE("TLS of submission is not that of the mail exchanger", "[cli]") {
  Log log;
  log.Say(0, "postfix/submission/smtpd", 3,
          "Anonymous TLS connection established from unknown[192.0.2.1]: TLSv1.3 with cipher x");
  CHECK(log.assembler.counts().tls_sessions == 0);
  log.Smtpd(1, "Anonymous TLS connection established from unknown[192.0.2.1]: TLSv1.3 with x");
  CHECK(log.assembler.counts().tls_sessions == 1);
}

TEST_CASE("Sendmail's TLS is that of the process", "[cli]") {
  Log log;
  log.Say(0, "sm-mta", 7,
          "STARTTLS=server, relay=a.example.org [192.0.2.1], version=TLSv1.3, verify=NO, x=y");
  log.Say(1, "sm-mta", 7,
          "s1IFO4le004749: from=<a@example.org>, size=99, class=0, nrcpts=1, proto=ESMTP, "
          "daemon=MTA, relay=a.example.org [192.0.2.1]");
  log.Say(2, "sm-mta", 8, "s1IFO4le004749: to=<b@example.net>, delay=00:00:01, stat=Sent");
  CHECK(log.steps.back() == "1s #1 from <a@example.org> tls to <b@example.net> taken");
}

TEST_CASE("sessions of Sendmail", "[cli]") {
  Log log;
  const auto say = [&log](int seconds, std::string_view text) {
    log.Say(seconds, "sm-mta", 7, text);
  };
  say(0,
      "s1IFO4le004749: ruleset=check_rcpt, arg1=<z@example.com>, relay=a.example.org [192.0.2.1], "
      "reject=550 5.7.1 <z@example.com>... Relaying denied");
  say(1, "s1IFO4le004749: <y@example.net>... User unknown");
  say(2, "s1IFO4le004749: Milter: to=<x@example.net>, reject=451 4.7.1 Greylisted");
  say(3,
      "s1IFO4le004749: from=<a@example.org>, size=99, class=0, nrcpts=2, proto=ESMTP, "
      "daemon=MTA, relay=a.example.org [192.0.2.1]");
  say(4, "s1IFO4le004749: to=<b@example.net>,<c@example.net>, delay=00:00:01, stat=Sent");
  say(5, "s1IFO4lf004749: from=root, size=1, class=0, nrcpts=1, relay=root@localhost");
  say(5, "s1IFO4lf004749: to=joe, ctladdr=root (0/0), delay=00:00:01, stat=Sent");
  CHECK(log.End() ==
        Steps{"0s #1 from <a@example.org> to <z@example.com> refused 5.7.1 to <y@example.net> "
              "refused 5.1.1 to <x@example.net> deferred 4.7.1 to <b@example.net> taken to "
              "<c@example.net> taken",
              "0s #1 connect 192.0.2.1 good a.example.org", "5s #1 disconnect"});
}

TEST_CASE("garbage is counted and does no harm", "[cli]") {
  Log log;
  for (const char* text : {"connect from", "connect from x[", "4F2C1A0B9D: client=", "\xff\x00\xfe",
                           "NOQUEUE: reject: RCPT from x[192.0.2.1]: ", ":", "", "4F2C1A0B9D: "}) {
    for (const char* daemon : {"smtpd", "qmgr", "cleanup", "local", "postscreen", "nonsense"}) {
      log.Say(0, std::string("postfix/") + daemon, 1, text);
    }
    log.Say(0, "sm-mta", 1, text);
  }
  CHECK(log.assembler.counts().broken > 0);
  for (const std::string& step : log.End()) CHECK_FALSE(step.find("from <") != std::string::npos);
}

}  // namespace
}  // namespace mxward::cli::maillog
