// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/cli/replay/replay_fixture.h"

namespace mxward {
namespace {

// Two clients without TLS where it is offered, and one without a name.
class Compared : public ReplayFixture {
 public:
  Compared() {
    Taken(0, "mail.example.org[192.0.2.1]", "a@example.org", "b@example.edu", "", /*tls=*/true);
    Taken(20, "old.example.net[203.0.113.5]", "a@example.net", "b@example.edu");
    Taken(30, "unknown[203.0.113.9]", "s@example.com", "b@example.edu");
  }
};

TEST_CASE("replay compares a changed option with the configuration in force", "[cli]") {
  Compared fixture;
  fixture.toml = "[score]\ntls_none = 3\n";
  const Json answer = fixture.ReplayJson({"--set", "score.tls_none=0", "--set", "mode=observe"});
  CHECK(answer["tries"]["defer"].integer() == 2);
  CHECK(answer["changed"]["tries"]["defer"].integer() == 1);
  CHECK(answer["changed"]["set"].Dump() == R"(["score.tls_none=0","mode=observe"])");
  CHECK(answer["changed"]["new_findings"].items()[0]["state"].text() == "off");
  CHECK(answer["changed"]["differences"].Dump() ==
        R"([{"organisation":"example.net","deferred":1,"deferred_changed":0,"rejected":0,)"
        R"("rejected_changed":0}])");
  // Each has a database and assumed retries of its own.
  CHECK(answer["deferred"]["assumed_back"].integer() == 2);
  CHECK(answer["changed"]["deferred"]["assumed_back"].integer() == 1);
  CHECK(fixture.ReplayJson()["changed"].is_null());
}

TEST_CASE("replay shows people the comparison side by side", "[cli]") {
  Compared fixture;
  CHECK(fixture.Replay({"--set", "score.tls_none=0"}) == 0);
  CHECK_THAT(fixture.out,
             HasText("\nRECIPIENTS                           IN FORCE  CHANGED  DIFFERENCE\n"
                     "accepted at once                            1        2          +1\n"
                     "deferred                                    2        1          -1\n"
                     "rejected                                    0        0           =\n"
                     "  accept not-suspicious                     1        2          +1\n"
                     "  accept greylist-passed                    0        0           =\n"
                     "  defer greylist-new                        2        1          -1\n"
                     "mails deferred                              2        1          -1\n"
                     "delay of accepted mail: median          5 min    5 min           =\n"
                     "  95 % within                           5 min    5 min           =\n"
                     "  at most                               5 min    5 min           =\n"
                     "clients suspicious only by tls-none         1      off") &&
                 HasText("\nSENDER       DEFERRED  CHANGED  REJECTED  CHANGED\n"
                         "example.net         1        0         0        0\n"));
  CHECK(fixture.Replay({"--set", "score.tls_none=0", "--format", "tsv"}) == 0);
  CHECK_THAT(fixture.out, HasText("\nchanged.tries.defer\t1\n"));
}

TEST_CASE("a changed option that is wrong is refused before anything is read", "[cli]") {
  Compared fixture;
  CHECK(fixture.Replay({"--set", "score.tls-none=0"}) == 64);
  CHECK_THAT(fixture.err, HasText("mxwardctl: --set score.tls-none: unknown key \"tls-none\" in "
                                  "[score]; did you mean \"tls_none\"?\n"));
  CHECK(fixture.out.empty());
}

}  // namespace
}  // namespace mxward
