// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/goals.h"

#include <cstdio>
#include <utility>

namespace mxward {

void Goals::Add(std::string what, std::string unit, double is, double goal, bool at_most) {
  goals_.push_back({std::move(what), std::move(unit), is, goal, at_most});
}

void Goals::Print() const {
  std::printf("\ngoals\n");
  for (const Goal& goal : goals_) {
    const bool met = goal.at_most ? goal.is <= goal.goal : goal.is >= goal.goal;
    std::printf("    %-52s %8.2f %-2s goal %s %.2f  %s\n", goal.what.c_str(), goal.is,
                goal.unit.c_str(), goal.at_most ? "<=" : ">=", goal.goal, met ? "met" : "MISSED");
  }
}

}  // namespace mxward
