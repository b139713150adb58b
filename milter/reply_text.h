// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mxward {

// The text as smfi_setreply() must be given it: printable ASCII, at most 900 bytes, each '%'
// doubled (Sendmail takes the text as a format, Postfix undoubles).
std::string SafeReplyText(std::string_view text);

}  // namespace mxward
