// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "config/config.h"
#include "control/api.h"
#include "control/message.h"

namespace mxward::control {

// What metrics.listen serves to whoever reaches it: GET and HEAD of /metrics and /healthz, nothing
// that changes or waits for anything, and nothing else.
class PublicSite {
 public:
  // The API outlives it.
  explicit PublicSite(Api& api) : api_(api) {}

  // Never throws.
  Response Handle(const Request& request) noexcept;

 private:
  Api& api_;
};

}  // namespace mxward::control
