// SPDX-License-Identifier: Apache-2.0
#include "clients/helo.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "clients/host_name.h"

namespace mxward {
namespace {

bool IsOurs(const IpAddress& address, const Config& config) {
  const std::vector<IpAddress>& ours = config.trust.own_addresses;
  return std::find(ours.begin(), ours.end(), address) != ours.end();
}

bool IsOurs(std::string_view name, const NamesConfig& names) {
  const auto has = [name](const std::vector<std::string>& domains) {
    return std::any_of(domains.begin(), domains.end(),
                       [name](const std::string& domain) { return IsAtOrBelow(name, domain); });
  };
  return has(names.own) || has(names.own_found);
}

// helo begins with a bracket.
HeloFault CheckLiteral(std::string_view helo, const IpAddress& client, const Config& config) {
  // IpAddress::Parse() knows brackets, but takes an address without them as well.
  const auto address = helo.ends_with(']') ? IpAddress::Parse(helo) : std::nullopt;
  if (!address) return HeloFault::kLiteralMismatch;
  if (*address == client) return HeloFault::kNone;
  return IsOurs(*address, config) ? HeloFault::kSelf : HeloFault::kLiteralMismatch;
}

// "192.0.2.300", "192.0.2": meant as an address, though there is none such.
bool IsAddressLike(std::string_view helo) {
  return helo.find('.') != std::string_view::npos &&
         helo.find_first_not_of("0123456789.") == std::string_view::npos &&
         helo.find_first_of("0123456789") != std::string_view::npos;
}

}  // namespace

HeloFault CheckHelo(std::string_view helo, const IpAddress& client, const Config& config,
                    std::string_view mta_name) {
  if (helo.empty()) return HeloFault::kNone;
  if (helo.front() == '[') return CheckLiteral(helo, client, config);
  const std::string_view undotted = helo.ends_with('.') ? helo.substr(0, helo.size() - 1) : helo;
  if (const auto address = IpAddress::Parse(undotted)) {
    return IsOurs(*address, config) && *address != client ? HeloFault::kSelf
                                                          : HeloFault::kBareAddress;
  }
  const auto name = HostName(helo);
  if (!name) return IsAddressLike(helo) ? HeloFault::kBareAddress : HeloFault::kNotQualified;
  if (IsOurs(*name, config.names)) return HeloFault::kSelf;
  if (config.names.own_self && *name == mta_name) return HeloFault::kSelf;
  const bool ascii = std::all_of(helo.begin(), helo.end(), [](char c) { return c >= 0; });
  if (!ascii) return HeloFault::kNotQualified;  // U-labels
  return name->find('.') == std::string::npos ? HeloFault::kNotQualified : HeloFault::kNone;
}

}  // namespace mxward
