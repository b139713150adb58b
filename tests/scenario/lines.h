// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace mxward::scenario {

// Hands out a scenario's lines one after the other; what stands between `repeat N` and `end` N
// times, with {n} replaced by 1, 2, ... N.
class Lines {
 public:
  explicit Lines(std::istream& in);

  // Nothing at the end. Throws Problem, too.
  std::optional<std::string> Next();

  // Where the line of Next() stands in the file, counted from 1: "7", "7 (repetition 51)".
  std::string place() const;

 private:
  // Whether the line is the runner's own: then it was obeyed.
  bool Obey(const std::string& line);

  std::vector<std::string> lines_;
  std::size_t next_ = 0;
  // Of the repetition under way.
  std::size_t begin_ = 0;    // its first line, as an index
  std::uint64_t times_ = 0;  // 0: there is none
  std::uint64_t round_ = 0;
};

}  // namespace mxward::scenario
