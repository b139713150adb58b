// SPDX-License-Identifier: Apache-2.0
#include "config/changes.h"

#include "config/loader.h"
#include "tests/unit/catch.h"

namespace mxward {
namespace {

Config Changed(std::string_view text, const std::vector<std::string>& changes) {
  LoadResult loaded = ParseConfig(text, "f", changes);
  if (!loaded) FAIL(loaded.error().front().ToString());
  return *std::move(loaded);
}

std::string Refused(std::string_view text, const std::string& change) {
  const LoadResult loaded = ParseConfig(text, "f", {change});
  if (loaded) return "taken";
  std::string problems;
  for (const ConfigProblem& problem : loaded.error()) problems += problem.ToString() + "\n";
  return problems;
}

TEST_CASE("a change counts instead of what the file says", "[config]") {
  constexpr std::string_view kFile = "[score]\ntls_none = 3\nreject = 8\n";
  const Config config = Changed(kFile, {"score.tls_none=0", "greylist.delay=7m", " mode = observe ",
                                        "trust.networks=[\"192.0.2.0/24\"]", "score.tls_none=1"});
  CHECK(config.score.tls_none == 1);
  CHECK(config.score.reject == 8);
  CHECK(config.greylist.delay == Seconds(420));
  CHECK(config.mode == Mode::kObserve);
  CHECK(config.trust.networks.size() == 1);
}

TEST_CASE("a change of an entry names it", "[config]") {
  constexpr std::string_view kFile =
      "[[rule]]\nname = \"one\"\nadd_score = 1\n[[rule]]\nname = \"2.0 x\"\nadd_score = 2\n"
      "[[dnsbl]]\nzone = \"bl.example.org\"\nweight = 3\ncodes = [\"127.0.0.2\"]\n";
  const Config config = Changed(kFile, {"rule.one.observe=true", "rule.\"2.0 x\".add_score=5",
                                        "dnsbl.\"bl.example.org\".ipv6=false"});
  CHECK(config.rule.at(0).observe);
  CHECK(config.rule.at(1).add_score == 5);
  CHECK_FALSE(config.dnsbl.at(0).ipv6);
  CHECK(Changed(kFile, {"rule=[]"}).rule.empty());
  CHECK(Refused(kFile, "rule.three.observe=true") ==
        "--set rule.three.observe: no [[rule]] is called \"three\"\n");
  CHECK(Refused("", "limit.x.rate=1/1h") == "--set limit.x.rate: no [[limit]] is called \"x\"\n");
  CHECK(Refused(kFile, "rule.one=3") == "--set rule.one: write rule.NAME.OPTION=VALUE\n");
}

TEST_CASE("a change is checked like the file, and named by its option", "[config]") {
  CHECK_THAT(Refused("", "score.tls-none=0"),
             HasText("--set score.tls-none: unknown key \"tls-none\" in [score]; did you "
                     "mean \"tls_none\"?"));
  CHECK_THAT(Refused("", "tls_none=0"), HasText("it belongs in [score]"));
  CHECK_THAT(Refused("", "scores.tls_none=0"), HasText("did you mean [score]?"));
  CHECK_THAT(Refused("", "score.tls_none=many"), HasText("--set score.tls_none: "));
  CHECK_THAT(Refused("", "greylist.delay=5 parsecs"), HasText("--set greylist.delay: "));
  // What does not go together is a problem of the change, not of the file.
  CHECK_THAT(Refused("[greylist]\ndelay = \"5m\"\n", "greylist.retry_window=1m"),
             HasText("retry_window"));
  for (const char* change : {"score.tls_none", "=3", "score.tls_none=", "a\n=1", ""}) {
    CHECK_THAT(Refused("", change), HasText("write OPTION=VALUE"));
  }
  CHECK_THAT(Refused("", "greylist.delay=[1"), HasText("--set greylist.delay: "));
  // The file has its own place.
  CHECK_THAT(Refused("[score]\nx = 1\n", "score.tls_none=0"), HasText("f:2:1: "));
}

TEST_CASE("the value of a change, which may be a secret, is not repeated as its name", "[config]") {
  CHECK(NameOfChange("dnsbl.zen.key=c0ffee") == "dnsbl.zen.key");
}

}  // namespace
}  // namespace mxward
