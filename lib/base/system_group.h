// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace mxward {

// The system's group of that name, or with that number. kInvalid when there is none.
Result<gid_t> FindGroup(const std::string& name);

}  // namespace mxward
