// SPDX-License-Identifier: Apache-2.0
#include "metrics/exposition.h"

#include <array>

#include "catch.h"

namespace mxward::metrics {
namespace {

using Micros = std::chrono::microseconds;
using Type = Exposition::Type;

TEST_CASE("a family has its help and type before its samples", "[metrics]") {
  Exposition out;
  out.Single("mxward_x_total", Type::kCounter, "How many.", std::uint64_t{7});
  out.Family("mxward_y", Type::kGauge, "By two things.");
  out.Sample({{"a", "1"}, {"b", "2"}}, std::uint64_t{3});
  out.Sample({{"a", "2"}, {"b", ""}}, Micros(1500000));
  CHECK(out.Take() ==
        "# HELP mxward_x_total How many.\n"
        "# TYPE mxward_x_total counter\n"
        "mxward_x_total 7\n"
        "# HELP mxward_y By two things.\n"
        "# TYPE mxward_y gauge\n"
        "mxward_y{a=\"1\",b=\"2\"} 3\n"
        "mxward_y{a=\"2\",b=\"\"} 1.5\n");
}

TEST_CASE("whatever a label holds, it stays in its quotes", "[metrics]") {
  Exposition out;
  out.Family("m", Type::kGauge, "A \\ and a\nline, \"quoted\".");
  out.Sample({{"l", "\"} 1\nfake 2 \\"}}, std::uint64_t{0});
  CHECK(out.Take() ==
        "# HELP m A \\\\ and a\\nline, \"quoted\".\n"
        "# TYPE m gauge\n"
        "m{l=\"\\\"} 1\\nfake 2 \\\\\"} 0\n");
}

TEST_CASE("a histogram's buckets add up", "[metrics]") {
  static constexpr std::array<Micros, 2> kBounds = {Micros(500), Micros(1000000)};
  Histogram histogram{kBounds};
  for (const int value : {100, 400, 600, 2000000}) histogram.Observe(Micros(value));
  Exposition out;
  out.Family("d_seconds", Type::kHistogram, "D.");
  out.Sample({{"l", "x"}}, histogram.Read());
  CHECK(out.Take() ==
        "# HELP d_seconds D.\n"
        "# TYPE d_seconds histogram\n"
        "d_seconds_bucket{l=\"x\",le=\"0.0005\"} 2\n"
        "d_seconds_bucket{l=\"x\",le=\"1\"} 3\n"
        "d_seconds_bucket{l=\"x\",le=\"+Inf\"} 4\n"
        "d_seconds_sum{l=\"x\"} 2.0011\n"
        "d_seconds_count{l=\"x\"} 4\n");
}

TEST_CASE("seconds are written exactly", "[metrics]") {
  std::int64_t micros = 0;
  std::string text;
  std::tie(micros, text) = GENERATE(table<std::int64_t, std::string>({
      {0, "0"},
      {1, "0.000001"},
      {250000, "0.25"},
      {1000000, "1"},
      {1234567, "1.234567"},
      {172800000000, "172800"},
      {1767571200000001, "1767571200.000001"},
      {-500000, "-0.5"},
      {-2500000, "-2.5"},
  }));
  CHECK(SecondsText(Micros(micros)) == text);
}

}  // namespace
}  // namespace mxward::metrics
