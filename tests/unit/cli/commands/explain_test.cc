// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/cli/command_fixture.h"
#include "tests/unit/control/list_fixture.h"

namespace mxward {
namespace {

using Catch::Matchers::StartsWith;

class ExplainFixture : public CommandFixture {
 public:
  ExplainFixture() : CommandFixture(ListConfig()) { SetUpLists(daemon.resolver); }

  int Explain(std::vector<std::string> more) {
    std::vector<std::string> words = {"explain",       "--client", "192.0.2.66",   "--from",
                                      "a@example.org", "--to",     "b@example.net"};
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  }
};

TEST_CASE("explain prints findings, sum, verdict and reply", "[cli]") {
  ExplainFixture fixture;
  ListClient(fixture.daemon.resolver, "127.0.0.4", "Open proxy");
  CHECK(fixture.Explain({"--name", "66-2-0-192.dsl.example.net", "--helo", "host"}) == 1);
  CHECK(fixture.err.empty());
  CHECK(fixture.out ==
        "client     192.0.2.66, 66-2-0-192.dsl.example.net (dynamic)\n"
        "history    never seen before\n"
        "HELO       host\n"
        "sender     <a@example.org>\n"
        "recipient  <b@example.net>\n"
        "\n"
        "SCORE  FINDING        FROM         DETAIL\n"
        "    4  rdns-dynamic   mail server  66-2-0-192.dsl.example.net\n"
        "    1  helo-not-fqdn  mail server  no qualified host name\n"
        "   12  dnsbl:house    DNS          127.0.0.4 (exploited machines)\n"
        "\n"
        "not listed by  friends, domains\n"
        "score          17 (suspicious from 2, rejected from 10)\n"
        "verdict        rejected: score (house)\n"
        "reply          554 5.7.1 Service unavailable; Client host [192.0.2.66] blocked using "
        "house; Open proxy\n");
}

TEST_CASE("explain says when a retry would pass", "[cli]") {
  ExplainFixture fixture;
  CHECK(fixture.Explain({"--name-class", "none", "--helo", "mail.example.org"}) == 1);
  CHECK_THAT(fixture.out,
             HasText("\nverdict         deferred: greylist-new\n"
                     "reply           451 4.7.1 Greylisted, please try again in 300 seconds\n"
                     "a retry passes  2026-01-05T00:05:00Z (in 5 min)\n"));
  fixture.daemon.clock.Advance(Seconds(70));
  CHECK(fixture.Explain({"--name-class", "none", "--helo", "mail.example.org"}) == 1);
  CHECK_THAT(fixture.out, HasText("not listed by   house (1 min 10 s old), friends"));
}

TEST_CASE("explain ends with 0 for what would be accepted", "[cli]") {
  ExplainFixture fixture;
  CHECK(fixture.Explain({"--name", "mail.example.org", "--helo", "mail.example.org"}) == 0);
  CHECK_THAT(fixture.out, HasText("score          0 (suspicious from 2, rejected from 10)\n"
                                  "verdict        accepted: not-suspicious\n"));
  CHECK(fixture.Explain({"--name", "mail.example.org", "--user", "jane"}) == 0);
  CHECK_THAT(fixture.out, HasText("authenticated as  jane") && HasText("not computed") &&
                              HasText("! nothing was looked up"));
}

TEST_CASE("explain says what it did not know", "[cli]") {
  ExplainFixture fixture;
  CHECK(fixture.Run({"explain", "--client", "192.0.2.66"}) == 0);
  CHECK_THAT(fixture.out, StartsWith("client     192.0.2.66, name: unknown\n") &&
                              HasText("! the reverse name is looked up by the mail server") &&
                              HasText("! no sender was given"));
}

TEST_CASE("explain speaks JSON and TSV", "[cli]") {
  ExplainFixture fixture;
  ListClient(fixture.daemon.resolver, "127.0.0.4");
  CHECK(fixture.Explain({"--name-class", "none", "--format", "json"}) == 1);
  const auto json = ParseJson(fixture.out);
  REQUIRE(json);
  CHECK((*json)["action"].text() == "reject");
  CHECK(fixture.Explain({"--name-class", "none", "--format", "tsv"}) == 1);
  CHECK_THAT(fixture.out, HasText("\naction\treject\n") &&
                              HasText("\nfindings.0.name\trdns-none\n") &&
                              HasText("\nfindings.0.origin\tmta\n") && HasText("\nscore\t16\n"));
}

TEST_CASE("explain needs a daemon, a client and sense", "[cli]") {
  ExplainFixture fixture;
  CHECK(fixture.Run({"explain"}) == 64);
  CHECK_THAT(fixture.err, HasText("explain requires --client"));
  CHECK(fixture.Run({"explain", "--client", "nobody"}) == 64);
  CHECK(fixture.Explain({"--name-class", "good"}) == 64);
  fixture.running = false;
  CHECK(fixture.Explain({}) == 2);
  CHECK_THAT(fixture.err, HasText("not running"));
}

TEST_CASE("what strangers write reaches no terminal in explain", "[cli]") {
  ExplainFixture fixture;
  ListClient(fixture.daemon.resolver, "127.0.0.4", "\033[31mred");
  fixture.Explain({"--name-class", "forged", "--name", "\033[32m.example", "--helo", "\033[33m"});
  CHECK(fixture.out.find('\033') == std::string::npos);
}

}  // namespace
}  // namespace mxward
