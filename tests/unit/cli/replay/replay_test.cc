// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/cli/replay/replay_fixture.h"

namespace mxward {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kGood = "mail.example.org[192.0.2.1]";

// One of each: a good server, a nameless one that comes again, a guessed address, two that the
// log's server deferred, of which one came back, and a user.
class Mixed : public ReplayFixture {
 public:
  Mixed() {
    Taken(0, kGood, "a@example.org", "b@example.net");
    Taken(10, "unknown[198.51.100.7]", "s@example.com", "b@example.net");
    Refused(60, "unknown[198.51.100.8]", "reject",
            "550 5.1.1 <x@example.net>: Recipient address rejected: User unknown", "t@example.com",
            "x@example.net");
    Refused(120, "unknown[203.0.113.5]", "milter-reject",
            "451 4.7.1 Greylisted, please try again in 240 seconds", "u@example.com",
            "c@example.net");
    Refused(180, "unknown[203.0.113.77]", "milter-reject",
            "451 4.7.1 Greylisted, please try again in 240 seconds", "v@example.com",
            "d@example.net");
    Taken(240, "unknown[198.51.100.9]", "joe@example.net", "e@example.org",
          ", sasl_method=PLAIN, sasl_username=joe");
    Taken(360, "unknown[198.51.100.7]", "s@example.com", "b@example.net");
    Taken(420, "unknown[203.0.113.5]", "u@example.com", "c@example.net");
    Say(600, "mxward[5]", "NOQUEUE: action=defer, reason=greylist-new");
    Say(600, "postfix/smtpd[1]", "connect from nonsense");
    log += "a line of nothing\n";
  }
};

TEST_CASE("replay prints what a configuration would have done", "[cli]") {
  Mixed fixture;
  CHECK(fixture.Replay() == 0);
  CHECK(fixture.err.empty());
  CHECK(
      fixture.out ==
      "log                                    2026-01-05T10:00:00Z to 2026-01-05T10:10:00Z\n"
      "lines                                  42, 40 of them of the mail server\n"
      "  written as                           syslog with ISO 8601 times\n"
      "  not understood                       1\n"
      "  not syslog lines                     1\n"
      "sessions                               8\n"
      "messages                               8\n"
      "recipients refused by the mail server  1\n"
      "recipients checked                     7\n"
      "  trusted                              1\n"
      "\n"
      "accepted at once  3 (50.0 % of strangers)\n"
      "deferred          3 (50.0 % of strangers)\n"
      "rejected          0 (0.0 % of strangers)\n"
      "\n"
      "ACTION  REASON           RECIPIENTS  RETRIES\n"
      "accept  authenticated             1        0\n"
      "accept  not-suspicious            1        0\n"
      "accept  greylist-passed           1        1\n"
      "accept  greylist-known            1        0\n"
      "defer   greylist-new              3        0\n"
      "\n"
      "mails deferred                       3\n"
      "  accepted by an assumed retry       1\n"
      "  accepted by a retry in the log     1\n"
      "  could still be retried at its end  1\n"
      "delay of accepted mail               median 5 min, 95 % within 5 min, at most 5 min\n"
      "\n"
      "IN THE LOG  ACCEPTED HERE  DEFERRED  REJECTED\n"
      "taken                   3         1         0\n"
      "deferred                0         2         0\n"
      "\n"
      "SENDER           RECIPIENTS  DEFERRED  REJECTED  MEDIAN DELAY   95 %\n"
      "203.0.113.0/24            3         2         0         5 min  5 min\n"
      "198.51.100.0/24           2         1         0         5 min  5 min\n"
      "\n"
      "NEW FINDING      MAKES SUSPICIOUS\n"
      "tls-none         not known: no session in the log has TLS: the mail server does not offer "
      "it, or does not log it (Postfix: smtpd_tls_loglevel = 1)\n"
      "unauthenticated  not known: no session in the log has TLS: the mail server does not offer "
      "it, or does not log it (Postfix: smtpd_tls_loglevel = 1)\n"
      "spf-fail         not known: a log does not contain SPF; --dns evaluates it as of today\n"
      "spf-softfail     not known: a log does not contain SPF; --dns evaluates it as of today\n"
      "spf-permerror    not known: a log does not contain SPF; --dns evaluates it as of today\n"
      "\n"
      "! the DNS was not queried: sender domains do not count here (see --dns)\n"
      "! a mail server's log seldom contains the HELO: it is known for 2 of 7 recipients, and the "
      "others are not penalised\n"
      "! a sender that is deferred only here has no retry in the log: for mail that was accepted "
      "there, a retry after 5m is assumed, and further ones at growing intervals if needed; so "
      "delays are estimates, and spammers who would not have retried count as if they had\n"
      "! for mail that the log's server itself deferred, the retries are those in the log; none "
      "are assumed\n");
}

TEST_CASE("replay speaks JSON", "[cli]") {
  Mixed fixture;
  const Json answer = fixture.ReplayJson({"--limit", "1"});
  Json shown;
  for (const JsonMember& member : answer.members()) {
    if (member.name != "notes" && member.name != "config" && member.name != "new_findings")
      shown.Set(member.name, member.value);
  }
  std::string text = shown.Dump();
  const std::string path = fixture.dir.File("mail.log");
  text.replace(text.find(path), path.size(), "FILE");
  CHECK(
      text ==
      R"({"log":{"files":1,"lines":42,"mail_server_lines":40,"not_understood":1,"not_syslog":1,)"
      R"("astray":0,"from":"2026-01-05T10:00:00Z","until":"2026-01-05T10:10:00Z",)"
      R"("milliseconds":null,"lines_per_second":null,"inputs":[{"file":"FILE",)"
      R"("format":"syslog with ISO 8601 times","lines":42,"mail_server_lines":40,"sessions":8}]},)"
      R"("sessions":8,"messages":8,)"
      R"("not_judged":{"refused_recipients":1,"refused_earlier":0,"screened":0,"submissions":0,)"
      R"("reinjected":0,"unfinished":0,"forced":0},)"
      R"("tries":{"total":7,"trusted":1,"accept":3,"defer":3,"reject":0,"helo_known":2},)"
      R"("reasons":[{"action":"accept","reason":"authenticated","tries":1,"retries":0},)"
      R"({"action":"accept","reason":"not-suspicious","tries":1,"retries":0},)"
      R"({"action":"accept","reason":"greylist-passed","tries":1,"retries":1},)"
      R"({"action":"accept","reason":"greylist-known","tries":1,"retries":0},)"
      R"({"action":"defer","reason":"greylist-new","tries":3,"retries":0}],)"
      R"("rules":[],"deferred":{"mails":3,"assumed_back":1,"back_in_log":1,"never_back":0,"open":1,)"
      R"("turned_away":0,"rejected_later":0,"given_up":0,"not_followed":0},)"
      R"("delay":{"mails":2,"median_seconds":300,"p95_seconds":300,"max_seconds":300},)"
      R"("against_log":[{"log":"taken","accept":3,"defer":1,"reject":0},)"
      R"({"log":"deferred","accept":0,"defer":2,"reject":0}],)"
      R"("organisations":[{"organisation":"203.0.113.0/24","tries":3,"deferred":2,"rejected":0,)"
      R"("delay_median_seconds":300,"delay_p95_seconds":300}],"retry_seconds":300,"dns":false,)"
      R"("clients":{"total":4,"with_tls":0,"complete":true}})");
  CHECK(answer["config"].text() == fixture.dir.File("mxward.toml"));
  CHECK(answer["notes"].items().size() == 4);
}

TEST_CASE("replay names counts in TSV", "[cli]") {
  Mixed fixture;
  CHECK(fixture.Replay({"--format", "tsv"}) == 0);
  CHECK_THAT(fixture.out, HasText("\nreasons.defer.greylist-new.tries\t3\n") &&
                              HasText("\nagainst_log.taken.defer\t1\n") &&
                              HasText("\ndelay.median_seconds\t300\n"));
}

TEST_CASE("replay rejects where the candidate would, and says whose mail it was", "[cli]") {
  Mixed fixture;
  fixture.toml = "[score]\nreject = 4\n";
  const Json answer = fixture.ReplayJson();
  CHECK(Reasons(answer) ==
        Texts{"accept authenticated 1 0", "accept not-suspicious 1 0", "reject score 5 0"});
  CHECK(answer["against_log"].items()[0]["reject"].integer() == 3);
  CHECK(answer["deferred"]["mails"].integer() == 0);
  CHECK(answer["organisations"].items()[0]["rejected"].integer() == 3);
}

TEST_CASE("a retry that comes too early is followed by another, after twice the time", "[cli]") {
  ReplayFixture fixture;
  fixture.Taken(0, "unknown[198.51.100.7]", "s@example.com", "b@example.net");
  // After 1, 3 and 7 minutes; the delay is 4.
  const Json answer = fixture.ReplayJson({"--retry", "1m"});
  CHECK(Reasons(answer) ==
        Texts{"accept greylist-passed 0 1", "defer greylist-new 1 0", "defer greylist-early 0 2"});
  CHECK(answer["delay"]["max_seconds"].integer() == 420);
}

TEST_CASE("who has come back three times has earned his way", "[cli]") {
  ReplayFixture fixture;
  for (int i = 0; i < 4; ++i) {
    fixture.Taken(i * 7200, "unknown[198.51.100.7]",
                  "s" + std::string(1, static_cast<char>('a' + i)) + "@example.com",
                  "b@example.net");
  }
  CHECK(Reasons(fixture.ReplayJson()) == Texts{"accept greylist-passed 0 3",
                                               "accept greylist-auto-allowed 1 0",
                                               "defer greylist-new 3 0"});
}

TEST_CASE("mail that the log's server turned away is not assumed to come back", "[cli]") {
  ReplayFixture fixture;
  fixture.Refused(0, "unknown[198.51.100.7]", "milter-reject", "550 5.7.1 No", "s@example.com",
                  "b@example.net");
  fixture.Say(10, "postfix/smtpd[77]", "4F2C1A0999: client=unknown[198.51.100.9]");
  fixture.Say(11, "postfix/cleanup[5]",
              "4F2C1A0999: milter-reject: END-OF-MESSAGE from unknown[198.51.100.9]: 5.7.1 Spam; "
              "from=<t@example.com> to=<b@example.net> proto=ESMTP helo=<h.example.org>");
  const Json answer = fixture.ReplayJson();
  CHECK(Reasons(answer) == Texts{"defer greylist-new 2 0"});
  CHECK(answer["deferred"]["turned_away"].integer() == 2);
  CHECK(answer["delay"]["mails"].integer() == 0);
}

TEST_CASE("who does not come back within the window never will", "[cli]") {
  ReplayFixture fixture;
  fixture.Refused(0, "unknown[198.51.100.7]", "milter-reject", "451 4.7.1 Greylisted",
                  "s@example.com", "b@example.net");
  for (int hour = 1; hour < 60; ++hour) {
    fixture.Taken(hour * 3600, kGood, "a@example.org", "b@example.net");
  }
  const Json answer = fixture.ReplayJson();
  CHECK(answer["deferred"]["never_back"].integer() == 1);
  CHECK(answer["deferred"]["open"].integer() == 0);
}

TEST_CASE("a mail that both defer, and only the log's server takes, is retried once more",
          "[cli]") {
  ReplayFixture fixture;
  fixture.Refused(0, "unknown[198.51.100.7]", "milter-reject", "451 4.7.1 Greylisted",
                  "s@example.com", "b@example.net");
  fixture.Taken(100, "unknown[198.51.100.7]", "s@example.com", "b@example.net");
  const Json answer = fixture.ReplayJson();
  CHECK(Reasons(answer) ==
        Texts{"accept greylist-passed 0 1", "defer greylist-new 1 0", "defer greylist-early 1 0"});
  CHECK(answer["deferred"]["mails"].integer() == 1);
  CHECK(answer["delay"]["max_seconds"].integer() == 400);
}

TEST_CASE("limits hold on the log's time, at CONNECT as well", "[cli]") {
  ReplayFixture fixture;
  fixture.toml =
      "[[limit]]\nname = \"connections\"\ncount = \"connections\"\nper = \"client\"\n"
      "rate = \"2/1h\"\nat = \"connect\"\n";
  for (int i = 0; i < 4; ++i) fixture.Taken(i, kGood, "a@example.org", "b@example.net");
  const Json answer = fixture.ReplayJson();
  CHECK(Reasons(answer)[0] == "accept not-suspicious 2 2");
  CHECK(Reasons(answer)[1].starts_with("defer limit 2 "));
  CHECK(answer["deferred"]["assumed_back"].integer() == 2);
}

TEST_CASE("rules match what the log tells, and are counted", "[cli]") {
  Mixed fixture;
  fixture.toml =
      "[[rule]]\nname = \"partner\"\nclient = [\"198.51.100.0/24\"]\ngreylist = \"off\"\n"
      "[[rule]]\nname = \"nobody\"\nhelo = [\"h.example.org\"]\naction = \"reject\"\n"
      "observe = true\n";
  const Json answer = fixture.ReplayJson();
  // The messages of 198.51.100.7; who has logged in is no client of it that is greylisted.
  CHECK(answer["rules"].Dump() == R"([{"rule":"partner","hits":3,"observed":0},)"
                                  R"({"rule":"nobody","hits":0,"observed":2}])");
  CHECK(Reasons(answer).back() == "defer greylist-new 2 0");
  CHECK(fixture.Replay() == 0);
  CHECK_THAT(fixture.out, HasText("\nRULE     HITS  OBSERVED\npartner     3         0\n"));
}

TEST_CASE("the log of a Sendmail is replayed like that of a Postfix", "[cli]") {
  ReplayFixture fixture;
  const std::string mta = "sm-mta[77]";
  fixture.Say(0, mta,
              "s1IFO4le004749: from=<a@example.org>, size=1, class=0, nrcpts=1, "
              "proto=ESMTP, daemon=MTA, relay=mail.example.org [192.0.2.1]");
  fixture.Say(1, mta, "s1IFO4le004749: to=<b@example.net>, delay=00:00:01, stat=Sent");
  fixture.Say(2, "sm-mta[78]", "s1IFO4lf004750: <x@example.net>... User unknown");
  fixture.Say(2, "sm-mta[78]",
              "s1IFO4lf004750: from=<s@example.com>, size=1, class=0, nrcpts=1, "
              "proto=SMTP, daemon=MTA, relay=[198.51.100.7]");
  fixture.Say(3, "sm-mta[78]", "s1IFO4lf004750: to=<b@example.net>, delay=00:00:01, stat=Sent");
  fixture.Say(4, "sm-mta[79]",
              "s1IFO4lg004751: from=<t@example.com>, size=1, class=0, nrcpts=1, "
              "relay=x.example.com [198.51.100.8] (may be forged)");
  fixture.Say(5, "sm-mta[79]", "s1IFO4lg004751: to=<b@example.net>, delay=00:00:01, stat=Sent");
  const Json answer = fixture.ReplayJson();
  CHECK(Reasons(answer) ==
        Texts{"accept not-suspicious 1 0", "accept greylist-passed 0 2", "defer greylist-new 2 0"});
  CHECK(answer["sessions"].integer() == 3);
  CHECK(answer["not_judged"]["refused_recipients"].integer() == 1);
}

TEST_CASE("an observing configuration is replayed as if it were in force", "[cli]") {
  Mixed fixture;
  fixture.toml = "mode = \"observe\"\n";
  const Json answer = fixture.ReplayJson();
  CHECK(Reasons(answer).back() == "defer greylist-new 3 0");
  CHECK_THAT(answer["notes"].items()[0].text(), HasText("mode = \"observe\""));
}

}  // namespace
}  // namespace mxward
