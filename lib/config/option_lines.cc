// SPDX-License-Identifier: Apache-2.0
#include "config/option_lines.h"

#include <fmt/format.h>

#include <algorithm>

namespace mxward {
std::string AssignmentLines(std::string_view key, const OptionText& value) {
  std::string line = fmt::format("{} = {}\n", key, value.OneLine());
  if (!value.is_list || line.size() <= kLineWidth + 1) return line;
  std::string out = fmt::format("{} = [\n", key);
  std::string row;
  for (const std::string& item : value.items) {
    if (!row.empty() && row.size() + item.size() + 2 > kLineWidth) {
      out += row + "\n";
      row.clear();
    }
    row += (row.empty() ? "" : " ") + item + ",";
  }
  return out + row + "\n]\n";
}

std::vector<std::string> Wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace mxward
