// SPDX-License-Identifier: Apache-2.0
#include "control/public_site.h"

#include <exception>

#include "base/text.h"

namespace mxward::control {

Response PublicSite::Handle(const Request& request) noexcept {
  try {
    if (Api::IsMonitoring(request)) return api_.Handle(request);
    if (request.method != "GET" && request.method != "HEAD") {
      Response answer =
          ErrorResponse(405, "method-not-allowed", "only GET and HEAD are taken here");
      answer.fields.emplace_back("Allow", "GET, HEAD");
      return answer;
    }
    return ErrorResponse(404, "not-found",
                         "there is no \"" + EscapeForLog(request.path, 80) +
                             "\" here; there are /metrics and /healthz");
  } catch (const std::exception& exception) {
    return ErrorResponse(500, "internal", exception.what());
  }
}

}  // namespace mxward::control
