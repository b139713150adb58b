// SPDX-License-Identifier: Apache-2.0
#include "metrics/exposition.h"

#include <algorithm>

namespace mxward::metrics {
namespace {

constexpr int kMicroDigits = 6;

std::string_view TypeName(Exposition::Type type) {
  switch (type) {
    case Exposition::Type::kCounter:
      return "counter";
    case Exposition::Type::kGauge:
      return "gauge";
    case Exposition::Type::kHistogram:
      return "histogram";
  }
  return "untyped";
}

// Quotes are only special in a label's value.
void AppendEscaped(std::string& out, std::string_view text, bool escape_quotes) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (escape_quotes && c == '"')) out += '\\';
    out += c;
  }
}

void AppendLabel(std::string& out, char before, std::string_view name, std::string_view value) {
  out += before;
  out.append(name).append("=\"");
  AppendEscaped(out, value, /*escape_quotes=*/true);
  out += '"';
}

}  // namespace

std::string SecondsText(std::chrono::microseconds value) {
  const std::int64_t micros = value.count();
  const std::int64_t whole = micros / 1000000;
  const std::int64_t rest = std::max(micros % 1000000, -(micros % 1000000));
  std::string text = (micros < 0 && whole == 0 ? "-" : "") + std::to_string(whole);
  if (rest == 0) return text;
  std::string digits = std::to_string(rest);
  digits.insert(0, kMicroDigits - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  return text + '.' + digits;
}

void Exposition::Family(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ");
  AppendEscaped(text_, help, /*escape_quotes=*/false);
  text_.append("\n# TYPE ").append(name).append(" ").append(TypeName(type)).append("\n");
}

void Exposition::Line(std::string_view suffix, Labels labels, std::string_view last_label,
                      std::string_view last_value, std::string_view value) {
  text_.append(name_).append(suffix);
  char before = '{';
  for (const auto& [name, text] : labels) {
    AppendLabel(text_, std::exchange(before, ','), name, text);
  }
  if (!last_label.empty()) {
    AppendLabel(text_, std::exchange(before, ','), last_label, last_value);
  }
  if (before == ',') text_ += '}';
  text_.append(" ").append(value).append("\n");
}

void Exposition::Sample(Labels labels, std::uint64_t value) {
  Line("", labels, "", "", std::to_string(value));
}

void Exposition::Sample(Labels labels, Micros value) {
  Line("", labels, "", "", SecondsText(value));
}

void Exposition::Sample(Labels labels, const Histogram::Reading& reading) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < reading.counts.size(); ++i) {
    sum += reading.counts[i];
    Line("_bucket", labels, "le",
         i < reading.bounds.size() ? SecondsText(reading.bounds[i]) : "+Inf", std::to_string(sum));
  }
  Line("_sum", labels, "", "", SecondsText(reading.sum));
  Line("_count", labels, "", "", std::to_string(sum));
}

}  // namespace mxward::metrics
