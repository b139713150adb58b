// SPDX-License-Identifier: Apache-2.0
#include "base/version.h"

namespace mxward {

constinit const std::string_view kVersion = MXWARD_VERSION;

}  // namespace mxward
