// SPDX-License-Identifier: Apache-2.0
#include "clients/organisation.h"

#include <libpsl.h>

#include <algorithm>
#include <utility>

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

std::string RegisteredDomain(std::string_view host) {
  std::string domain = OrganisationalDomain(host);
  // Upwards, out of the private section, until a registry's suffix is above it.
  for (;;) {
    const std::size_t dot = domain.find('.');
    if (dot == std::string::npos) return domain;
    std::string above = domain.substr(dot + 1);
    if (psl_is_public_suffix2(psl_builtin(), above.c_str(), PSL_TYPE_ICANN) != 0) return domain;
    domain = std::move(above);
  }
}

Organisations::Organisations() : key_(NewHashKey()), places_(kPlaces) {}

std::string Organisations::Of(const std::string& host) {
  static constexpr std::uint64_t kOffsetMask = 0xff;
  const std::uint64_t hash = SipHash(key_, host);
  auto& place = places_[hash % kPlaces];
  const std::uint64_t known = place.load(std::memory_order_relaxed);
  // A place is found by the low bits, so those above the offset are enough to tell names apart.
  if (known != 0 && ((known ^ hash) & ~kOffsetMask) == 0 && (known & kOffsetMask) < host.size()) {
    return host.substr(known & kOffsetMask);
  }
  std::string organisation = OrganisationalDomain(host);
  const std::size_t offset = host.size() - std::min(host.size(), organisation.size());
  if (!organisation.empty() && offset <= kOffsetMask && host.ends_with(organisation)) {
    place.store((hash & ~kOffsetMask) | offset, std::memory_order_relaxed);
  }
  return organisation;
}

}  // namespace mxward
