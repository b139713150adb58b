// SPDX-License-Identifier: Apache-2.0
//
// What "mxwardctl doctor" prints, and how it ends.
#include <set>

#include "tests/unit/catch.h"
#include "tests/unit/cli/doctor/doctor_fixture.h"

namespace mxward {
namespace {

using Catch::Matchers::StartsWith;

TEST_CASE("doctor finds nothing where all is well", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Run({}) == 0);
  CHECK(fixture.out == "28 checks: 0 wrong, 0 warnings, 0 notes, 0 not checked\n");
  CHECK(fixture.err.empty());
}

TEST_CASE("doctor prints findings, the worst first", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["smtpd_milters"] = "unix:mxward/milter.sock";
  fixture.master_cf() += "submission inet n - y - - smtpd\n";
  fixture.machine.files["/var/lib/mxward/data.mdb"].owner = 0;
  fixture.machine.hidden = "/proc/4711/limits";
  CHECK(fixture.Run({}) == 1);
  CHECK(fixture.out ==
        "wrong database: /var/lib/mxward/data.mdb belongs to root, not to mxward\n"
        "    A daemon that cannot open or write its database accepts all mail unchecked.\n"
        "    $ chown -R mxward: /var/lib/mxward\n"
        "    $ systemctl restart mxward\n"
        "warning default-action: default_action for mxward is tempfail in Postfix\n"
        "    While mxward is down or restarting, no mail is accepted.\n"
        "    $ postconf -e 'smtpd_milters = { unix:mxward/milter.sock, default_action=accept }'\n"
        "    $ postfix reload\n"
        "note submission: submission/inet of Postfix, where users submit their mail, uses mxward "
        "as well\n"
        "    Authenticated users are not checked (trust.authenticated); limits per user and sender "
        "apply.\n"
        "unchecked files: /proc/4711/limits: Permission denied\n"
        "28 checks: 1 wrong, 1 warning, 1 note, 1 not checked\n");
}

TEST_CASE("doctor speaks JSON and TSV for programs, of every check", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["smtpd_milters"] = "unix:mxward/milter.sock";
  CHECK(fixture.Run({"--only", "default-action", "--only", "mta", "--format", "json"}) == 0);
  CHECK(fixture.out ==
        "[\n"
        R"({"check":"mta","title":"the mail server uses mxward","state":"ok"},)"
        "\n"
        R"({"check":"default-action","title":"mail is accepted while mxward is down",)"
        R"("state":"warning","what":"default_action for mxward is tempfail in Postfix",)"
        R"("why":"While mxward is down or restarting, no mail is accepted.",)"
        R"("mend":["postconf -e 'smtpd_milters = { unix:mxward/milter.sock, )"
        R"(default_action=accept }'","postfix reload"]})"
        "\n]\n");
  CHECK(fixture.Run({"--only", "default-action", "--only", "mta", "--format", "tsv"}) == 0);
  CHECK(fixture.out ==
        "check\tstate\twhat\twhy\tmend\n"
        "mta\tok\t\t\t\n"
        "default-action\twarning\tdefault_action for mxward is tempfail in Postfix\t"
        "While mxward is down or restarting, no mail is accepted.\t"
        "postconf -e 'smtpd_milters = { unix:mxward/milter.sock, default_action=accept }'; "
        "postfix reload\n");
}

TEST_CASE("doctor's exit status", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["smtpd_milters"] = "unix:mxward/milter.sock";
  CHECK(fixture.Run({}) == 0);
  CHECK(fixture.Run({"--strict"}) == 1);
  CHECK(fixture.Run({"--strict", "--skip", "default-action"}) == 0);
  fixture.machine.hidden = "/v1/dnsbl";
  CHECK(fixture.Run({}) == 2);
  fixture.main_cf()["smtpd_milters"] = "";
  CHECK(fixture.Run({}) == 1);  // what is wrong goes before what is unknown
}

TEST_CASE("doctor says that the Postfix it is shown cannot be looked at", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Run({"--postfix", "/etc/postfix", "--only", "mta"}) == 0);
  fixture.machine.postfix = false;
  CHECK(fixture.Run({"--postfix", "/etc/postfix", "--only", "mta"}) == 2);
  CHECK_THAT(fixture.out, StartsWith("unchecked mta: postconf is not installed\n"));
  CHECK(fixture.Run({"--sendmail", "/srv/sendmail.cf", "--only", "mta"}) == 2);
  CHECK_THAT(fixture.out, StartsWith("unchecked mta: /srv/sendmail.cf: No such file"));
}

TEST_CASE("doctor knows its checks", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Run({"--only", "default-acton"}) == 64);
  CHECK_THAT(fixture.err, HasText("did you mean \"default-action\"?"));
  CHECK(fixture.Run({"--skip", "nonsense"}) == 64);
  std::set<std::string_view> ids;
  for (const auto& check : cli::doctor::Checks()) ids.insert(check.id);
  CHECK(ids.size() == cli::doctor::Checks().size());
}

TEST_CASE("doctor prints the lines alone", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Run({"--lines"}) == 0);
  CHECK(fixture.out ==
        "Postfix, in main.cf, then \"postfix reload\":\n"
        "  smtpd_milters = { unix:mxward/milter.sock, connect_timeout=5s, command_timeout=15s, "
        "default_action=accept }\n"
        "\n"
        "Sendmail, in sendmail.mc, then rebuild sendmail.cf and restart:\n"
        "  INPUT_MAIL_FILTER(`mxward', "
        "`S=local:/var/spool/postfix/mxward/milter.sock, T=S:10s;R:10s')\n");
}

TEST_CASE("doctor escapes what others wrote", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["smtpd_milters"] = "{ unix:mxward/milter.sock, default_action=\x1b[31mred }";
  CHECK(fixture.Run({}) == 0);
  CHECK(fixture.out.find('\x1b') == std::string::npos);
  CHECK_THAT(fixture.out, HasText("\\x1b[31mred"));
}

}  // namespace
}  // namespace mxward
