// SPDX-License-Identifier: Apache-2.0
// A subscriber key, and a zone with one in it, stand in the config file and nowhere else.
#include <algorithm>

#include "base/text.h"
#include "catch.h"
#include "config/dump.h"
#include "config/loader.h"
#include "tests/unit/config/load.h"
#include "tests/unit/config/problems.h"

namespace mxward {
namespace {

constexpr std::string_view kSecrets =
    "[[dnsbl]]\nprofile = \"spamhaus-zen\"\nkey = \"s3cret\"\n"
    "[[dnsbl]]\nprofile = \"spamhaus-dbl-dqs\"\nkey = \"S3CRET\"\nobserve = true\n"
    "[[dnsbl]]\nzone = \"{key}.bl.example.net\"\nkey = \"s3cret-2\"\n"
    "codes = { \"127.0.0.2\" = 4 }\n";

bool Tells(std::string_view text) { return ToLower(text).find("s3cret") != std::string::npos; }

TEST_CASE("the test's secrets are asked for", "[config]") {
  const Config config = Load(kSecrets);
  REQUIRE(config.dnsbl.size() == 3);
  CHECK(config.dnsbl[0].zone == "s3cret.zen.dq.spamhaus.net");
  CHECK(config.dnsbl[1].zone == "s3cret.dbl.dq.spamhaus.net");
  CHECK(config.dnsbl[2].zone == "s3cret-2.bl.example.net");
  for (const DnsblConfig& list : config.dnsbl) {
    CHECK_FALSE(Tells(list.public_zone));
    CHECK_FALSE(Tells(list.name));
  }
}

TEST_CASE("a dump leaves a key out, and says so", "[config]") {
  const Config config = Load(kSecrets);
  for (const bool only_changed : {false, true}) {
    const std::string dump = DumpToml(config, only_changed);
    CHECK_FALSE(Tells(dump));
    CHECK_THAT(dump, HasText("# The key is left out on purpose. Without it this does not load.\n"
                             "#key = \"...\"\n"));
    CHECK_THAT(dump, HasText("zone = \"{key}.zen.dq.spamhaus.net\""));
    CHECK_THAT(dump, HasText("zone = \"{key}.bl.example.net\""));
  }
}

TEST_CASE("a dump with a key does not load until the key is put in", "[config]") {
  const Config config = Load("[[dnsbl]]\nprofile = \"spamhaus-zen\"\nkey = \"s3cret\"\nweight = 5");
  for (const bool only_changed : {false, true}) {
    std::string dump = DumpToml(config, only_changed);
    CHECK_THAT(Problems(dump), HasText(":1: dnsbl.key: is missing: this list needs a subscriber "
                                       "key, such as key = \"abc123\""));
    CHECK(Problems(dump).find('\n') == std::string::npos);
    dump.replace(dump.find("#key = \"...\""), 12, "key = \"s3cret\"");
    CHECK(Load(dump) == config);
  }
}

TEST_CASE("what is shown in place of a key is none", "[config]") {
  CHECK(Problems("[[dnsbl]]\nprofile = \"spamhaus-zen\"\nkey = \"<hidden>\"") ==
        "mxward.toml:3:7: dnsbl.key: is what is shown in place of a key; put your own key here");
}

TEST_CASE("the list of options shows no key", "[config]") {
  int hidden = 0;
  for (const ListedOption& option : ListOptions(Load(kSecrets))) {
    CHECK_FALSE(Tells(option.section + option.key + option.value + option.default_value));
    if (option.key == "key") hidden += static_cast<int>(option.value == "\"<hidden>\"");
  }
  CHECK(hidden == 3);
}

TEST_CASE("a difference says that a key changed and not to what", "[config]") {
  const std::string entry = "[[dnsbl]]\nprofile = \"spamhaus-zen-dqs\"\nkey = ";
  const Config before = Load(entry + "\"s3cret\"");
  const Config after = Load(entry + "\"s3cret-2\"");
  const auto changes = Difference(before, after);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].name == "dnsbl \"spamhaus-zen-dqs\".key");
  CHECK(changes[0].before == "\"<hidden>\"");
  CHECK(changes[0].after == "\"<hidden>\"");
  CHECK(Difference(before, before).empty());
  for (const ChangedOption& change : Difference(Load(""), after)) {
    CHECK_FALSE(Tells(change.name + change.before + change.after));
  }
  for (const ChangedOption& change : Difference(after, Load(""))) {
    CHECK_FALSE(Tells(change.name + change.before + change.after));
  }
  const Config keyless = Load("[[dnsbl]]\nname = \"spamhaus-zen-dqs\"\nprofile = \"spamhaus-zen\"");
  for (const ChangedOption& change : Difference(keyless, after)) {
    CHECK_FALSE(Tells(change.name + change.before + change.after));
  }
}

TEST_CASE("no mistake about a key or its zone shows it", "[config]") {
  const std::string line = GENERATE(
      as<std::string>(), "key = s3cret", "key = \"s3cret", "key = s3cret\"", "key \"s3cret\"",
      "key: s3cret", "key = 's3cret", "key = 4s3cret", "key = [\"s3cret\"]", "key = [s3cret]",
      "key = { s3cret = 1 }", "key = {\"s3cret\"}", "key = \"s3cret.zen.dq.spamhaus.net\"",
      "key = \"s3cret \"", "key = \"-s3cret\"", "key = \"\\s3cret\"", "key = \"\"\"s3cret",
      "zone = \"s3cret.zen.dq.spamhaus.net\"", "zone = \"s3cret.combined.mail.abusix.zone.\"",
      "zone = \"s3cret..example.net\"", "zone = \"s3cret\"", "zone = s3cret.example.net",
      "zone = \"-s3cret.example.net\"", "zone = \"s3cret.{key}.example.net\"",
      "zone = [\"s3cret\"]", "zone_with_key = \"s3cret_..\"", "\"key = s3cret", "Key = s3cret");
  for (const std::string_view head :
       {"[[dnsbl]]\nprofile = \"spamhaus-zen\"\n", "[[dnsbl]]\n", "", "[dnsbl]\n"}) {
    const std::string problems = Problems(std::string(head) + line + "\n");
    INFO(problems);
    CHECK(problems != "");
    CHECK_FALSE(Tells(problems));
  }
}

TEST_CASE("a number as a key is not shown either", "[config]") {
  for (const std::string_view value :
       {"5551234", "5551234.5", "55512349999999999999999", "05551234", "5551234x", "0x5551234z"}) {
    const std::string problems =
        Problems("[[dnsbl]]\nprofile = \"spamhaus-zen\"\nkey = " + std::string(value) + "\n");
    INFO(problems);
    CHECK(problems != "");
    CHECK(problems.find("5551234") == std::string::npos);
  }
}

}  // namespace
}  // namespace mxward
