// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "config/config.h"
#include "limits/limits.h"
#include "tests/fake/fake_clock.h"

namespace mxward::limits {

inline constexpr MonoTime kNow{Seconds(1000000)};

inline constexpr HashKey kTestKey = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

inline LimitConfig SomeLimit(LimitCount count, LimitPer per, std::int64_t amount, Seconds period) {
  LimitConfig limit;
  limit.name = "some limit";
  limit.count = count;
  limit.per = per;
  limit.amount = amount;
  limit.period = period;
  limit.burst = amount;
  limit.share = 50;
  limit.prefix_v4 = 24;
  limit.prefix_v6 = 48;
  return limit;
}

inline IpAddress Ip(std::string_view text) { return IpAddress::Parse(text).value(); }

inline Subject From(std::string_view client, std::string_view name = "") {
  Subject subject;
  subject.client = Ip(client);
  subject.client_name = name;
  return subject;
}

inline std::vector<std::string> SaveAll(const Limits& limits) {
  std::vector<std::string> pieces;
  for (std::size_t slice = 0; slice < Limits::kSlices; ++slice) {
    for (std::string& piece : limits.Save(slice)) pieces.push_back(std::move(piece));
  }
  return pieces;
}

struct LimitsFixture {
  FakeClock clock;
  Limits limits{clock, kTestKey, 1 << 20};
};

}  // namespace mxward::limits
