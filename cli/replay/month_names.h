// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mxward::cli::maillog {

// The month that a word abbreviates, 1 to 12: "Oct", "Okt", "oct.", "10月"; 0: none. journalctl
// writes it in the language of the locale that it runs in.
int MonthOf(std::string_view word);

}  // namespace mxward::cli::maillog
