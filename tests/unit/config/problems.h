// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "config/loader.h"

namespace mxward {

// What is wrong with a file, a line for each problem; "" for a good one.
inline std::string Problems(std::string_view text) {
  const LoadResult loaded = ParseConfig(text, "mxward.toml");
  std::string out;
  if (!loaded) {
    for (const ConfigProblem& problem : loaded.error()) {
      out += (out.empty() ? "" : "\n") + problem.ToString();
    }
  }
  return out;
}

}  // namespace mxward
