// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace mxward {

// What was promised and what was measured, printed at the end.
class Goals {
 public:
  // scale of `is` and `goal` is theirs; unit is only printed.
  void Add(std::string what, std::string unit, double is, double goal, bool at_most);
  void Print() const;

 private:
  struct Goal {
    std::string what;
    std::string unit;
    double is;
    double goal;
    bool at_most;
  };
  std::vector<Goal> goals_;
};

}  // namespace mxward
