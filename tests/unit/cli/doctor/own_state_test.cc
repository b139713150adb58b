// SPDX-License-Identifier: Apache-2.0
//
// mxward itself and its surroundings.
#include "tests/unit/catch.h"
#include "tests/unit/cli/doctor/doctor_fixture.h"

namespace mxward {
namespace {

using cli::doctor::Severity;

constexpr const char* kList =
    "[[dnsbl]]\nname = \"house\"\nzone = \"bl.example.net\"\ncodes = { \"127.0.0.2\" = 4 }\n";

TEST_CASE("config finds mistakes, each by itself", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("config"));
  fixture.Configure("[greylist]\ndealy = \"4m\"\nlifetime = 3\n");
  fixture.Check("config");
  REQUIRE(fixture.findings.size() == 2);
  CHECK_THAT(fixture.findings[0].what, HasText("mxward.toml:2:1") && HasText("delay"));
  CHECK(fixture.findings[0].severity == Severity::kError);
}

TEST_CASE("config that may not be read is not checked, nor what hangs on it", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.hidden = DoctorFixture::kConfig;
  for (const char* id :
       {"config", "timeouts", "mynetworks", "tls", "resolver", "space", "database", "saved-copy"}) {
    fixture.Check(id);
    CHECK(fixture.findings.empty());
    CHECK(fixture.unchecked.size() == 1);
  }
}

TEST_CASE("daemon finds that mxward does not run", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("daemon"));
  fixture.machine.StopDaemon();
  CHECK(fixture.Found("daemon").severity == Severity::kError);
  CHECK_THAT(fixture.Mend("daemon"), HasText("systemctl start mxward"));
  // One cause, one finding.
  CHECK(fixture.Silent("config-loaded"));
  CHECK(fixture.Silent("files"));
}

TEST_CASE("daemon that this user may not ask is not checked", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.hidden = "/v1/status";
  fixture.Check("daemon");
  CHECK(fixture.findings.empty());
  CHECK(fixture.unchecked.size() == 1);
}

TEST_CASE("daemon notes that nobody is told", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.SetListening(std::string("unix:") + FakeMachine::kSocket,
                               R"(,"paused_until":"2026-01-05T01:00:00Z")");
  CHECK(fixture.Found("daemon").severity == Severity::kNote);
  CHECK(fixture.Mend("daemon") == "mxwardctl pause --end\n");
}

TEST_CASE("config-loaded finds a change that was not read", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("config-loaded"));
  fixture.machine.texts[DoctorFixture::kConfig] = "[greylist]\ndelay = \"9m\"\n";
  const auto found = fixture.Found("config-loaded");
  CHECK(found.severity == Severity::kWarning);
  CHECK_THAT(found.what, HasText("running configuration: greylist.delay"));
  CHECK(fixture.Mend("config-loaded") == "mxwardctl reload\n");
  fixture.machine.texts[DoctorFixture::kConfig] = "[store]\npath = \"/srv/mxward\"\n";
  CHECK(fixture.Mend("config-loaded") == "systemctl restart mxward\n");
  fixture.machine.texts[DoctorFixture::kConfig] = kList;
  CHECK_THAT(fixture.Found("config-loaded").what, HasText("dnsbl \"house\""));
}

TEST_CASE("config-loaded finds that another file is in force", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.answers["/v1/status"] =
      R"({"listening":"unix:/run/x","config_path":"/srv/other.toml"})";
  CHECK(fixture.Mend("config-loaded") == "mxwardctl --config /srv/other.toml doctor\n");
}

TEST_CASE("filter finds that nobody answers", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("filter"));
  fixture.machine.filter_answers = false;
  CHECK_THAT(fixture.Found("filter").what,
             HasText("does not respond at /var/spool/postfix/mxward/"));
  CHECK(fixture.Found("filter").severity == Severity::kError);
  // That it does not run is said already.
  fixture.machine.StopDaemon();
  CHECK(fixture.Silent("filter"));
}

TEST_CASE("log finds that nobody listens there, and that lines were dropped", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("log"));
  fixture.machine.files.erase("/dev/log");
  CHECK_THAT(fixture.Found("log").what, HasText("nothing receives logs at /dev/log"));
  CHECK(fixture.Found("log").severity == Severity::kWarning);
  fixture.Configure("[log]\ntarget = \"stderr\"\n");
  CHECK(fixture.Silent("log"));
  fixture.Configure("[log]\ntarget = \"journal\"\n");
  CHECK_THAT(fixture.Found("log").what, HasText("/run/systemd/journal/socket"));
  fixture.Configure("[log]\ntarget = \"stderr\"\n");
  fixture.machine.answers["/v1/status"] = R"({"log_lines_dropped":12})";
  CHECK(fixture.Found("log").what == "12 log lines have been dropped since the start");
}

TEST_CASE("database finds files of another owner", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("database"));
  fixture.machine.files["/var/lib/mxward/lock.mdb"].owner = 0;
  CHECK(fixture.Found("database").what ==
        "/var/lib/mxward/lock.mdb belongs to root, not to mxward");
  CHECK(fixture.Found("database").severity == Severity::kError);
  CHECK_THAT(fixture.Mend("database"), HasText("chown -R mxward: /var/lib/mxward"));
  // While it does not run, its folder tells whose it is.
  fixture.machine.StopDaemon();
  CHECK_THAT(fixture.Found("database").what, HasText("not to mxward"));
}

TEST_CASE("database finds a folder that is open to all", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.files["/var/lib/mxward"].mode = 0755;
  CHECK_THAT(fixture.Found("database").what, HasText("accessible to all users") && HasText("0755"));
  CHECK(fixture.Mend("database") == "chmod o= /var/lib/mxward\n");
}

TEST_CASE("database finds that it is gone", "[cli]") {
  DoctorFixture fixture;
  for (const char* name : {"", "/data.mdb", "/lock.mdb", "/mxward.lock"}) {
    fixture.machine.files.erase(std::string("/var/lib/mxward") + name);
  }
  CHECK_THAT(fixture.Found("database").what, HasText("there is no database at /var/lib/mxward"));
  fixture.machine.StopDaemon();  // then it has not been made yet
  CHECK(fixture.Silent("database"));
}

TEST_CASE("saved-copy finds that hash key and entries are not saved, or open to others", "[cli]") {
  DoctorFixture fixture;
  const std::string path = "/var/lib/mxward/mxward.saved";
  CHECK(fixture.Silent("saved-copy"));
  fixture.machine.files[path].mode = 0640;
  CHECK(fixture.Found("saved-copy").what ==
        path + " is accessible to others than its owner (mode 0640)");
  CHECK(fixture.Found("saved-copy").severity == Severity::kWarning);
  CHECK(fixture.Mend("saved-copy") == "chmod 0600 " + path + "\n");
  fixture.machine.files[path].mode = 0600;
  fixture.machine.files[path].owner = 0;
  CHECK(fixture.Found("saved-copy").what == path + " belongs to root, and its folder to mxward");
  CHECK(fixture.Mend("saved-copy") == "chown mxward: " + path + "\n");
  fixture.machine.files.erase(path);
  CHECK(fixture.Found("saved-copy").what == "there is no " + path);
  CHECK_THAT(fixture.Mend("saved-copy"), HasText("systemctl restart mxward"));
  fixture.machine.StopDaemon();  // perhaps it has never run
  CHECK(fixture.Silent("saved-copy"));
}

TEST_CASE("saved-copy finds a copy that is older than the last change", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.answers["/v1/status"] = R"({"store":{"saved_copy_failed":true}})";
  CHECK(fixture.Found("saved-copy").what ==
        "/var/lib/mxward/mxward.saved is out of date: the last change could not be written");
  CHECK_THAT(fixture.Mend("saved-copy"), HasText("df -h /var/lib/mxward"));
}

TEST_CASE("space finds a full map and a full disk", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("space"));
  fixture.machine.answers["/v1/status"] =
      R"({"store":{"used_percent":80,"limit_bytes":8589934592}})";
  CHECK(fixture.Found("space").what == "the database is 80 % full (store.map_size_max is 8G)");
  CHECK_THAT(fixture.Mend("space"), HasText("map_size_max = \"16G\""));
  fixture.machine.answers["/v1/status"] = R"({"store":{"used_percent":79,"limit_bytes":1}})";
  CHECK(fixture.Silent("space"));
  fixture.machine.space = {200ULL << 20, 2ULL << 30};
  CHECK(fixture.Found("space").what == "the disk of /var/lib/mxward has 200 MiB left");
  fixture.machine.space = {4ULL << 30, 200ULL << 30};
  CHECK(fixture.Found("space").severity == Severity::kWarning);
  // Less than a twentieth, and far more than the database can need.
  fixture.machine.space = {12ULL << 30, 2000ULL << 30};
  CHECK(fixture.Silent("space"));
}

TEST_CASE("files finds a limit that is too low for milter.max_sessions", "[cli]") {
  DoctorFixture fixture;
  fixture.Configure("[milter]\nmax_sessions = 1000\n");
  CHECK(fixture.Silent("files"));
  fixture.machine.texts["/proc/4711/limits"] = "Max open files            1024    4096    files\n";
  CHECK_THAT(fixture.Found("files").what, HasText("enough for 768 sessions"));
  CHECK_THAT(fixture.Mend("files"), HasText("LimitNOFILE=1335"));
  fixture.machine.texts["/proc/4711/limits"] = "Max open files            1335    4096    files\n";
  CHECK(fixture.Silent("files"));
  fixture.machine.texts["/proc/4711/limits"] = "Max open files   unlimited   unlimited   files\n";
  CHECK(fixture.Silent("files"));
}

TEST_CASE("resolver finds a public one when lists without a key are asked", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.texts["/etc/resolv.conf"] = "nameserver 192.0.2.53\nnameserver 8.8.8.8\n";
  CHECK(fixture.Silent("resolver"));  // no lists
  fixture.Configure(kList);
  const auto found = fixture.Found("resolver");
  CHECK(found.severity == Severity::kError);
  CHECK_THAT(found.what, HasText("8.8.8.8 (Google), by /etc/resolv.conf"));
  CHECK_THAT(found.why, HasText("house"));
  fixture.Configure(std::string(kList) + "[dns]\nservers = [\"127.0.0.1\"]\n");
  CHECK(fixture.Silent("resolver"));
  fixture.Configure(std::string(kList) + "[dns]\nservers = [\"[2606:4700:4700::1111]:53\"]\n");
  CHECK_THAT(fixture.Found("resolver").what, HasText("(Cloudflare), by dns.servers"));
  // A subscriber is known by the key.
  fixture.Configure(
      "[[dnsbl]]\nprofile = \"spamhaus-zen\"\nkey = \"abcdefghijklmnopqrstuvwxyz\"\n");
  CHECK(fixture.Silent("resolver"));
}

TEST_CASE("resolver tells what of resolv.conf mxward cannot do", "[cli]") {
  DoctorFixture fixture;
  fixture.machine.texts["/etc/resolv.conf"] = "nameserver fe80::1%eth0\nnameserver 192.0.2.53\n";
  auto found = fixture.Found("resolver");
  CHECK(found.what == "the name server fe80::1%eth0 of /etc/resolv.conf is not asked");
  CHECK_THAT(found.why, HasText("it asks 192.0.2.53:53 first"));
  fixture.machine.texts["/etc/resolv.conf"] = "nameserver 192.0.2.53\noptions rotate use-vc\n";
  found = fixture.Found("resolver");
  CHECK_THAT(found.what, HasText("\"options use-vc\""));
  fixture.machine.texts["/etc/resolv.conf"] = "nameserver 192.0.2.53\noptions rotate edns0\n";
  CHECK(fixture.Silent("resolver"));
}

TEST_CASE("resolver looks behind the stub of systemd-resolved", "[cli]") {
  DoctorFixture fixture;
  fixture.Configure(kList);
  fixture.machine.texts["/etc/resolv.conf"] = "nameserver 127.0.0.53\n";
  CHECK(fixture.Silent("resolver"));
  fixture.machine.texts["/run/systemd/resolve/resolv.conf"] = "nameserver 192.0.2.53\n";
  CHECK(fixture.Silent("resolver"));
  fixture.machine.texts["/run/systemd/resolve/resolv.conf"] = "nameserver 9.9.9.9\n";
  CHECK_THAT(fixture.Found("resolver").what,
             HasText("9.9.9.9 (Quad9)") && HasText("which leads to systemd-resolved"));
}

TEST_CASE("lists finds those that are set aside", "[cli]") {
  DoctorFixture fixture;
  fixture.Configure(kList);
  fixture.machine.answers["/v1/dnsbl"] = R"({"items":[{"name":"house","suspended":false}]})";
  CHECK(fixture.Silent("lists"));
  fixture.machine.answers["/v1/dnsbl"] =
      R"({"items":[{"name":"house","suspended":true,"condition":"refusing",)"
      R"("since":"2026-01-05T00:00:00Z","detail":"answers 127.255.255.254"}]})";
  CHECK_THAT(fixture.Found("lists").what, HasText("DNS list house is refusing since 2026-"));
  CHECK(fixture.Mend("lists") == "mxwardctl dnsbl test house\n");
  fixture.machine.answers["/v1/dnsbl"] =
      R"({"items":[{"name":"house","suspended":false},{"name":"b","suspended":false}],"blind":)"
      R"({"lists":["house","b"],"cause":"probably so","message":"DNS lists house, b: probably so"}})";
  CHECK(fixture.Found("lists").what == "DNS lists house, b: probably so");
  CHECK(fixture.Mend("lists") == "mxwardctl dnsbl test house\nmxwardctl dnsbl test b\n");
  fixture.machine.StopDaemon();
  fixture.Check("lists");
  CHECK(fixture.findings.empty());
  CHECK(fixture.unchecked.size() == 1);
}

TEST_CASE("names finds a mail server that finds none", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("names"));
  fixture.main_cf()["smtpd_peername_lookup"] = "yes";
  CHECK(fixture.Silent("names"));
  fixture.main_cf()["smtpd_peername_lookup"] = "no";
  CHECK(fixture.Found("names").severity == Severity::kError);
  CHECK(fixture.Found("names").what == "smtpd_peername_lookup is \"no\" in Postfix");
  CHECK_THAT(fixture.Mend("names"), HasText("smtpd_peername_lookup = yes"));
  fixture.main_cf()["smtpd_peername_lookup"] = "yes";
  fixture.machine.SetListening(
      std::string("unix:") + FakeMachine::kSocket,
      R"(,"names":[{"mail_server":"mx.example","suspended":true,)"
      R"("since":"2026-01-05T00:00:00Z","detail":"it reported no name for its last 100 clients"}])");
  CHECK(fixture.Found("names").what ==
        "the mail server mx.example has found no names for its clients since 2026-01-05T00:00:00Z: "
        "it "
        "reported no name for its last 100 clients");
}

TEST_CASE("nat finds one private address that hides the others", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("nat"));
  fixture.machine.SetListening(std::string("unix:") + FakeMachine::kSocket,
                               R"(,"nat":{"client":"10.0.0.1","sessions":180,"of":200})");
  CHECK(fixture.Found("nat").severity == Severity::kError);
  CHECK_THAT(fixture.Found("nat").what, HasText("10.0.0.1 makes 180 of 200 sessions"));
  CHECK_THAT(fixture.Mend("nat"), HasText("relays = [\"10.0.0.1\"]"));
}

TEST_CASE("clock finds that nobody keeps it, and records from the future", "[cli]") {
  DoctorFixture fixture;
  CHECK(fixture.Silent("clock"));
  fixture.machine.in_step = std::nullopt;
  CHECK(fixture.Silent("clock"));
  fixture.machine.in_step = false;
  CHECK(fixture.Found("clock").severity == Severity::kWarning);
  fixture.machine.in_step = true;
  auto& newest = fixture.machine.answers["/v1/clients?sort=last-seen&limit=1"];
  newest = R"({"items":[{"last_seen":"2026-01-05T00:04:00Z"}]})";
  CHECK(fixture.Silent("clock"));
  newest = R"({"items":[{"last_seen":"2026-01-06T00:00:00Z"}]})";
  CHECK_THAT(fixture.Found("clock").what, HasText("seen in 1 d, 2026-01-06T00:00:00Z"));
  // The clients come in slices.
  newest = R"({"items":[{"last_seen":"2026-01-04T00:00:00Z"}],"next":"0.0f3a"})";
  fixture.machine.answers["/v1/clients?sort=last-seen&limit=1&after=0.0f3a"] =
      R"({"items":[{"last_seen":"2026-01-07T00:00:00Z"}],"next":null})";
  CHECK_THAT(fixture.Found("clock").what, HasText("seen in 2 d"));
}

}  // namespace
}  // namespace mxward
