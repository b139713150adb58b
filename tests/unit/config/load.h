// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <utility>

#include "config/loader.h"
#include "tests/unit/catch.h"

namespace mxward {

// The config of a file that holds this text. Ends the test when something is wrong with it.
inline Config Load(std::string_view text) {
  LoadResult loaded = ParseConfig(text, "f");
  if (!loaded) FAIL(loaded.error().front().ToString());
  return *std::move(loaded);
}

}  // namespace mxward
