// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "config/config.h"

namespace mxward {

int DnsblConfig::MaxScore() const {
  int out = 0;
  for (const DnsblCode& code : codes) out = std::max(out, code.score);
  return out;
}

int DnsblConfig::MinScore() const {
  int out = 0;
  for (const DnsblCode& code : codes) out = std::min(out, code.score);
  return out;
}

}  // namespace mxward
