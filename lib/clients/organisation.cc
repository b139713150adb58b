// SPDX-License-Identifier: Apache-2.0
#include "clients/organisation.h"

#include <libpsl.h>

#include "clients/host_name.h"

namespace mxward {

std::string OrganisationalDomain(std::string_view host) {
  const auto name = HostName(host);
  if (!name) return {};
  const std::size_t dot = name->rfind('.');
  if (dot == std::string::npos || std::string_view(*name).substr(dot + 1) == "arpa") return {};
  // The list compiled into libpsl: it costs no memory of ours and no start-up time, and two hosts
  // with the same library agree on what an organisation is. psl_latest() would read the file of
  // the publicsuffix package where that is newer.
  const char* domain = psl_registrable_domain(psl_builtin(), name->c_str());
  return domain == nullptr ? std::string() : std::string(domain);
}

}  // namespace mxward
