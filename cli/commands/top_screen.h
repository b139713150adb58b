// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/output/output.h"
#include "cli/output/terminal.h"
#include "control/json.h"

namespace mxward::cli {

// What the API says at one moment, for `top`.
struct TopSample {
  MonoTime taken{};
  Json status;
  Json stats;
  Json limits;
  Json recent;
};

// The most that is asked for: a screen has no room for more.
inline constexpr int kTopLimits = 5;
inline constexpr int kTopClients = 100;

// A piece of a line in one colour; printable already.
struct Piece {
  std::string text;
  Color color = Color::kNone;
};
using TopLine = std::vector<Piece>;

// The screen at `now`, rates being those since the sample before. At most size.rows lines of at
// most size.columns characters. Pure.
std::vector<TopLine> TopScreen(const TopSample& before, const TopSample& now, WallTime wall,
                               Terminal::Size size);

}  // namespace mxward::cli
