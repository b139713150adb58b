// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.h"
#include "tests/unit/cli/command_fixture.h"

namespace mxward {
namespace {

class SpfFixture : public CommandFixture {
 public:
  void Record(const std::string& domain, const std::string& text) {
    daemon.resolver.Set(domain, dns::RecordType::kTxt, dns::answers::Texts({text}));
  }
  int Check(const std::string& domain) {
    return Run({"spf", "check", "--client", "192.0.2.1", "--from", "a@" + domain});
  }
};

TEST_CASE("spf check ends with 0 for a pass alone, and with 2 when nobody knows", "[cli]") {
  SpfFixture fixture;
  fixture.Record("pass.example", "v=spf1 +all");
  fixture.Record("fail.example", "v=spf1 -all");
  fixture.Record("wrong.example", "v=spf1 moo");
  fixture.daemon.resolver.SetSilent("silent.example", dns::RecordType::kTxt);
  CHECK(fixture.Check("pass.example") == 0);
  CHECK_THAT(fixture.out, HasText("no, the term is too broad"));
  CHECK(fixture.Check("fail.example") == 1);
  CHECK(fixture.Check("none.example") == 1);
  CHECK(fixture.Check("wrong.example") == 1);
  CHECK_THAT(fixture.out, HasText("\"moo\": unknown mechanism"));
  CHECK(fixture.Check("silent.example") == 2);
  CHECK_THAT(fixture.out, HasText("temperror"));
}

TEST_CASE("what a record holds reaches no terminal as it is", "[cli]") {
  SpfFixture fixture;
  fixture.Record("wrong.example", "v=spf1 \033[31m\n-all");
  CHECK(fixture.Check("wrong.example") == 1);
  CHECK(fixture.out.find('\033') == std::string::npos);
  CHECK_THAT(fixture.out, HasText("\\x1b[31m\\x0a-all"));
}

TEST_CASE("spf commands say what they lack", "[cli]") {
  SpfFixture fixture;
  CHECK(fixture.Run({"spf", "check", "--from", "a@example.org"}) == 64);
  CHECK_THAT(fixture.err, HasText("requires --client"));
  CHECK(fixture.Run({"spf", "check", "--client", "192.0.2.1"}) == 64);
  CHECK_THAT(fixture.err, HasText("requires --from or --helo"));
  CHECK(fixture.Run({"spf", "check", "--client", "x", "--from", "a@example.org"}) == 64);
  CHECK_THAT(fixture.err, HasText("is not an address"));
  for (const char* domain : {"localhost", "a..b", "192.0.2.1"}) {
    CAPTURE(domain);
    CHECK(fixture.Run({"spf", "show", domain}) == 64);
    CHECK_THAT(fixture.err, HasText("is not a domain"));
  }
}

TEST_CASE("spf show says by how much a record exceeds a limit", "[cli]") {
  SpfFixture fixture;
  std::string record = "v=spf1";
  for (int i = 0; i < 12; ++i) record += " include:in.example";
  fixture.Record("example.org", record + " -all");
  fixture.Record("in.example", "v=spf1 -all");
  CHECK(fixture.Run({"spf", "show", "example.org"}) == 1);
  CHECK_THAT(fixture.out, HasText("12 terms that need DNS lookups, more than 10"));
  CHECK(fixture.Run({"spf", "show", "in.example"}) == 0);
  CHECK(fixture.Run({"spf", "show", "none.example"}) == 1);
}

}  // namespace
}  // namespace mxward
