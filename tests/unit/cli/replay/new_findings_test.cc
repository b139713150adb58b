// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/cli/replay/replay_fixture.h"

namespace mxward {
namespace {

// Good names only: what is suspicious here is so by what is new. Two clients come with TLS.
class Tls : public ReplayFixture {
 public:
  Tls() {
    Secure(0, "mail.example.org[192.0.2.1]");
    Secure(10, "mx.example.com[198.51.100.1]");
    Taken(20, "old.example.net[203.0.113.5]", "a@example.net", "b@example.edu");
    Taken(30, "$(reboot)[203.0.113.6]", "c@example.net", "b@example.edu");
    Taken(40, "list.example.info[2001:db8::1]", "d@example.info", "b@example.edu");
    Taken(41, "list.example.info[2001:db8::1]", "e@example.info", "c@example.edu");
  }
  void Secure(int seconds, const std::string& client) {
    Taken(seconds, client, "a@example.org", "b@example.edu", "", /*tls=*/true);
  }
  Json Finding(const std::string& name, std::vector<std::string> more = {}) {
    const Json answer = ReplayJson(std::move(more));
    for (const Json& item : answer["new_findings"].items()) {
      if (item["finding"].text() == name) return item;
    }
    return {};
  }
};

std::string Named(const Json& finding) {
  std::string names;
  for (const Json& item : finding["items"].items()) {
    names += item["client"].text() + " " + std::to_string(item["recipients"].integer()) + " " +
             item["last"].text() + "; " + item["spare"].text() + "\n";
  }
  return names;
}

TEST_CASE("replay names the clients that only a new finding makes suspicious, newest first",
          "[cli]") {
  Tls fixture;
  const Json finding = fixture.Finding("tls-none");
  CHECK(finding["state"].text() == "counted");
  CHECK(finding["clients"].integer() == 3);
  CHECK(finding["recipients"].integer() == 4);
  CHECK(finding["deferred"].integer() == 4);
  CHECK(finding["taken"].integer() == 4);
  // What is no host name is not offered for pasting.
  CHECK(Named(finding) ==
        "list.example.info 2 2026-01-05T10:00:41Z; mxwardctl allow client-name list.example.info\n"
        "203.0.113.6 1 2026-01-05T10:00:30Z; mxwardctl allow client 203.0.113.6\n"
        "old.example.net 1 2026-01-05T10:00:20Z; mxwardctl allow client-name old.example.net\n");
  CHECK(fixture.ReplayJson()["clients"].Dump() == R"({"total":5,"with_tls":2,"complete":true})");
}

TEST_CASE("the rules that replay prints spare these clients when they are added", "[cli]") {
  Tls fixture;
  const std::string rules = fixture.Finding("tls-none")["rules"].text();
  CHECK(rules ==
        "[[rule]]\n"
        "name = \"spare tls-none by name\"\n"
        "client_name = [\"list.example.info\", \"old.example.net\"]\n"
        "skip = [\"tls\", \"spf\"]\n"
        "[[rule]]\n"
        "name = \"spare tls-none by address\"\n"
        "client = [\"203.0.113.6\"]\n"
        "skip = [\"tls\", \"spf\"]\n");
  fixture.toml = rules;
  const Json after = fixture.Finding("tls-none");
  CHECK(after["clients"].integer() == 0);
  CHECK(after["rules"].is_null());
  CHECK(Reasons(fixture.ReplayJson()) == std::vector<std::string>{"accept not-suspicious 6 0"});
}

TEST_CASE("who is suspicious without what is new is not newly suspicious", "[cli]") {
  Tls fixture;
  fixture.Taken(50, "unknown[203.0.113.9]", "f@example.net", "b@example.edu");
  CHECK(fixture.Finding("tls-none")["clients"].integer() == 3);
}

TEST_CASE("replay says what a log cannot tell", "[cli]") {
  Tls fixture;
  CHECK(fixture.Finding("unauthenticated")["state"].text() == "unknown");
  CHECK(fixture.Finding("unauthenticated")["clients"].is_null());
  CHECK_THAT(fixture.Finding("spf-fail")["why"].text(), HasText("--dns"));
  // What is off needs no telling.
  fixture.toml = "[score]\ntls_none = 0\nunauthenticated = 0\n";
  CHECK(fixture.Finding("tls-none")["state"].text() == "off");
  CHECK(fixture.Finding("unauthenticated")["state"].text() == "off");
  fixture.toml = "[tls]\noffered = false\n";
  CHECK_THAT(fixture.Finding("tls-none")["why"].text(), HasText("tls.offered"));

  ReplayFixture clear;
  clear.Taken(0, "mail.example.org[192.0.2.1]", "a@example.org", "b@example.edu");
  const Json none = clear.ReplayJson()["new_findings"].items()[0];
  CHECK(none["state"].text() == "unknown");
  CHECK_THAT(none["why"].text(), HasText("smtpd_tls_loglevel = 1"));
  // The administrator knows what the log does not tell.
  clear.toml = "[tls]\noffered = true\n";
  CHECK(clear.ReplayJson()["new_findings"].items()[0]["clients"].integer() == 1);
}

TEST_CASE("TLS of one mail server says nothing of another's clients", "[cli]") {
  Tls fixture;
  fixture.log +=
      "2026-01-05T10:01:00Z mx2 postfix/smtpd[91]: connect from old2.example.net[203.0.113.50]\n"
      "2026-01-05T10:01:00Z mx2 postfix/smtpd[91]: 4F2C1A0999: "
      "client=old2.example.net[203.0.113.50]\n"
      "2026-01-05T10:01:00Z mx2 postfix/qmgr[9]: 4F2C1A0999: from=<a@b.example>, size=1, nrcpt=1 "
      "(queue active)\n"
      "2026-01-05T10:01:00Z mx2 postfix/lmtp[8]: 4F2C1A0999: to=<b@example.edu>, relay=x, "
      "status=sent (ok)\n";
  CHECK(fixture.Finding("tls-none")["clients"].integer() == 3);
}

TEST_CASE("replay shows people what is new", "[cli]") {
  Tls fixture;
  CHECK(fixture.Replay({"--limit", "2"}) == 0);
  CHECK_THAT(
      fixture.out,
      HasText("\nNEW FINDING      MAKES SUSPICIOUS\n"
              "tls-none         3 of 5 clients (60.0 %), 4 of their recipients deferred\n"
              "unauthenticated  not known: a log does not contain SPF; --dns evaluates it as of "
              "today\n") &&
          HasText(
              "\nCLIENT             FINDING   LAST SEEN             RECIPIENTS  DEFERRED  "
              "TAKEN IN THE LOG  TO ALLOW IT\n"
              "list.example.info  tls-none  2026-01-05T10:00:41Z           2         2          "
              "       2  mxwardctl allow client-name list.example.info\n"
              "203.0.113.6        tls-none  2026-01-05T10:00:30Z           1         1          "
              "       1  mxwardctl allow client 203.0.113.6\n\n"
              "# spares these clients tls-none, and nothing else\n[[rule]]\n"));
  CHECK(fixture.Replay({"--format", "tsv"}) == 0);
  CHECK_THAT(fixture.out, HasText("\nnew_findings.tls-none.clients\t3\n"));
}

}  // namespace
}  // namespace mxward
