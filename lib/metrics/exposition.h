// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/histogram.h"

namespace mxward::metrics {

// Metrics as text, in the format that Prometheus reads ("text/plain; version=0.0.4"). Family after
// family, each followed by its samples. Not thread-safe.
class Exposition {
 public:
  using Micros = std::chrono::microseconds;
  enum class Type : std::uint8_t { kCounter, kGauge, kHistogram };
  // Values may hold anything, they are escaped; names are ours.
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  // name: by Prometheus' conventions, the unit and for counters "_total" at its end.
  void Family(std::string_view name, Type type, std::string_view help);
  // Of the family begun last.
  void Sample(Labels labels, std::uint64_t value);
  void Sample(Labels labels, Micros value);  // in seconds
  void Sample(Labels labels, const Histogram::Reading& reading);

  // A family of one sample without labels.
  template <class Value>
  void Single(std::string_view name, Type type, std::string_view help, Value value) {
    Family(name, type, help);
    Sample({}, value);
  }

  std::string Take() { return std::move(text_); }

 private:
  void Line(std::string_view suffix, Labels labels, std::string_view last_label,
            std::string_view last_value, std::string_view value);

  std::string text_;
  std::string name_;
};

// "0.0005", "240": exact, and never in exponents.
std::string SecondsText(std::chrono::microseconds value);

}  // namespace mxward::metrics
