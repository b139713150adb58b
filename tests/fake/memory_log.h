// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/log.h"

namespace mxward {

// Keeps what was logged. Thread-safe.
class MemoryLog : public Log {
 public:
  void Write(LogLevel level, std::string line) override {
    lines_.Lock()->push_back({level, std::move(line)});
  }

  std::vector<LogSink::Line> lines() const { return *lines_.Lock(); }
  std::size_t size() const { return lines_.Lock()->size(); }
  bool Contains(std::string_view text) const {
    const auto all = lines();
    return std::any_of(all.begin(), all.end(), [text](const LogSink::Line& line) {
      return line.text.find(text) != std::string::npos;
    });
  }

 private:
  mutable Guarded<std::vector<LogSink::Line>> lines_;
};

}  // namespace mxward
