// SPDX-License-Identifier: Apache-2.0
#include "outcomes/summary.h"

#include <string>

#include "catch.h"

namespace mxward::outcomes {
namespace {

Row DeferredRow(std::uint32_t deferred, std::uint32_t back, std::uint32_t never) {
  Row row;
  row.counts = {deferred, back, never, 0, 0, 0};
  return row;
}

TEST_CASE("days add up by name", "[outcomes]") {
  Summary summary;
  summary.AddDay({{{7, Kind::kTotals, ""}, DeferredRow(5, 2, 1)},
                  {{7, Kind::kOrganisation, "example.org"}, DeferredRow(4, 2, 1)},
                  {{7, Kind::kOrganisation, ""}, DeferredRow(1, 0, 0)}});
  summary.AddDay({{{8, Kind::kTotals, ""}, DeferredRow(3, 0, 0)},
                  {{8, Kind::kOrganisation, "example.org"}, DeferredRow(3, 0, 0)}});
  CHECK(summary.totals() == DeferredRow(8, 2, 1));
  CHECK(summary.of(Kind::kOrganisation).size() == 2);
  CHECK(summary.of(Kind::kOrganisation).at("example.org") == DeferredRow(7, 2, 1));
  CHECK(StillOut(summary.totals()) == 5);
}

TEST_CASE("who came back or was lost had been deferred, counted or not", "[outcomes]") {
  Summary summary;
  summary.AddDay({{{7, Kind::kTotals, ""}, DeferredRow(0, 2, 1)}});
  summary.AddDay({{{8, Kind::kTotals, ""}, DeferredRow(4, 1, 0)}});
  CHECK(summary.totals() == DeferredRow(7, 3, 1));
  CHECK(StillOut(summary.totals()) == 3);
}

TEST_CASE("the finding that was there most often with another", "[outcomes]") {
  Row twice;
  twice.counts[kMessages] = 2;
  Row once;
  once.counts[kMessages] = 1;
  const std::map<std::string, Row> pairs = {
      {Joined("dnsbl:a", "dnsbl:b"), once}, {Joined("dnsbl:a", "rdns-none"), twice}, {"", twice}};
  CHECK(CompanionOf(pairs, "dnsbl:a").name == "rdns-none");
  CHECK(CompanionOf(pairs, "dnsbl:a").messages == 2);
  CHECK(CompanionOf(pairs, "dnsbl:b").name == "dnsbl:a");
  CHECK(CompanionOf(pairs, "dnsbl:c").name.empty());
}

}  // namespace
}  // namespace mxward::outcomes
