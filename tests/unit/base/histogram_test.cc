// SPDX-License-Identifier: Apache-2.0
#include "base/histogram.h"

#include <array>
#include <thread>

#include "catch.h"

namespace mxward {
namespace {

using Micros = Histogram::Micros;
using Counts = std::vector<std::uint64_t>;

constexpr std::array<Micros, 3> kBounds = {Micros(10), Micros(20), Micros(50)};

TEST_CASE("a duration counts at the first bound that it does not exceed", "[base]") {
  Histogram histogram{kBounds};
  for (const int value : {0, 10, 11, 20, 49, 50, 51, 1000000}) histogram.Observe(Micros(value));
  const auto reading = histogram.Read();
  CHECK(reading.counts == Counts{2, 2, 2, 2});
  CHECK(reading.sum == Micros(1000191));
  CHECK(reading.bounds.size() == 3);
}

TEST_CASE("a duration below nothing counts as nothing", "[base]") {
  Histogram histogram{kBounds};
  histogram.Observe(Micros(-5));
  CHECK(histogram.Read().counts == Counts{1, 0, 0, 0});
  CHECK(histogram.Read().sum == Micros(0));
}

TEST_CASE("what several threads observe is all there", "[base]") {
  Histogram histogram{kBounds};
  const auto work = [&histogram] {
    for (int i = 0; i < 10000; ++i) histogram.Observe(Micros(i % 60));
  };
  std::thread other(work);
  work();
  other.join();
  std::uint64_t all = 0;
  for (const std::uint64_t count : histogram.Read().counts) all += count;
  CHECK(all == 20000);
}

}  // namespace
}  // namespace mxward
