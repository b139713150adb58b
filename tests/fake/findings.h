// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

#include "facts/finding.h"

namespace mxward {

// "rdns-none", "dnsbl:NAME": as the log names it.
inline Finding FindingNamed(std::string_view name, int score) {
  const std::string_view word = name.substr(0, name.find(':'));
  const auto found = std::find(kWordsOf<Check>.begin(), kWordsOf<Check>.end(), word);
  if (found == kWordsOf<Check>.end())
    throw std::runtime_error("no such finding: " + std::string(name));
  const std::string_view source = name.substr(std::min(name.size(), word.size() + 1));
  return {static_cast<Check>(found - kWordsOf<Check>.begin()), std::string(source), score};
}

}  // namespace mxward
