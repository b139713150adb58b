// SPDX-License-Identifier: Apache-2.0
#include "config/loader.h"

#include "catch.h"
#include "config/options.h"
#include "tests/unit/config/problems.h"

namespace mxward {
namespace {

TEST_CASE("an empty file gives the defaults", "[config]") {
  const LoadResult loaded = ParseConfig("", "mxward.toml");
  REQUIRE(loaded);
  CHECK(*loaded == DefaultConfig());
  CHECK(loaded->mode == Mode::kEnforce);
  CHECK(loaded->on_failure == OnFailure::kAccept);
  CHECK(loaded->user.empty());
  CHECK(loaded->exempt_recipients == std::vector<std::string>{"postmaster", "abuse"});
  CHECK(loaded->milter.listen == "auto");
  CHECK(loaded->milter.socket_mode == 0660);
  CHECK(loaded->milter.max_sessions == 10000);
  CHECK(loaded->trust.loopback);
  CHECK(loaded->trust.self);
  CHECK(loaded->trust.networks.empty());
  CHECK(loaded->trust.authenticated);
  CHECK(loaded->score.greylist == 2);
  CHECK(loaded->score.reject == 10);
  CHECK(loaded->score.history_bad == 1);
  CHECK(loaded->score.history_good == -2);
  CHECK(loaded->limit.empty());
  CHECK(loaded->limits.memory == 4ULL << 20);
  CHECK(loaded->clients.lifetime == Seconds(60 * 86400));
  CHECK(loaded->names.own_self);
  CHECK(loaded->names.own.empty());
  CHECK(loaded->dns.servers.empty());
  CHECK(loaded->dns.deadline == Millis(2000));
  CHECK(loaded->dns.cache_entries == 100000);
  CHECK(loaded->dns.max_outstanding == 1000);
  CHECK(loaded->dnsbl.empty());
  CHECK(loaded->greylist.apply == GreylistApply::kSuspicious);
  CHECK(loaded->greylist.delay == Seconds(240));
  CHECK(loaded->greylist.retry_window == Seconds(48 * 3600));
  CHECK(loaded->greylist.lifetime == Seconds(36 * 86400));
  CHECK(loaded->greylist.auto_allow_after == 3);
  CHECK(loaded->greylist.auto_allow_lifetime == Seconds(60 * 86400));
  CHECK(loaded->greylist.auto_allow_except.empty());
  CHECK(loaded->greylist.identity_name);
  CHECK(loaded->greylist.identity_network);
  CHECK(loaded->greylist.identity_spf);
  CHECK(loaded->greylist.network_v4 == 24);
  CHECK(loaded->greylist.network_v6 == 64);
  CHECK_FALSE(loaded->greylist.privacy);
  CHECK(loaded->greylist.max_pending == 500);
  CHECK(loaded->greylist.text == "Greylisted, please try again in {seconds} seconds");
  CHECK(loaded->store.path == "/var/lib/mxward");
  CHECK(loaded->store.map_size == 1ULL << 30);
  CHECK(loaded->store.map_size_max == 8ULL << 30);
  CHECK(loaded->store.deadline == Millis(1000));
  CHECK(loaded->log.target == LogTarget::kSyslog);
  CHECK(loaded->control.socket == "/run/mxward/control.sock");
}

TEST_CASE("every default satisfies its own option", "[config]") {
  for (const Section& section : Sections()) {
    for (const Option& option : section.options) {
      INFO(option.FullName());
      const std::string header =
          section.name.empty() ? "" : "[" + std::string(section.name) + "]\n";
      CHECK(Problems(header + std::string(option.key) + " = " + DefaultOf(option).OneLine()) == "");
      if (!option.example.empty()) {
        CHECK(Problems(header + std::string(option.key) + " = " + std::string(option.example)) ==
              "");
      }
    }
  }
}

TEST_CASE("an option is found by its section and key", "[config]") {
  for (const Section& section : Sections()) {
    CHECK(FindSection(section.name) == &section);
    for (const Option& option : section.options) {
      CHECK(option.section == section.name);
      CHECK(FindOption(section.name, option.key) == &option);
      CHECK_FALSE(option.description.empty());
      CHECK(option.description.back() == '.');
    }
  }
  CHECK(FindOption("greylist", "mode") == nullptr);
  CHECK(FindOption("nonsense", "mode") == nullptr);
}

TEST_CASE("every kind of value is read", "[config]") {
  const LoadResult loaded = ParseConfig(R"(
mode = "observe"
on_failure = "tempfail"
user = "mxward"

[milter]
listen = "inet:127.0.0.1:8899"
socket_mode = "600"

[trust]
networks = ["192.0.2.0/24", "2001:db8::1"]
relays = ["192.0.2.25"]
authenticated = false
certificates = [{ subject = "CN=a", issuer = "CN=b" }]

[exempt]
recipients = ["Abuse", "Help@Example.ORG"]

[greylist]
apply = "off"
delay = "1h30m"
identities = ["network"]
network_v4 = 32
auto_allow_except = ["Example.COM."]

[store]
map_size = "64M"
deadline = "250ms"

[log]
target = "stderr"
format = "json"
addresses = "hash"
)",
                                        "mxward.toml");
  REQUIRE(loaded);
  CHECK(loaded->mode == Mode::kObserve);
  CHECK(loaded->on_failure == OnFailure::kTempfail);
  CHECK(loaded->user == "mxward");
  CHECK(loaded->milter.listen == "inet:127.0.0.1:8899");
  CHECK(loaded->milter.socket_mode == 0600);
  CHECK_FALSE(loaded->trust.loopback);
  CHECK_FALSE(loaded->trust.self);
  REQUIRE(loaded->trust.networks.size() == 2);
  CHECK(loaded->trust.networks[0].ToString() == "192.0.2.0/24");
  CHECK(loaded->trust.networks[1].ToString() == "2001:db8::1");
  CHECK(loaded->trust.relays.size() == 1);
  CHECK_FALSE(loaded->trust.authenticated);
  REQUIRE(loaded->trust.certificates.size() == 1);
  CHECK(loaded->trust.certificates[0] == TrustedCertificate{"CN=a", "CN=b"});
  CHECK(loaded->exempt_recipients == std::vector<std::string>{"abuse", "help@example.org"});
  CHECK(loaded->greylist.apply == GreylistApply::kOff);
  CHECK(loaded->greylist.delay == Seconds(5400));
  CHECK_FALSE(loaded->greylist.identity_name);
  CHECK(loaded->greylist.identity_network);
  CHECK_FALSE(loaded->greylist.identity_spf);
  CHECK(loaded->greylist.network_v4 == 32);
  CHECK(loaded->greylist.auto_allow_except == std::vector<std::string>{"example.com"});
  CHECK(loaded->store.map_size == 64ULL << 20);
  CHECK(loaded->store.deadline == Millis(250));
  CHECK(loaded->log.target == LogTarget::kStderr);
  CHECK(loaded->log.format == LogFormat::kJson);
  CHECK(loaded->log.addresses == LogAddresses::kHash);
}

TEST_CASE("sections may also be written as dotted names, inline tables and arrays of tables",
          "[config]") {
  CHECK(ParseConfig("greylist.delay = \"5m\"\n", "f")->greylist.delay == Seconds(300));
  CHECK(ParseConfig("greylist = { delay = \"5m\" }\n", "f")->greylist.delay == Seconds(300));
  const LoadResult loaded = ParseConfig(
      "[[trust.certificates]]\nsubject = \"a\"\nissuer = \"b\"\n"
      "[[trust.certificates]]\nsubject = \"c\"\nissuer = \"d\"\n",
      "f");
  REQUIRE(loaded);
  CHECK(loaded->trust.certificates.size() == 2);
}

TEST_CASE("windows line ends and a byte order mark do no harm", "[config]") {
  CHECK(Problems("\xef\xbb\xbfmode = \"observe\"\r\n[greylist]\r\ndelay = \"5m\"\r\n") == "");
}

TEST_CASE("a list may be empty where that makes sense", "[config]") {
  const LoadResult loaded =
      ParseConfig("[trust]\nnetworks = []\n[exempt]\nrecipients = []\n", "mxward.toml");
  REQUIRE(loaded);
  CHECK_FALSE(loaded->trust.loopback);
  CHECK(loaded->exempt_recipients.empty());
}

}  // namespace
}  // namespace mxward
