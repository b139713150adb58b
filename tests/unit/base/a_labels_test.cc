// SPDX-License-Identifier: Apache-2.0
#include "base/a_labels.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace mxward {
namespace {

std::string Times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

TEST_CASE("an internationalised domain is asked about in A-labels", "[base]") {
  struct Row {
    std::string domain;
    const char* expected;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"m\xc3\xbcller.example", "xn--mller-kva.example", "one label of two"},
      {"m\xc3\xbcller.example.", "xn--mller-kva.example.", "an absolute name"},
      {"M\xc3\x9cLLER.EXAMPLE", "xn--mller-kva.example", "case, of both kinds"},
      {"mu\xcc\x88ller.example", "xn--mller-kva.example", "a combining diaeresis"},
      {"fa\xc3\x9f.example", "xn--fa-hia.example", "sharp s: transitional processing makes it ss"},
      {"\xcf\x82.example", "xn--3xa.example", "final sigma stays one as well"},
      {"\xe5\x85\xac\xe5\x8f\xb8\xe3\x80\x82"
       "cn",
       "xn--55qx5d.cn", "an ideographic full stop"},
      {"\xef\xbd\x81\xef\xbd\x82.example", "ab.example", "fullwidth letters are ASCII"},
      {"mail.my_host.m\xc3\xbcller.example", "mail.my_host.xn--mller-kva.example",
       "an underscore beside it"},
      {"xn--bcher-kva.m\xc3\xbcller.example", "xn--bcher-kva.xn--mller-kva.example",
       "an A-label beside it"},
      {"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d.example", "xn--9dbne9b.example", "right to left"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.domain, row.why);
    CHECK(ToALabels(row.domain) == row.expected);
  }
}

TEST_CASE("what is no internationalised domain has no A-labels", "[base]") {
  struct Row {
    std::string domain;
    const char* why;
  };
  const std::vector<Row> rows = {
      {"", "nothing"},
      {"example.org", "ASCII: nothing to convert"},
      {"m\xfcller.example", "Latin-1"},
      {"m\xc3.example", "a sequence cut short"},
      {"m\xc0\xafller.example", "an overlong sequence"},
      {"m\xed\xa0\x80ller.example", "half a surrogate pair"},
      {"m\xf4\x90\x80\x80ller.example", "beyond Unicode"},
      {std::string("m\xc3\xbcller.example\0.org", 20), "NUL: not the name in front of it"},
      {"\xf0\x9f\x98\x80\xe2\x80\x8d.example", "an emoji and a joiner"},
      {"\xe2\x80\xaeorg.elpm\xc3\xbc", "a direction override"},
      {"\xcc\x88m.example", "a combining mark in front"},
      {"xn--nonsense-.m\xc3\xbcller.example", "an A-label that is none beside it"},
      {Times(60, "\xc3\xbc") + ".example", "a label that becomes longer than 63"},
      {Times(20, Times(10, "\xc3\xbc") + ".") + "example", "a name that becomes longer than 253"},
      {Times(a_labels::kMaxInput, "a") + "\xc3\xbc", "too long to try"},
      {Times(500000, "\xc3\xbc"), "a megabyte"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.domain.substr(0, 80), row.why);
    CHECK(ToALabels(row.domain) == std::nullopt);
  }
}

TEST_CASE("any bytes can be tried", "[base]") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const std::vector<std::string> parts = {"a",
                                          "-",
                                          ".",
                                          "xn--",
                                          "\xc3\xbc",
                                          "\xc3",
                                          "\xe2\x80\x8d",
                                          "\xe3\x80\x82",
                                          "\xf0\x9f\x98\x80",
                                          "1",
                                          "_",
                                          "%",
                                          " ",
                                          "\xff",
                                          "\xcc\x88",
                                          "\xd7\xa9",
                                          "\xef\xbc\x8e",
                                          "@"};
  for (int i = 0; i < 5000; ++i) {
    std::string domain;
    for (std::size_t length = random() % 40; length > 0; --length) {
      domain += parts[random() % parts.size()];
    }
    CAPTURE(domain);
    if (const auto converted = ToALabels(domain)) CHECK(ToALabels(*converted) == std::nullopt);
  }
}

}  // namespace
}  // namespace mxward
