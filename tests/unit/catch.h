// SPDX-License-Identifier: Apache-2.0
#pragma once

// Catch2, whichever of its two generations the system has (Debian 12: 2.13, Debian 13: 3), and what
// the two call differently.
#if __has_include(<catch2/catch.hpp>)
#include <catch2/catch.hpp>
#else
#include <catch2/catch_all.hpp>
#endif

#include <string>

namespace mxward {

#if !__has_include(<catch2/catch.hpp>)
using Catch::Approx;
#endif

// CHECK_THAT(text, HasText("part of it"));
inline auto HasText(const std::string& part) {
#if __has_include(<catch2/catch.hpp>)
  return Catch::Matchers::Contains(part);
#else
  return Catch::Matchers::ContainsSubstring(part);
#endif
}

}  // namespace mxward
