// SPDX-License-Identifier: Apache-2.0
#include "milter/reply_text.h"

namespace mxward {

std::string SafeReplyText(std::string_view text) {
  constexpr std::size_t kMaxLength = 900;
  std::string safe;
  for (const char c : text) {
    if (safe.size() + 2 > kMaxLength) break;
    safe += c >= 0x20 && c < 0x7f ? c : '?';
    if (c == '%') safe += '%';
  }
  return safe;
}

}  // namespace mxward
