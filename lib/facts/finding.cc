// SPDX-License-Identifier: Apache-2.0
#include "facts/finding.h"

namespace mxward {

std::string Detail::Full() const {
  std::string text;
  for (const Part& part : parts_) text += part.text;
  return text;
}

std::string Finding::Name() const {
  std::string name(WordOf(check));
  if (!source.empty()) name.append(":").append(source);
  return name;
}

}  // namespace mxward
