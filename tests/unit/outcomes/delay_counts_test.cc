// SPDX-License-Identifier: Apache-2.0
#include "outcomes/delay_counts.h"

#include <limits>
#include <vector>

#include "catch.h"

namespace mxward::outcomes {
namespace {

DelayCounts CountsOf(const std::vector<int>& seconds) {
  DelayCounts delays;
  for (const int one : seconds) delays.Add(Seconds(one));
  return delays;
}

TEST_CASE("delays are counted between their bounds", "[outcomes]") {
  const DelayCounts delays = CountsOf({-5, 0, 60, 61, 300, 301, 172800, 172801, 10000000});
  CHECK(delays.count(0) == 3);
  CHECK(delays.count(1) == 1);
  CHECK(delays.count(4) == 1);
  CHECK(delays.count(5) == 1);
  CHECK(delays.count(23) == 1);
  CHECK(delays.count(24) == 2);
  CHECK(delays.total() == 9);
}

TEST_CASE("percentiles of delays are near what was counted", "[outcomes]") {
  struct Case {
    std::vector<int> seconds;
    unsigned percent;
    int least;
    int most;
  };
  const std::vector<Case> cases = {
      {{}, 50, 0, 0},
      {{290}, 50, 241, 300},
      {{290}, 95, 241, 300},
      {{290, 290, 290, 3500}, 50, 241, 300},
      {{290, 290, 290, 3500}, 95, 2701, 3600},
      {{400, 400, 400, 400, 400, 400, 400, 400, 400, 400,
        400, 400, 400, 400, 400, 400, 400, 400, 400, 90000},
       95,
       361,
       420},
      {{500000}, 50, 172800, 172800},  // no more than that is known of it
  };
  for (const Case& one : cases) {
    CAPTURE(one.seconds, one.percent);
    const auto value = CountsOf(one.seconds).Percentile(one.percent).count();
    CHECK(value >= one.least);
    CHECK(value <= one.most);
  }
}

TEST_CASE("a percentile lies further up between two bounds the more are below it", "[outcomes]") {
  DelayCounts delays;
  delays.AddTo(5, 100);  // 301 to 360 s
  CHECK(delays.Percentile(50) == Seconds(330));
  CHECK(delays.Percentile(100) == Seconds(360));
}

TEST_CASE("delays add up, and a full count stays full", "[outcomes]") {
  DelayCounts delays = CountsOf({100, 200});
  delays.Add(CountsOf({100, 7000}));
  CHECK(delays == CountsOf({100, 100, 200, 7000}));
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  delays.AddTo(0, kMost);
  delays.Add(delays);
  CHECK(delays.count(0) == kMost);
}

}  // namespace
}  // namespace mxward::outcomes
