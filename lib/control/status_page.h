// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mxward::control {

// status_page.html, as it is in the program.
std::string_view StatusPage();

// The Content-Security-Policy it is served with: the page's own script and style, by their hashes,
// and questions to where it came from. Nothing else runs or is loaded, whatever got into it.
std::string_view StatusPagePolicy();

}  // namespace mxward::control
