// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/log.h"

namespace mxward {

// Keeps what was logged. Thread-safe.
class MemoryLog : public Log {
 public:
  struct Line {
    LogLevel level;
    std::string text;
  };

  void Write(LogLevel level, std::string_view line) override {
    lines_.Lock()->push_back({level, std::string(line)});
  }

  std::vector<Line> lines() const { return *lines_.Lock(); }
  std::size_t size() const { return lines_.Lock()->size(); }
  bool Contains(std::string_view text) const {
    const auto all = lines();
    return std::any_of(all.begin(), all.end(), [text](const Line& line) {
      return line.text.find(text) != std::string::npos;
    });
  }

 private:
  mutable Guarded<std::vector<Line>> lines_;
};

}  // namespace mxward
