// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "control/api.h"
#include "control/message.h"
#include "engine/current_config.h"

namespace mxward::control {

// What metrics.listen serves to anybody who can reach it: GET and HEAD of /metrics and /healthz
// and, where metrics.page has them, of the status page (/) and what it shows (/overview.json, the
// API's /v1/overview). Nothing that changes or waits for anything, and nothing else.
//
// The page shows clients' addresses, so it is given only to those who ask for an IP address or
// localhost: a name in the Host field could be any web site's that points its own name here, to
// read the page through a browser inside the firewall (DNS rebinding).
class PublicSite {
 public:
  // Both outlive it.
  PublicSite(Api& api, const CurrentConfig& config) : api_(api), config_(config) {}

  // Never throws.
  Response Handle(const Request& request) noexcept;

 private:
  Response Page(const Request& request);

  Api& api_;
  const CurrentConfig& config_;
};

// Whether a Host field (RFC 9110 7.2) names an IP address, or localhost.
bool IsAddressOrLocalhost(std::string_view host);

}  // namespace mxward::control
