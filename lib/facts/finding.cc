// SPDX-License-Identifier: Apache-2.0
#include "facts/finding.h"

namespace mxward {

std::string Detail::Full() const {
  std::string text;
  for (const Part& part : parts_) text += part.text;
  return text;
}

std::string Finding::Name() const {
  std::string name(CheckWord(check));
  if (!source.empty()) name.append(":").append(source);
  return name;
}

std::string_view OriginName(Origin origin) {
  switch (origin) {
    case Origin::kOurs:
      return "ours";
    case Origin::kMta:
      return "mta";
    case Origin::kDns:
      return "dns";
    case Origin::kCache:
      return "cache";
  }
  return "ours";
}

}  // namespace mxward
