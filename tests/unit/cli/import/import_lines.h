// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cli/import/format.h"
#include "control/transfer.h"
#include "tests/fake/times.h"
#include "tests/unit/catch.h"

namespace mxward::cli {

inline const ImportFormat& Format(std::string_view name) {
  for (const ImportFormat& format : ImportFormats()) {
    if (format.name == name) return format;
  }
  throw std::runtime_error("no such format");
}

inline std::vector<Imported> Read(std::string_view format, const std::vector<std::string>& lines,
                                  std::optional<Seconds> delay = std::nullopt) {
  std::vector<Imported> all;
  const auto reader = Format(format).make({kNow, delay});
  for (const std::string& line : lines) {
    reader->Read(line, [&](Imported one) { all.push_back(std::move(one)); });
  }
  return all;
}

// The one record of these lines.
inline Json Record(std::string_view format, const std::vector<std::string>& lines,
                   std::optional<Seconds> delay = std::nullopt) {
  const auto all = Read(format, lines, delay);
  REQUIRE(all.size() == 1);
  CAPTURE(all[0].text);
  REQUIRE(all[0].kind == Imported::Kind::kRecord);
  const auto json = ParseJson(all[0].text);
  REQUIRE(json);
  // The API can read it.
  CHECK(control::ParseTransferRecord(*json));
  return *json;
}

}  // namespace mxward::cli
