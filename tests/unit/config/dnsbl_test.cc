// SPDX-License-Identifier: Apache-2.0
#include "catch.h"
#include "config/loader.h"
#include "tests/unit/config/problems.h"

namespace mxward {
namespace {

std::vector<DnsblConfig> Lists(const std::string& text) {
  const LoadResult loaded = ParseConfig(text, "f");
  if (!loaded) FAIL(loaded.error().front().ToString());
  return loaded->dnsbl;
}

DnsblConfig List(const std::string& keys) {
  const auto lists = Lists("[[dnsbl]]\n" + keys);
  REQUIRE(lists.size() == 1);
  return lists.front();
}

IpAddress Answer(std::string_view text) { return *IpAddress::Parse(text); }

TEST_CASE("a list of one's own needs a zone and codes", "[config]") {
  const DnsblConfig list = List(
      "name = \"house list\"\nzone = \"BL.Example.NET.\"\n"
      "codes = { \"127.0.0.2\" = 4, \"127.0.0.[3..9]\" = 8 }\n");
  CHECK(list.name == "house list");
  CHECK(list.profile.empty());
  CHECK(list.zone == "bl.example.net");
  CHECK(list.public_zone == "bl.example.net");
  CHECK(list.AboutClients());
  CHECK(list.ipv4);
  CHECK(list.ipv6);
  REQUIRE(list.codes.size() == 2);
  CHECK(list.codes[0].score == 4);
  CHECK(list.codes[0].filter.Matches(Answer("127.0.0.2")));
  CHECK(list.codes[1].score == 8);
  CHECK(list.codes[1].filter.Matches(Answer("127.0.0.9")));
  CHECK(list.refusals.empty());
  CHECK_FALSE(list.observe);
  CHECK(list.MaxScore() == 8);
  CHECK(list.MinScore() == 0);
}

TEST_CASE("test points are those of RFC 5782 until an entry says otherwise", "[config]") {
  const std::string described = "zone = \"bl.example.net\"\nweight = 1\ncodes = [\"127.0.0.2\"]\n";
  const DnsblConfig plain = List(described);
  CHECK(plain.listed_v4 == "2.0.0.127");
  CHECK(plain.unlisted_v4 == "1.0.0.127");
  CHECK(plain.listed_v6 == "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0");
  CHECK(plain.unlisted_v6 == "1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0");
  CHECK(plain.listed_name.empty());
  const DnsblConfig changed = List(described +
                                   "listed_v4 = \"192.0.2.77\"\nunlisted_v4 = \"\"\n"
                                   "listed_v6 = \"2001:db8::a\"\n");
  CHECK(changed.listed_v4 == "77.2.0.192");
  CHECK(changed.unlisted_v4.empty());
  CHECK(changed.listed_v6 == "a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2");
  const DnsblConfig names = List(described + "of = \"helo\"\n");
  CHECK(names.listed_v4.empty());
  CHECK(names.unlisted_v6.empty());
  CHECK(names.listed_name == "test");
  CHECK(names.unlisted_name == "invalid");
  const DnsblConfig v4 = List(described + "ipv6 = false\n");
  CHECK(v4.listed_v4 == "2.0.0.127");
  CHECK(v4.listed_v6.empty());
  CHECK(v4.unlisted_v6.empty());
}

TEST_CASE("codes have a score of their own, a meaning, both, or count the weight", "[config]") {
  const DnsblConfig list = List(
      "zone = \"bl.example.net\"\nweight = -3\n"
      "codes.\"127.0.0.2\" = 4\n"
      "codes.\"127.0.0.3\" = \"plain\"\n"
      "codes.\"127.0.0.4\" = { score = 0, meaning = \"both\" }\n"
      "codes.\"127.0.0.5\" = { meaning = \"one\" }\n");
  REQUIRE(list.codes.size() == 4);
  CHECK(list.codes[0].score == 4);
  CHECK(list.codes[0].meaning.empty());
  CHECK(list.codes[1].score == -3);
  CHECK(list.codes[1].meaning == "plain");
  CHECK(list.codes[2].score == 0);
  CHECK(list.codes[2].meaning == "both");
  CHECK(list.codes[3].score == -3);
  CHECK(list.MaxScore() == 4);
  CHECK(list.MinScore() == -3);
}

TEST_CASE("a list of filters counts the weight for each", "[config]") {
  const DnsblConfig list =
      List("zone = \"bl.example.net\"\nweight = 5\ncodes = [\"127.0.0.2\", \"127.0.1.*\"]\n");
  REQUIRE(list.codes.size() == 2);
  CHECK(list.codes[0].score == 5);
  CHECK(list.codes[1].score == 5);
}

TEST_CASE("what a list is asked about is a word or several", "[config]") {
  const std::string described = "zone = \"bl.example.net\"\nweight = 1\ncodes = [\"127.0.0.2\"]\n";
  CHECK(List(described + "of = \"sender-domain\"").of == std::vector{DnsblOf::kSenderDomain});
  CHECK(List(described + "of = [\"client\"]").of == std::vector{DnsblOf::kClient});
  CHECK(List(described + "of = [\"helo\", \"client-name\", \"helo\"]").of ==
        std::vector{DnsblOf::kHelo, DnsblOf::kClientName});
}

TEST_CASE("a list without a name is called after its profile or its zone", "[config]") {
  CHECK(List("zone = \"bl.example.net\"\ncodes = { \"127.0.0.2\" = 1 }").name == "bl.example.net");
  CHECK(List("zone = \"{key}.bl.example.net\"\nkey = \"s3cret\"\ncodes = { \"127.0.0.2\" = 1 }")
            .name == "bl.example.net");
  CHECK(List("profile = \"psbl\"").name == "psbl");
  CHECK(List("profile = \"psbl\"\nname = \"My PSBL\"").name == "My PSBL");
}

TEST_CASE("an entry's keys take the place of its profile's", "[config]") {
  const DnsblConfig plain = List("profile = \"spamhaus-dbl\"");
  CHECK(plain.profile == "spamhaus-dbl");
  CHECK(plain.zone == "dbl.spamhaus.org");
  CHECK(plain.MaxScore() == 6);
  const DnsblConfig heavier = List("profile = \"spamhaus-dbl\"\nweight = 8\nof = \"helo\"");
  CHECK(heavier.of == std::vector{DnsblOf::kHelo});
  CHECK(heavier.codes.front().score == 8);
  CHECK(heavier.codes.back().score == 1);  // abused domains keep theirs
  CHECK(heavier.refusals == plain.refusals);
  const DnsblConfig mirror = List("profile = \"psbl\"\nzone = \"psbl.example.net\"");
  CHECK(mirror.zone == "psbl.example.net");
  const DnsblConfig codes = List("profile = \"dnswl\"\ncodes = { \"127.0.*.3\" = -4 }");
  REQUIRE(codes.codes.size() == 1);
  CHECK(codes.MinScore() == -4);
  CHECK(List("profile = \"Spamhaus-ZEN\"").profile == "spamhaus-zen");
}

TEST_CASE("with a key another zone may be asked", "[config]") {
  CHECK(List("profile = \"spamhaus-zen\"").zone == "zen.spamhaus.org");
  const DnsblConfig keyed = List("profile = \"spamhaus-zen\"\nkey = \"S3cret\"");
  CHECK(keyed.zone == "s3cret.zen.dq.spamhaus.net");
  CHECK(keyed.public_zone == "zen.dq.spamhaus.net");
  CHECK(keyed.key == "s3cret");
  CHECK(List("profile = \"spamhaus-zen-dqs\"\nkey = \"s3cret\"").zone == keyed.zone);
  const DnsblConfig own =
      List("profile = \"spamhaus-zen\"\nkey = \"s3cret\"\nzone = \"{key}.zen.example.net\"");
  CHECK(own.zone == "s3cret.zen.example.net");
}

TEST_CASE("lists stand in the order of the file, inline or in sections", "[config]") {
  const auto lists =
      Lists("dnsbl = [{ profile = \"psbl\" }, { profile = \"spamcop\", observe = true }]\n");
  REQUIRE(lists.size() == 2);
  CHECK(lists[0].name == "psbl");
  CHECK(lists[1].name == "spamcop");
  CHECK(lists[1].observe);
  CHECK(Lists("dnsbl = []").empty());
  const auto sections = Lists(
      "[[dnsbl]]\nname = \"a\"\nzone = \"a.example.net\"\n[dnsbl.codes]\n\"127.0.0.2\" = 3\n"
      "[[dnsbl]]\nprofile = \"psbl\"\n");
  REQUIRE(sections.size() == 2);
  CHECK(sections[0].codes.front().score == 3);
}

}  // namespace
}  // namespace mxward
