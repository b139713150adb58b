// SPDX-License-Identifier: Apache-2.0
#include "control/public_site.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "base/ip_address.h"
#include "base/text.h"
#include "control/status_page.h"

namespace mxward::control {
namespace {

constexpr std::string_view kPagePath = "/";
constexpr std::string_view kOverviewPath = "/overview.json";
constexpr std::string_view kHtml = "text/html; charset=utf-8";

}  // namespace

bool IsAddressOrLocalhost(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return false;
    const auto address = IpAddress::Parse(host.substr(1, end - 1));
    const std::string_view port = host.substr(end + 1);
    return address && !address->is_v4() && (port.empty() || port.starts_with(':'));
  }
  const std::string_view name = host.substr(0, host.find(':'));
  return EqualsNoCase(name, "localhost") || IpAddress::Parse(name).has_value();
}

Response PublicSite::Handle(const Request& request) noexcept {
  try {
    if (Api::IsMonitoring(request)) return api_.Handle(request);
    if (request.method != "GET" && request.method != "HEAD") {
      Response answer =
          ErrorResponse(405, "method-not-allowed", "only GET and HEAD are supported here");
      answer.fields.emplace_back("Allow", "GET, HEAD");
      return answer;
    }
    const bool has_page = config_.Get()->metrics.page;
    if (has_page && (request.path == kPagePath || request.path == kOverviewPath)) {
      return Page(request);
    }
    return ErrorResponse(404, "not-found",
                         "there is no \"" + EscapeForLog(request.path, 80) + "\" here; there are " +
                             (has_page ? "/, " : "") + "/metrics and /healthz");
  } catch (const std::exception& exception) {
    return ErrorResponse(500, "internal", exception.what());
  }
}

Response PublicSite::Page(const Request& request) {
  if (!IsAddressOrLocalhost(request.host)) {
    return ErrorResponse(
        403, "forbidden",
        "the status page is served only to requests for an IP address or localhost, not for \"" +
            EscapeForLog(request.host, 80) + "\": any web site could point its name here");
  }
  if (request.path == kPagePath) {
    Response page{200, std::string(StatusPage()), kHtml};
    page.fields.emplace_back("Content-Security-Policy", StatusPagePolicy());
    page.fields.emplace_back("Referrer-Policy", "no-referrer");
    return page;
  }
  Request overview = request;
  overview.method = "GET";
  overview.path = "/v1/overview";
  overview.body.clear();
  return api_.Handle(overview);
}

}  // namespace mxward::control
