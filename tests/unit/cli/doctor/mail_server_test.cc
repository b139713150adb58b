// SPDX-License-Identifier: Apache-2.0
//
// What else the mail server does: default-action to mynetworks.
#include "tests/unit/catch.h"
#include "tests/unit/cli/doctor/doctor_fixture.h"

namespace mxward {
namespace {

using cli::doctor::Severity;

constexpr const char* kPostscreen =
    "smtp  inet n - y - 1 postscreen\nsmtpd pass - - y - - smtpd\ncleanup unix n - y - 0 cleanup\n";

TEST_CASE("default-action is silent for accept, of one filter or of all", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("default-action"));
  fixture.main_cf()["smtpd_milters"] = "unix:mxward/milter.sock";
  fixture.main_cf()["milter_default_action"] = "accept";
  CHECK(fixture.Silent("default-action"));
}

TEST_CASE("default-action finds tempfail, which Postfix has by itself", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["smtpd_milters"] = "inet:localhost:8891, unix:mxward/milter.sock";
  const auto found = fixture.Found("default-action");
  CHECK(found.severity == Severity::kWarning);
  CHECK(found.what == "default_action for mxward is tempfail in Postfix");
  CHECK(fixture.Mend("default-action") ==
        "postconf -e 'smtpd_milters = inet:localhost:8891, { unix:mxward/milter.sock, "
        "default_action=accept }'\npostfix reload\n");
}

TEST_CASE("default-action: the one filter's goes before what is said of all", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["milter_default_action"] = "accept";
  fixture.main_cf()["smtpd_milters"] = "{ unix:mxward/milter.sock, default_action=reject }";
  CHECK_THAT(fixture.Found("default-action").what, HasText("is reject"));
}

TEST_CASE("default-action looks at each service's own", "[cli]") {
  DoctorFixture fixture;
  fixture.overrides() = "smtp/inet/smtpd_milters = unix:mxward/milter.sock\n";
  CHECK_THAT(fixture.Found("default-action").what, HasText("in smtp/inet of Postfix"));
  CHECK_THAT(
      fixture.Mend("default-action"),
      HasText(
          "postconf -P 'smtp/inet/smtpd_milters={unix:mxward/milter.sock,default_action=accept}'"));
}

TEST_CASE("default-action of Sendmail is F=", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.postfix = false;
  fixture.machine.texts["/etc/mail/sendmail.cf"] =
      "O InputMailFilters=mxward\nXmxward, S=local:/run/mxward/milter.sock, F=T\n";
  CHECK_THAT(fixture.Found("default-action").what, HasText("has F=T"));
  fixture.machine.texts["/etc/mail/sendmail.cf"] =
      "O InputMailFilters=mxward\nXmxward, S=local:/run/mxward/milter.sock\n";
  CHECK(fixture.Silent("default-action"));
}

TEST_CASE("timeouts are compared with the longest that an answer takes", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("timeouts"));
  fixture.main_cf()["smtpd_milters"] = "{ unix:mxward/milter.sock, command_timeout=3s }";
  CHECK(fixture.Found("timeouts").what == "command_timeout for mxward is 3s in Postfix");
  CHECK_THAT(fixture.Found("timeouts").why, HasText("may take 3s"));
  CHECK_THAT(fixture.Mend("timeouts"),
             HasText("{ unix:mxward/milter.sock, command_timeout=15s, default_action=accept }"));
  fixture.main_cf()["smtpd_milters"] = "unix:mxward/milter.sock";
  CHECK(fixture.Silent("timeouts"));
  fixture.main_cf()["milter_connect_timeout"] = "2";
  CHECK_THAT(fixture.Found("timeouts").what, HasText("connect_timeout for mxward is 2 in"));
  fixture.main_cf()["milter_connect_timeout"] = "1m";
  CHECK(fixture.Silent("timeouts"));
  fixture.Configure("[dns]\ndeadline = \"3s\"\n[store]\ndeadline = \"3s\"\n");
  CHECK(fixture.Silent("timeouts"));
  fixture.main_cf()["milter_command_timeout"] = "6s";
  CHECK_THAT(fixture.Found("timeouts").why, HasText("may take 6s"));
}

TEST_CASE("what is advised about one setting does not undo another", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["smtpd_milters"] =
      "{ unix:mxward/milter.sock, connect_timeout=1s, command_timeout=2s, protocol=4 }";
  const std::string all =
      "postconf -e 'smtpd_milters = { unix:mxward/milter.sock, command_timeout=15s, "
      "connect_timeout=15s, default_action=accept, protocol=6 }'\npostfix reload\n";
  CHECK(fixture.Mend("default-action") == all);
  CHECK(fixture.Mend("protocol") == all);
  fixture.Check("timeouts");
  REQUIRE(fixture.findings.size() == 2);
  CHECK(fixture.findings[0].fix == fixture.findings[1].fix);
  CHECK(fixture.findings[0].fix[0] + "\npostfix reload\n" == all);
}

TEST_CASE("timeouts of Sendmail are 10 s when it does not say", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.postfix = false;
  const std::string filter = "O InputMailFilters=mxward\nXmxward, S=local:/run/mxward/x";
  fixture.machine.texts["/etc/mail/sendmail.cf"] = filter + "\n";
  CHECK(fixture.Silent("timeouts"));
  fixture.machine.texts["/etc/mail/sendmail.cf"] = filter + ", T=S:10s;R:2s\n";
  CHECK(fixture.Found("timeouts").what == "Sendmail waits 2s for its filter mxward (T=R)");
}

TEST_CASE("protocol finds versions before 6", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("protocol"));
  fixture.main_cf()["milter_protocol"] = "2";
  CHECK(fixture.Found("protocol").severity == Severity::kWarning);
  CHECK_THAT(fixture.Mend("protocol"), HasText(", protocol=6 }'\npostfix reload\n"));
  fixture.main_cf()["smtpd_milters"] = "{ unix:mxward/milter.sock, protocol=6 }";
  CHECK(fixture.Silent("protocol"));
}

TEST_CASE("postscreen in its place is worth a note", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("postscreen"));
  fixture.master_cf() = kPostscreen;
  CHECK(fixture.Found("postscreen").severity == Severity::kNote);
  CHECK(fixture.Silent("mta"));
}

TEST_CASE("postscreen: who is behind it has to ask mxward", "[cli]") {
  DoctorFixture fixture;
  fixture.master_cf() = std::string(kPostscreen) + "submission inet n - y - - smtpd\n";
  fixture.overrides() = "smtpd/pass/smtpd_milters = inet:localhost:8891\n";
  CHECK(fixture.Found("postscreen").severity == Severity::kError);
  CHECK_THAT(fixture.Mend("postscreen"),
             HasText("postconf -P 'smtpd/pass/smtpd_milters=inet:localhost:8891,{unix:"));
  fixture.master_cf() = "smtp inet n - y - 1 postscreen\nsubmission inet n - y - - smtpd\n";
  CHECK_THAT(fixture.Found("postscreen").what, HasText("no \"smtpd pass\" service"));
}

TEST_CASE("postscreen-tests finds those after the greeting, where there is a postscreen", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["postscreen_pipelining_enable"] = "yes";
  fixture.main_cf()["postscreen_bare_newline_enable"] = "yes";
  fixture.main_cf()["postscreen_non_smtp_command_enable"] = "no";
  CHECK(fixture.Silent("postscreen-tests"));
  fixture.master_cf() = kPostscreen;
  const auto found = fixture.Found("postscreen-tests");
  CHECK(found.severity == Severity::kWarning);
  CHECK_THAT(found.what, HasText("postscreen_pipelining_enable, postscreen_bare_newline_enable"));
  CHECK(fixture.Mend("postscreen-tests") ==
        "postconf -e 'postscreen_pipelining_enable = no'\n"
        "postconf -e 'postscreen_bare_newline_enable = no'\npostfix reload\n");
}

TEST_CASE("other-greylisters finds policy services, and leaves other ones alone", "[cli]") {
  DoctorFixture fixture;
  auto& restrictions = fixture.main_cf()["smtpd_recipient_restrictions"];
  restrictions = "permit_mynetworks, check_policy_service unix:private/policyd-spf";
  CHECK(fixture.Silent("other-greylisters"));
  restrictions =
      "permit_mynetworks, check_policy_service inet:127.0.0.1:10023, reject_unauth_destination";
  const auto found = fixture.Found("other-greylisters");
  CHECK(found.severity == Severity::kWarning);
  CHECK(found.what ==
        "postgrey greylists as well: smtpd_recipient_restrictions of Postfix asks "
        "inet:127.0.0.1:10023");
  CHECK_THAT(fixture.Mend("other-greylisters"),
             HasText("'smtpd_recipient_restrictions = permit_mynetworks, "
                     "reject_unauth_destination'"));
  restrictions = "permit_mynetworks check_policy_service { inet:127.0.0.1:2501, timeout=10s }";
  CHECK_THAT(fixture.Found("other-greylisters").what, HasText("sqlgrey greylists as well"));
  CHECK_THAT(fixture.Mend("other-greylisters"),
             HasText("'smtpd_recipient_restrictions = permit_mynetworks'"));
}

TEST_CASE("other-greylisters takes all of them out of one list", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["smtpd_recipient_restrictions"] =
      "check_policy_service inet:127.0.0.1:10023, permit_mynetworks, "
      "check_policy_service inet:127.0.0.1:2501";
  fixture.Check("other-greylisters");
  REQUIRE(fixture.findings.size() == 2);
  for (const auto& finding : fixture.findings) {
    CHECK(finding.fix[0] == "postconf -e 'smtpd_recipient_restrictions = permit_mynetworks'");
  }
}

TEST_CASE("other-greylisters looks into restriction classes", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["smtpd_restriction_classes"] = "slow";
  fixture.main_cf()["slow"] = "check_policy_service unix:postgrey/socket";
  CHECK_THAT(fixture.Found("other-greylisters").what,
             HasText("slow of Postfix asks unix:postgrey"));
}

TEST_CASE("other-greylisters knows filters, and how rspamd's module is turned off", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["smtpd_milters"] += ", unix:milter-greylist/milter-greylist.sock";
  CHECK_THAT(fixture.Found("other-greylisters").what, HasText("milter-greylist greylists"));
  fixture.main_cf()["smtpd_milters"] = "unix:mxward/milter.sock, inet:localhost:11332";
  CHECK_THAT(fixture.Found("other-greylisters").what, HasText("rspamd may greylist as well"));
  CHECK_THAT(fixture.Mend("other-greylisters"),
             HasText("echo 'enabled = false;' > /etc/rspamd/local.d/greylist.conf"));
  fixture.machine.texts["/etc/rspamd/local.d/greylist.conf"] = "enabled = false;\n";
  CHECK(fixture.Silent("other-greylisters"));
}

TEST_CASE("other-greylisters looks at Sendmail's filters that are used", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.postfix = false;
  auto& text = fixture.machine.texts["/etc/mail/sendmail.cf"];
  const std::string filters =
      "Xmxward, S=local:/run/mxward/x\nXgreylist, S=local:/var/milter-greylist/x.sock\n";
  text = "O InputMailFilters=mxward\n" + filters;
  CHECK(fixture.Silent("other-greylisters"));
  text = "O InputMailFilters=mxward,greylist\n" + filters;
  CHECK_THAT(fixture.Found("other-greylisters").what, HasText("milter-greylist greylists"));
}

TEST_CASE("reinjection finds a way back in that asks mxward", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("reinjection"));
  fixture.master_cf() += "127.0.0.1:10025 inet n - y - - smtpd\n";
  CHECK(fixture.Found("reinjection").severity == Severity::kWarning);
  CHECK(fixture.Mend("reinjection") ==
        "postconf -P 127.0.0.1:10025/inet/smtpd_milters=\npostfix reload\n");
  fixture.overrides() = "127.0.0.1:10025/inet/smtpd_milters =\n";
  CHECK(fixture.Silent("reinjection"));
  // Where nothing else is open, it is the way in.
  fixture.overrides() = "";
  fixture.master_cf() = "127.0.0.1:10025 inet n - y - - smtpd\n";
  CHECK(fixture.Silent("reinjection"));
}

TEST_CASE("non-smtpd finds mxward in non_smtpd_milters", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["non_smtpd_milters"] = "unix:opendkim/opendkim.sock";
  CHECK(fixture.Silent("non-smtpd"));
  fixture.main_cf()["non_smtpd_milters"] = "unix:opendkim/opendkim.sock unix:mxward/milter.sock";
  CHECK(fixture.Found("non-smtpd").severity == Severity::kWarning);
  CHECK(fixture.Mend("non-smtpd") ==
        "postconf -e 'non_smtpd_milters = unix:opendkim/opendkim.sock'\npostfix reload\n");
}

TEST_CASE("submission is worth a note", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("submission"));
  fixture.master_cf() += "submission inet n - y - - smtpd\n";
  CHECK(fixture.Found("submission").severity == Severity::kNote);
  CHECK_THAT(fixture.Found("submission").why, HasText("are not checked"));
  fixture.Configure("[trust]\nauthenticated = false\n");
  CHECK_THAT(fixture.Found("submission").why, HasText("checked and deferred like strangers"));
  fixture.overrides() = "submission/inet/smtpd_milters =\n";
  CHECK(fixture.Silent("submission"));
}

TEST_CASE("mynetworks finds networks that mxward does not trust", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("mynetworks"));
  fixture.main_cf()["mynetworks"] += ", 198.51.100.0/24 [2001:db8::]/32";
  const auto found = fixture.Found("mynetworks");
  CHECK(found.severity == Severity::kWarning);
  CHECK_THAT(found.what, HasText("has 198.51.100.0/24, 2001:db8::/32, which"));
  CHECK(fixture.Mend("mynetworks") ==
        "# in /etc/mxward/mxward.toml: [trust] networks = [\"loopback\", \"self\", "
        "\"198.51.100.0/24\", \"2001:db8::/32\"]\nmxwardctl reload\n");
  fixture.Configure(
      "[trust]\nnetworks = [\"loopback\", \"self\", \"198.51.0.0/16\"]\n"
      "relays = [\"2001:db8::/32\"]\n");
  CHECK(fixture.Silent("mynetworks"));
}

TEST_CASE("mynetworks reads files, and says what it cannot look into", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["mynetworks"] = "/etc/postfix/networks";
  fixture.machine.texts["/etc/postfix/networks"] = "# ours\n127.0.0.0/8\n198.51.100.7\n";
  CHECK_THAT(fixture.Found("mynetworks").what, HasText("has 198.51.100.7, which"));
  fixture.main_cf()["mynetworks"] = "127.0.0.0/8 cidr:/etc/postfix/networks.cidr";
  fixture.Check("mynetworks");
  CHECK(fixture.findings.empty());
  CHECK(fixture.unchecked.size() == 1);
}

TEST_CASE("mynetworks never advises to trust the Internet", "[cli]") {
  DoctorFixture fixture;
  fixture.main_cf()["mynetworks"] = "0.0.0.0/0";
  CHECK_THAT(fixture.Found("mynetworks").what, HasText("a large part of the Internet"));
  CHECK_THAT(fixture.Mend("mynetworks"), !HasText("networks = ["));
}

TEST_CASE("tls finds XCLIENT, behind which no session has TLS", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("tls"));
  fixture.main_cf()["smtpd_authorized_xclient_hosts"] = "192.0.2.7";
  const auto found = fixture.Found("tls");
  CHECK(found.severity == Severity::kWarning);
  CHECK(found.what ==
        "smtpd_authorized_xclient_hosts is set in Postfix, while tls.offered is \"auto\"");
  CHECK_THAT(fixture.Mend("tls"),
             HasText("# in /etc/mxward/mxward.toml: [tls] offered = false\nmxwardctl reload\n"));
  for (const char* settled :
       {"[tls]\noffered = false\n", "[tls]\noffered = true\n", "[score]\ntls_none = 0\n"}) {
    fixture.Configure(settled);
    CHECK(fixture.Silent("tls"));
  }
}

TEST_CASE("tls notes a PROXY header, of smtpd or of the postscreen before it", "[cli]") {
  DoctorFixture fixture;
  fixture.master_cf() += "2525 inet n - y - - smtpd\n";
  fixture.overrides() = "2525/inet/smtpd_upstream_proxy_protocol = haproxy\n";
  auto found = fixture.Found("tls");
  CHECK(found.severity == Severity::kNote);
  CHECK_THAT(found.what, HasText("is set in 2525/inet of Postfix, while"));
  fixture.overrides() = "";
  fixture.master_cf() = kPostscreen;
  CHECK(fixture.Silent("tls"));
  fixture.main_cf()["postscreen_upstream_proxy_protocol"] = "haproxy";
  CHECK_THAT(fixture.Found("tls").what,
             HasText("postscreen_upstream_proxy_protocol is set in Postfix"));
}

TEST_CASE("tls notes where none is offered, and warns where it is said to be", "[cli]") {
  DoctorFixture fixture;
  for (const char* level : {"", "none"}) {
    fixture.main_cf()["smtpd_tls_security_level"] = level;
    const auto found = fixture.Found("tls");
    CHECK(found.severity == Severity::kNote);
    CHECK_THAT(found.what, HasText("Postfix offers no TLS"));
    CHECK_THAT(fixture.Mend("tls"),
               HasText("postconf -e 'smtpd_tls_security_level = may'\npostfix reload\n"));
  }
  fixture.Configure("[tls]\noffered = true\n");
  CHECK(fixture.Found("tls").severity == Severity::kWarning);
  CHECK_THAT(fixture.Mend("tls"), HasText("[tls] offered = \"auto\""));
  // As it was written before Postfix 2.3.
  fixture.main_cf()["smtpd_tls_security_level"] = "";
  fixture.main_cf()["smtpd_use_tls"] = "yes";
  CHECK(fixture.Silent("tls"));
}

TEST_CASE("tls leaves submission and reinjection alone", "[cli]") {
  DoctorFixture fixture;
  fixture.master_cf() +=
      "submission inet n - y - - smtpd\n2465 inet n - y - - smtpd\n"
      "127.0.0.1:10025 inet n - y - - smtpd\n";
  fixture.overrides() =
      "submission/inet/smtpd_tls_security_level = none\n"
      "2465/inet/smtpd_tls_wrappermode = yes\n2465/inet/smtpd_tls_security_level =\n"
      "127.0.0.1:10025/inet/smtpd_tls_security_level = none\n";
  CHECK(fixture.Silent("tls"));
}

}  // namespace
}  // namespace mxward
