// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/our_milter.h"
#include "cli/doctor/postfix.h"
#include "cli/doctor/sendmail.h"
#include "tests/unit/catch.h"
#include "tests/unit/cli/doctor/fake_machine.h"

namespace mxward::cli::doctor {
namespace {

TEST_CASE("services of master.cf with what they override", "[cli]") {
  // As postconf(1) of Postfix 3.7 prints them.
  const auto services = ParseServices(
      "smtp       inet  n       -       y       -       1       postscreen\n"
      "smtpd      pass  -       -       y       -       -       smtpd -o smtpd_milters=\n"
      "127.0.0.1:10025 inet n   -       n       -       -       smtpd -o content_filter=\n"
      "[::1]:587  inet  n       -       -       -       -       smtpd\n",
      "smtpd/pass/smtpd_milters =\n"
      "127.0.0.1:10025/inet/content_filter =\n"
      "smtp/inet/postscreen_greet_wait = 6s\n",
      /*chroot_by_default=*/false);
  REQUIRE(services.size() == 4);
  CHECK(services[0].Label() == "smtp/inet");
  CHECK(services[0].program == "postscreen");
  CHECK(services[0].overrides.at("postscreen_greet_wait") == "6s");
  CHECK_FALSE(services[0].IsSmtpd());
  CHECK(services[1].chroot);
  CHECK(services[1].IsSmtpd());
  CHECK(services[1].overrides.at("smtpd_milters").empty());
  CHECK(services[2].Host() == "127.0.0.1");
  CHECK(services[2].Port() == "10025");
  CHECK(services[2].IsOnLoopback());
  CHECK_FALSE(services[2].chroot);
  CHECK(services[3].IsSubmission());
  CHECK(services[3].IsOnLoopback());
  CHECK_FALSE(services[3].chroot);
  CHECK(ParseServices("smtp inet n - - - - smtpd\n", "", true)[0].chroot);
}

TEST_CASE("all enabled instances of Postfix are looked at", "[cli]") {
  FakeMachine machine;
  machine.instances =
      "-               -               y         /etc/postfix\n"
      "postfix-out     mta             y         /etc/postfix-out\n"
      "postfix-old     mta             n         /etc/postfix-old\n";
  machine.main_cf["/etc/postfix-out"] = {{"smtpd_milters", ""}};
  machine.services["/etc/postfix-out"] = "smtp inet n - n - - smtpd\n";
  const auto search = FindPostfix(machine, {});
  CHECK(search.troubles.empty());
  REQUIRE(search.instances.size() == 2);
  CHECK(search.instances[0].Name() == "Postfix");
  CHECK(search.instances[1].Name() == "Postfix in /etc/postfix-out");
  CHECK(search.instances[1].SetCommand("smtpd_milters", "unix:x") ==
        "postconf -c /etc/postfix-out -e 'smtpd_milters = unix:x'");
  CHECK(search.instances[1].ReloadCommand() == "postfix -c /etc/postfix-out reload");
}

TEST_CASE("a disabled service is not looked at", "[cli]") {
  FakeMachine machine;
  machine.main_cf["/etc/postfix"]["master_service_disable"] = "inet";
  const auto search = FindPostfix(machine, {});
  REQUIRE(search.instances.size() == 1);
  for (const auto& service : search.instances[0].services) CHECK(service.type != "inet");
}

TEST_CASE("what a shell would take apart is quoted", "[cli]") {
  CHECK(ShellQuoted("/etc/postfix-out") == "/etc/postfix-out");
  CHECK(ShellQuoted("a b") == "'a b'");
  CHECK(ShellQuoted("it's $(x)") == "'it'\\''s $(x)'");
  CHECK(ShellQuoted("") == "''");
}

TEST_CASE("filters of sendmail.cf, and who uses them", "[cli]") {
  const auto config = ParseSendmail(
      "# comment\n"
      "O RunAsUser=smmsp:smmsp\n"
      "O InputMailFilters=mxward, other\n"
      "O DaemonPortOptions=Name=MTA, Port=25, Addr=127.0.0.1\n"
      "O DaemonPortOptions=Name=MSA, Port=587, M=E, InputMailFilters=other;third\n"
      "Xmxward, S=local:/run/mxward/milter.sock,\n"
      "\tT=C:5m;S:10s;R:1m\n"
      "Xother, S=inet:8891@localhost, F=T\n",
      "/etc/mail/sendmail.cf");
  CHECK(config.run_as == "smmsp");
  REQUIRE(config.filters.size() == 2);
  const SendmailFilter* ours = config.Find("mxward");
  REQUIRE(ours != nullptr);
  CHECK(ours->socket == "local:/run/mxward/milter.sock");
  CHECK(ours->flags.empty());
  CHECK(ours->Timeout('C') == Seconds(300));
  CHECK(ours->Timeout('R') == Seconds(60));
  CHECK(config.Find("other")->flags == "T");
  CHECK(config.Find("other")->Timeout('R') == Seconds(10));
  CHECK(config.Uses("mxward"));
  CHECK(config.Uses("third"));
  CHECK_FALSE(config.Uses("fourth"));
  CHECK(config.of_daemons.size() == 1);
}

TEST_CASE("the lines that put mxward in front of a mail server", "[cli]") {
  const auto below = *ParseListenAddress("unix:/var/spool/postfix/mxward/milter.sock");
  CHECK(MainCfLine(below) ==
        "smtpd_milters = { unix:mxward/milter.sock, connect_timeout=5s, command_timeout=15s, "
        "default_action=accept }");
  const auto inet = *ParseListenAddress("inet:127.0.0.1:8895");
  CHECK(MainCfLine(inet) ==
        "smtpd_milters = { inet:127.0.0.1:8895, connect_timeout=5s, command_timeout=15s, "
        "default_action=accept }");
  CHECK(SendmailMcLine(inet) ==
        "INPUT_MAIL_FILTER(`mxward', `S=inet:8895@127.0.0.1, T=S:10s;R:10s')");
  CHECK(SendmailMcLine(*ParseListenAddress("/run/mxward/milter.sock")) ==
        "INPUT_MAIL_FILTER(`mxward', `S=local:/run/mxward/milter.sock, T=S:10s;R:10s')");
}

}  // namespace
}  // namespace mxward::cli::doctor
