// SPDX-License-Identifier: Apache-2.0
//
// The way from the mail server to mxward: mta, socket-path, socket-access.
#include "tests/unit/catch.h"
#include "tests/unit/cli/doctor/doctor_fixture.h"

namespace mxward {
namespace {

using cli::doctor::Severity;

constexpr const char* kSendmailCf = "/etc/mail/sendmail.cf";
constexpr const char* kSet =
    "postconf -e 'smtpd_milters = { unix:mxward/milter.sock, connect_timeout=5s, "
    "command_timeout=15s, default_action=accept }'\n"
    "postfix reload\n";

class SendmailFixture : public DoctorFixture {
 public:
  SendmailFixture() {
    machine.postfix = false;
    machine.SetListening("unix:/run/mxward/milter.sock");
    machine.files["/run/mxward/milter.sock"] = {
        FakeMachine::File::Kind::kSocket, FakeMachine::kMxward, FakeMachine::kMxwardGroup, 0660};
    Write("O InputMailFilters=mxward\nXmxward, S=local:/run/mxward/milter.sock, T=S:10s;R:10s\n");
  }
  void Write(const std::string& text) { machine.texts[kSendmailCf] = text; }
};

TEST_CASE("mta is silent where Postfix asks mxward", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("mta"));
}

TEST_CASE("mta finds that Postfix does not ask", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["smtpd_milters"] = "";
  const auto found = fixture.Found("mta");
  CHECK(found.severity == Severity::kError);
  CHECK_THAT(found.what, HasText("Postfix does not use mxward"));
  CHECK(fixture.Mend("mta") == kSet);
}

TEST_CASE("mta's remedy keeps the filters that are there", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["smtpd_milters"] = "inet:localhost:8891";
  CHECK_THAT(fixture.Mend("mta"), HasText("smtpd_milters = inet:localhost:8891, { unix:mxward/"));
}

TEST_CASE("mta finds a service that leaves mxward out", "[cli]") {
  DoctorFixture fixture;
  fixture.master_cf() += "192.0.2.1:25 inet n - y - - smtpd\n";
  fixture.overrides() = "192.0.2.1:25/inet/smtpd_milters =\n";
  CHECK_THAT(fixture.Found("mta").what, HasText("192.0.2.1:25/inet of Postfix does not use"));
  CHECK_THAT(
      fixture.Mend("mta"),
      HasText("postconf -P "
              "'192.0.2.1:25/inet/smtpd_milters={unix:mxward/milter.sock,connect_timeout=5s,"));
}

TEST_CASE("mta lets submission and re-injection do without", "[cli]") {
  DoctorFixture fixture;
  fixture.master_cf() += "submission inet n - y - - smtpd\n127.0.0.1:10025 inet n - y - - smtpd\n";
  fixture.overrides() = "submission/inet/smtpd_milters =\n127.0.0.1:10025/inet/smtpd_milters =\n";
  CHECK(fixture.Silent("mta"));
}

TEST_CASE("mta takes an instance that does not ask for one that sends, if another asks", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.instances = "- - y /etc/postfix\nout - y /etc/postfix-out\n";
  fixture.machine.main_cf["/etc/postfix-out"] = {{"smtpd_milters", ""}};
  fixture.machine.services["/etc/postfix-out"] = "10026 inet n - n - - smtpd\n";
  CHECK(fixture.Found("mta").severity == Severity::kNote);
  fixture.main_cf()["smtpd_milters"] = "";
  fixture.Check("mta");
  CHECK(fixture.findings.size() == 2);
}

TEST_CASE("mta says that no mail server found", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.postfix = false;
  const auto found = fixture.Found("mta");
  CHECK(found.severity == Severity::kError);
  CHECK_THAT(found.what, HasText("no mail server found"));
  CHECK_THAT(fixture.Mend("mta"), HasText("# in main.cf: smtpd_milters = { unix:mxward/") &&
                                      HasText("# or in sendmail.mc: INPUT_MAIL_FILTER("));
  // Then one elsewhere may ask.
  fixture.machine.SetListening("inet:8895@192.0.2.1");
  CHECK(fixture.Found("mta").severity == Severity::kNote);
}

TEST_CASE("mta says that Postfix has no configuration", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.files.erase("/etc/postfix/main.cf");
  CHECK_THAT(fixture.Found("mta").what, HasText("Postfix is installed without a main.cf"));
}

TEST_CASE("mta cannot be checked when postconf fails", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.postconf_error = "postconf: fatal: bad numerical configuration";
  fixture.Check("mta");
  CHECK(fixture.findings.empty());
  REQUIRE(fixture.unchecked.size() == 1);
  CHECK_THAT(fixture.unchecked[0], HasText("bad numerical"));
}

TEST_CASE("mta looks into sendmail.cf", "[cli]") {
  SendmailFixture fixture;
  CHECK(fixture.Silent("mta"));
  fixture.Write("O InputMailFilters=\nXmxward, S=local:/run/mxward/milter.sock\n");
  CHECK_THAT(fixture.Found("mta").what, HasText("knows the filter mxward, and does not use it"));
  fixture.Write("O InputMailFilters=other\nXother, S=inet:1@localhost\n");
  CHECK_THAT(fixture.Found("mta").what, HasText("Sendmail does not use mxward"));
  CHECK_THAT(fixture.Mend("mta"),
             HasText("INPUT_MAIL_FILTER(`mxward', `S=local:/run/mxward/milter.sock, T=S:10s;"));
}

TEST_CASE("socket-path is silent where Postfix looks at the right place", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("socket-path"));
  // Without a chroot, and by another way to the same socket.
  fixture.master_cf() = "smtp inet n - n - - smtpd\n";
  fixture.main_cf()["smtpd_milters"] = "unix:/spool/mxward.sock";
  fixture.machine.links["/spool/mxward.sock"] = FakeMachine::kSocket;
  CHECK(fixture.Silent("socket-path"));
}

TEST_CASE("socket-path finds a whole path that a chroot bends", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.SetListening("unix:/run/mxward/milter.sock");
  fixture.Configure("[milter]\nlisten = \"unix:/run/mxward/milter.sock\"\n");
  fixture.main_cf()["smtpd_milters"] = "unix:/run/mxward/milter.sock";
  const auto found = fixture.Found("socket-path");
  CHECK(found.severity == Severity::kError);
  CHECK_THAT(found.what, HasText("expects mxward at "
                                 "/var/spool/postfix/run/mxward/milter.sock") &&
                             HasText("inside its chroot") &&
                             HasText("mxward listens at /run/mxward/milter.sock"));
  CHECK(fixture.Mend("socket-path") ==
        "install -d -o mxward -g postfix -m 2750 /var/spool/postfix/mxward\n"
        "# in /etc/mxward/mxward.toml: [milter] listen = "
        "\"unix:/var/spool/postfix/mxward/milter.sock\"\n"
        "systemctl restart mxward\n" +
            std::string(kSet));
  // The same without a chroot is right.
  fixture.master_cf() = "smtp inet n - n - - smtpd\n";
  CHECK(fixture.Silent("socket-path"));
}

TEST_CASE("socket-path finds a folder that is missing, and auto will find it", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.SetListening("unix:/run/mxward/milter.sock");
  CHECK_THAT(fixture.Found("socket-path").what, HasText("below queue_directory"));
  CHECK(fixture.Mend("socket-path") ==
        "install -d -o mxward -g postfix -m 2750 /var/spool/postfix/mxward\n"
        "systemctl restart mxward\n");
}

TEST_CASE("socket-path knows ports", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.SetListening("inet:8895@127.0.0.1");
  fixture.main_cf()["smtpd_milters"] = "inet:localhost:8895";
  CHECK(fixture.Silent("mta"));
  CHECK(fixture.Silent("socket-path"));
  fixture.main_cf()["smtpd_milters"] = "inet:192.0.2.7:8895";
  CHECK_THAT(fixture.Found("socket-path").what,
             HasText("expects mxward at inet:192.0.2.7:8895, and mxward listens at "
                     "inet:8895@127.0.0.1"));
}

TEST_CASE("socket-path looks at Sendmail", "[cli]") {
  SendmailFixture fixture;
  CHECK(fixture.Silent("socket-path"));
  fixture.Write("O InputMailFilters=mxward\nXmxward, S=local:/var/run/old.sock\n");
  CHECK_THAT(fixture.Found("socket-path").what, HasText("local:/var/run/old.sock"));
}

TEST_CASE("socket-access is silent where Postfix's user gets through", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("socket-access"));
  // Above the chroot nothing matters.
  fixture.machine.Folder("/var/spool", 0, 0, 0700);
  CHECK(fixture.Silent("socket-access"));
}

TEST_CASE("socket-access finds a folder that may not be entered", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.Folder("/var/spool/postfix/mxward", FakeMachine::kMxward,
                         FakeMachine::kMxwardGroup, 0750);
  CHECK(fixture.Found("socket-access").what ==
        "smtpd of Postfix runs as postfix, which may not enter /var/spool/postfix/mxward "
        "(drwxr-x--- mxward mxward)");
  CHECK(fixture.Mend("socket-access") ==
        "chgrp postfix /var/spool/postfix/mxward\nchmod 2750 /var/spool/postfix/mxward\n"
        "systemctl restart mxward\n");
  // A further group of the user counts.
  fixture.machine.accounts["postfix"].groups.push_back(FakeMachine::kMxwardGroup);
  CHECK(fixture.Silent("socket-access"));
}

TEST_CASE("socket-access finds a socket that may not be written to", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.files[FakeMachine::kSocket].mode = 0640;
  CHECK_THAT(fixture.Found("socket-access").what,
             HasText("may not write to") && HasText("(srw-r----- mxward postfix)"));
  CHECK_THAT(fixture.Mend("socket-access"), HasText("socket_group = \"postfix\""));
}

TEST_CASE("socket-access walks all of the way without a chroot", "[cli]") {
  DoctorFixture fixture;
  fixture.master_cf() = "smtp inet n - n - - smtpd\n";
  fixture.main_cf()["smtpd_milters"] = std::string("unix:") + FakeMachine::kSocket;
  CHECK(fixture.Silent("socket-access"));
  fixture.machine.Folder("/var/spool", 0, 0, 0700);
  CHECK_THAT(fixture.Found("socket-access").what, HasText("may not enter /var/spool (drwx------"));
  CHECK(fixture.Mend("socket-access") == "chmod o+x /var/spool\n");
}

TEST_CASE("socket-access says what it may not see", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.hidden = FakeMachine::kSocket;
  fixture.Check("socket-access");
  CHECK(fixture.findings.empty());
  REQUIRE(fixture.unchecked.size() == 1);
  CHECK_THAT(fixture.unchecked[0], HasText("Permission denied"));
}

TEST_CASE("socket-access finds that somebody deleted the socket", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.files.erase(FakeMachine::kSocket);
  CHECK_THAT(fixture.Found("socket-access").what, HasText("is missing"));
}

TEST_CASE("socket-access knows what Sendmail refuses", "[cli]") {
  SendmailFixture fixture;
  CHECK(fixture.Silent("socket-access"));
  fixture.machine.Folder("/run/mxward", FakeMachine::kMxward, FakeMachine::kMxwardGroup, 0775);
  CHECK_THAT(fixture.Found("socket-access").what,
             HasText("Sendmail refuses sockets") && HasText("/run/mxward (drwxrwxr-x"));
  fixture.machine.Folder("/run/mxward", FakeMachine::kMxward, FakeMachine::kMxwardGroup, 0750);
  fixture.machine.accounts["smmsp"] = {110, {110}};
  fixture.Write(
      "O RunAsUser=smmsp\nO InputMailFilters=mxward\nXmxward, S=local:/run/mxward/milter.sock\n");
  CHECK_THAT(fixture.Found("socket-access").what,
             HasText("Sendmail runs as smmsp, which may not enter /run/mxward"));
}

}  // namespace
}  // namespace mxward
