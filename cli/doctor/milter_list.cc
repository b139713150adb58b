// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/milter_list.h"

#include <utility>

#include "base/text.h"

namespace mxward::cli::doctor {
namespace {

PostfixMilter ParseMilter(std::string text) {
  PostfixMilter milter;
  if (!text.starts_with('{')) {
    milter.address = text;
    milter.text = std::move(text);
    return milter;
  }
  for (const std::string& word : SplitPostfixList(WithoutBraces(text))) {
    if (milter.address.empty()) {
      milter.address = word;
      continue;
    }
    // "name=value", or "{ name = value }".
    const std::string_view setting = WithoutBraces(word);
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos) continue;
    milter.settings.insert_or_assign(std::string(Trim(setting.substr(0, equals))),
                                     std::string(Trim(setting.substr(equals + 1))));
  }
  milter.text = std::move(text);
  return milter;
}

}  // namespace

std::vector<std::string> SplitPostfixList(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  int depth = 0;
  for (const char c : text) {
    if (c == '{') ++depth;
    if (c == '}' && depth > 0) --depth;
    const bool separates = c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!separates || depth > 0) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::string_view WithoutBraces(std::string_view text) {
  text = Trim(text);
  if (text.size() < 2 || !text.starts_with('{') || !text.ends_with('}')) return text;
  return Trim(text.substr(1, text.size() - 2));
}

std::string PostfixMilter::Setting(std::string_view name) const {
  const auto found = settings.find(name);
  return found == settings.end() ? "" : found->second;
}

PostfixMilter PostfixMilter::With(std::string_view name, std::string_view value) const {
  PostfixMilter changed = *this;
  changed.settings.insert_or_assign(std::string(name), std::string(value));
  changed.text = "{ " + address;
  for (const auto& [key, text_of] : changed.settings)
    changed.text.append(", ").append(key).append("=").append(text_of);
  changed.text += " }";
  return changed;
}

std::vector<PostfixMilter> ParseMilterList(std::string_view text) {
  std::vector<PostfixMilter> milters;
  for (std::string& word : SplitPostfixList(text)) milters.push_back(ParseMilter(std::move(word)));
  return milters;
}

std::string FormatMilterList(const std::vector<PostfixMilter>& milters) {
  std::string list;
  for (const PostfixMilter& milter : milters) list += (list.empty() ? "" : ", ") + milter.text;
  return list;
}

}  // namespace mxward::cli::doctor
