// SPDX-License-Identifier: Apache-2.0
#include <tuple>

#include "catch.h"
#include "tests/unit/config/problems.h"

namespace mxward {
namespace {

TEST_CASE("an unknown key is named with its place and the nearest one", "[config]") {
  CHECK(Problems("\n[greylist]\n  dealy = \"4m\"\n") ==
        "mxward.toml:3:3: unknown key \"dealy\" in [greylist]; did you mean \"delay\"?");
  CHECK(Problems("mod = \"observe\"") ==
        "mxward.toml:1:1: unknown key \"mod\" at the top of the file, before the first [section]; "
        "did you mean \"mode\"?");
  CHECK(Problems("[log]\nlevel = \"debug\"") == "mxward.toml:2:1: unknown key \"level\" in [log]");
  CHECK(Problems("[log]\n\"a\\nb\" = 1") == "mxward.toml:2:1: unknown key \"a\\x0ab\" in [log]");
  CHECK(Problems("\"\" = 1") ==
        "mxward.toml:1:1: unknown key \"\" at the top of the file, before the first [section]");
}

TEST_CASE("a key in the wrong section is sent to its own", "[config]") {
  CHECK(Problems("delay = \"4m\"") ==
        "mxward.toml:1:1: unknown key \"delay\" at the top of the file, before the first "
        "[section]; it belongs in [greylist] or in [[rule]]");
  CHECK(Problems("[milter]\nmode = \"observe\"") ==
        "mxward.toml:2:1: unknown key \"mode\" in [milter]; it belongs at the top of the file, "
        "before the first [section]");
  CHECK(Problems("[dns]\nweight = 3") ==
        "mxward.toml:2:1: unknown key \"weight\" in [dns]; it belongs in [[dnsbl]]");
  CHECK(Problems("[log]\nsocket_group = \"adm\"") ==
        "mxward.toml:2:1: unknown key \"socket_group\" in [log]; it belongs in [milter] or in "
        "[control]");
}

TEST_CASE("clients of a translator are written as IPv4", "[config]") {
  CHECK(Problems("[clients]\nnat64 = [\"2001:db8:64::/95\"]\n") ==
        "mxward.toml:2:9: clients.nat64: 2001:db8:64::/95 is not the network of a NAT64 "
        "translator, which has 32, 40, 48, 56, 64 or 96 bits");
  CHECK(Problems("[trust]\nnetworks = [\"64:ff9b::/96\"]\n") ==
        "mxward.toml:2:12: trust.networks: 64:ff9b::/96 belongs to a NAT64 translator, whose "
        "clients are identified by their IPv4 addresses: use those");
  CHECK(Problems("[clients]\nnat64 = [\"2001:db8:64::/96\"]\n[trust]\nrelays = "
                 "[\"2001:db8:64::192.0.2.7\", \"64:ff9b::198.51.100.0/120\"]\n") == "");
}

TEST_CASE("an unknown section is named with the nearest one", "[config]") {
  CHECK(Problems("[Greylst]\ndelay = 3\n") ==
        "mxward.toml:1:2: unknown section [Greylst]; did you mean [greylist]?");
  CHECK(Problems("[nonsense]") == "mxward.toml:1:2: unknown section [nonsense]");
  CHECK(Problems("[[dnsble]]\nname = \"x\"") ==
        "mxward.toml:1:3: unknown section [[dnsble]]; did you mean [[dnsbl]]?");
}

TEST_CASE("a section that is none is explained", "[config]") {
  CHECK(Problems("greylist = \"off\"") ==
        "mxward.toml:1:1: greylist is a section: write [greylist] on a line of its own, and its "
        "options below");
  CHECK(Problems("[[store]]\npath = \"/x\"") ==
        "mxward.toml:1:3: [store] needs single brackets, and may occur only once");
}

TEST_CASE("a value of the wrong type says what was found and what is right", "[config]") {
  std::string text, expected;
  std::tie(text, expected) = GENERATE(table<std::string, std::string>({
      {"mode = 3", "1:8: mode: must be \"enforce\" or \"observe\"; found the integer 3"},
      {"mode = \"Enforce\"",
       "1:8: mode: must be \"enforce\" or \"observe\"; found the text \"Enforce\"; did you mean "
       "\"enforce\"?"},
      {"user = true", "1:8: user: needs a text in quotes, such as \"mxward\"; found true"},
      {"greylist.delay = 300",
       "1:18: greylist.delay: needs a unit, in quotes: \"300s\" or \"300m\"? Found the integer "
       "300"},
      {"greylist.delay = \"300\"", "1:18: greylist.delay: \"300\" needs a unit: 300s, 300m, 300h?"},
      {"greylist.delay = 1.5",
       "1:18: greylist.delay: needs a duration in quotes, from 1s to 1d, such as \"4m\"; found "
       "the number 1.5"},
      {"greylist.delay = 2020-01-01",
       "1:18: greylist.delay: needs a duration in quotes, from 1s to 1d, such as \"4m\"; found a "
       "date or time"},
      {"greylist.delay = \"1500ms\"", "1:18: greylist.delay: must be whole seconds"},
      {"greylist.delay = \"soon\"",
       "1:18: greylist.delay: \"soon\" is not a valid duration; write it like 30s, 4m, 48h or "
       "1d12h"},
      {"greylist.privacy = \"yes\"",
       "1:20: greylist.privacy: needs true or false, without quotes; found the text \"yes\""},
      {"greylist.network_v4 = \"24\"",
       "1:23: greylist.network_v4: needs an integer from 8 to 32, such as 24; found the text "
       "\"24\""},
      {"greylist.identities = \"name\"",
       "1:23: greylist.identities: needs a list with any of \"name\", \"network\" and "
       "\"spf\", such as [\"name\", \"network\", \"spf\"]; found the text \"name\""},
      {"greylist.identities = []",
       "1:23: greylist.identities: must not be an empty list; such as identities = [\"name\", "
       "\"network\", \"spf\"]"},
      {"greylist.identities = [\"nam\"]",
       "1:24: greylist.identities: must be a list with any of \"name\", \"network\" and "
       "\"spf\"; found the text \"nam\"; did you mean \"name\"?"},
      {"store.map_size = 1073741824",
       "1:18: store.map_size: needs a size in quotes, from 1M to 16T, such as \"1G\"; found the "
       "integer 1073741824"},
      {"store.map_size = \"1X\"",
       "1:18: store.map_size: \"1X\" is not a valid size; its units are K, M, G and T"},
      {"milter.socket_mode = 660",
       "1:22: milter.socket_mode: needs a file mode of octal digits in quotes, such as \"0660\"; "
       "found the integer 660"},
      {"milter.socket_mode = \"0888\"",
       "1:22: milter.socket_mode: needs a file mode of octal digits in quotes, such as \"0660\"; "
       "found the text \"0888\""},
      {"milter.socket_mode = \"4755\"",
       "1:22: milter.socket_mode: needs a file mode of octal digits in quotes, such as \"0660\"; "
       "found the text \"4755\""},
      {"exempt.recipients = [\"abuse\", 3]",
       "1:31: exempt.recipients: needs a list of addresses, such as [\"postmaster\", \"abuse\"]; "
       "found the integer 3 in it"},
      {"exempt.recipients = {a = 1}",
       "1:21: exempt.recipients: needs a list of addresses, such as [\"postmaster\", \"abuse\"]; "
       "found a table"},
      {"trust.relays = [[]]",
       "1:17: trust.relays: needs a list of IP addresses and prefixes, such as [\"192.0.2.25\"]; "
       "found a list in it"},
  }));
  CHECK(Problems(text) == "mxward.toml:" + expected);
}

TEST_CASE("networks are prefixes and two words", "[config]") {
  std::string item, expected;
  std::tie(item, expected) = GENERATE(table<std::string, std::string>({
      {"loopbak",
       "\"loopbak\" is no IP address or prefix, nor one of the words \"loopback\" and \"self\"; "
       "did you mean \"loopback\"?"},
      {"192.0.2.7/24",
       "\"192.0.2.7/24\" has bits set beyond its prefix length; did you mean \"192.0.2.0/24\"?"},
      {"192.0.2.0/33", "\"192.0.2.0/33\": the length after the slash must be 0 to 32"},
      {"10/8", "\"10/8\" is not a valid IP address or prefix"},
      {"mx.example.org",
       "\"mx.example.org\" is no IP address or prefix, nor one of the words \"loopback\" and "
       "\"self\""},
      {"a\\nb",
       "\"a\\x0ab\" is no IP address or prefix, nor one of the words \"loopback\" and \"self\""},
  }));
  CHECK(Problems("[trust]\nnetworks = [\"self\",\n \"" + item + "\"]") ==
        "mxward.toml:3:2: trust.networks: " + expected);
  CHECK(Problems("trust.relays = [\"self\"]") ==
        "mxward.toml:1:17: trust.relays: \"self\" is no IP address or prefix");
}

TEST_CASE("a certificate is a pair of subject and issuer", "[config]") {
  CHECK(Problems("[trust]\ncertificates = [{ subject = \"a\", isuer = \"b\" }]") ==
        "mxward.toml:2:17: trust.certificates: a certificate needs its issuer as well\n"
        "mxward.toml:2:34: trust.certificates: a certificate has \"subject\" and \"issuer\", no "
        "\"isuer\"; did you mean \"issuer\"?");
  CHECK(Problems("[trust]\ncertificates = [{ subject = \"\", issuer = 3 }]") ==
        "mxward.toml:2:29: trust.certificates: subject needs a text that is not empty; found the "
        "text \"\"\n"
        "mxward.toml:2:42: trust.certificates: issuer needs a text that is not empty; found the "
        "integer 3");
  CHECK(Problems("[trust]\ncertificates = [\"a\"]") ==
        "mxward.toml:2:17: trust.certificates: needs a list of tables with subject and issuer, "
        "such as [{ subject = \"mail.example.org\", issuer = \"Example CA\" }]; found the text "
        "\"a\" in it");
}

TEST_CASE("options that do not go together are named with both values", "[config]") {
  CHECK(Problems("[greylist]\ndelay = \"1h\"\nretry_window = \"60m\"") ==
        "mxward.toml:2:9: greylist.delay = \"1h\" must be shorter than greylist.retry_window = "
        "\"1h\"");
  CHECK(Problems("[greylist]\nretry_window = \"1m\"") ==
        "mxward.toml:2:16: greylist.delay = \"4m\" must be shorter than greylist.retry_window = "
        "\"1m\"");
  CHECK(Problems("[greylist]\nlifetime = \"3m\"") ==
        "mxward.toml:2:12: greylist.lifetime = \"3m\" must be at least as long as greylist.delay "
        "= \"4m\"");
  CHECK(Problems("[score]\ngreylist = 11") ==
        "mxward.toml:2:12: score.greylist = 11 must be at most score.reject = 10");
  CHECK(Problems("[store]\nmap_size = \"16G\"") ==
        "mxward.toml:2:12: store.map_size = \"16G\" must be at most store.map_size_max = \"8G\"");
  CHECK(Problems("[milter]\nlisten = \"unix:/run/mxward/control.sock\"") ==
        "mxward.toml:2:10: milter.listen = \"unix:/run/mxward/control.sock\" must be another "
        "socket than control.socket = \"/run/mxward/control.sock\"");
}

TEST_CASE("all problems are told in one go, in the order of the file", "[config]") {
  CHECK(
      Problems("mode = \"off\"\n"
               "delay = \"4m\"\n"
               "[greylist]\n"
               "network_v6 = 15\n"
               "identities = [\"nam\", \"x\"]\n"
               "[log]\n"
               "frmat = \"json\"\n") ==
      "mxward.toml:1:8: mode: must be \"enforce\" or \"observe\"; found the text \"off\"\n"
      "mxward.toml:2:1: unknown key \"delay\" at the top of the file, before the first [section]; "
      "it belongs in [greylist] or in [[rule]]\n"
      "mxward.toml:4:14: greylist.network_v6: must be from 16 to 128; found 15\n"
      "mxward.toml:5:15: greylist.identities: must be a list with any of \"name\", \"network\" and "
      "\"spf\"; found the text "
      "\"nam\"; did you mean \"name\"?\n"
      "mxward.toml:5:22: greylist.identities: must be a list with any of \"name\", \"network\" and "
      "\"spf\"; found the text "
      "\"x\"\n"
      "mxward.toml:7:1: unknown key \"frmat\" in [log]; did you mean \"format\"?");
}

TEST_CASE("a line that is no TOML does not hide what is wrong below it", "[config]") {
  const std::string problems = Problems("[greylist]\ndelay = 4m\nnetwork_v6 = 15\n");
  CHECK(problems.starts_with("mxward.toml:2:10: invalid TOML: "));
  CHECK_THAT(problems, HasText("; write delay = \"4m\"\n"
                               "mxward.toml:3:14: greylist.network_v6: must be from 16 to 128"));
}

}  // namespace
}  // namespace mxward
