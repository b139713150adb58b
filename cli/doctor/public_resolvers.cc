// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/public_resolvers.h"

#include <array>

namespace mxward::cli::doctor {
namespace {

struct Provider {
  std::string_view prefix;
  std::string_view name;
};

constexpr std::array kProviders = {
    Provider{"8.8.8.8", "Google"},
    Provider{"8.8.4.4", "Google"},
    Provider{"2001:4860:4860::/48", "Google"},
    Provider{"1.1.1.0/24", "Cloudflare"},
    Provider{"1.0.0.0/24", "Cloudflare"},
    Provider{"2606:4700:4700::/48", "Cloudflare"},
    Provider{"9.9.9.0/24", "Quad9"},
    Provider{"149.112.112.0/24", "Quad9"},
    Provider{"2620:fe::/48", "Quad9"},
    Provider{"208.67.220.0/24", "OpenDNS"},
    Provider{"208.67.222.0/24", "OpenDNS"},
    Provider{"2620:119:35::/48", "OpenDNS"},
    Provider{"2620:119:53::/48", "OpenDNS"},
    Provider{"4.2.2.0/29", "Level 3"},
    Provider{"64.6.64.6", "UltraDNS"},
    Provider{"64.6.65.6", "UltraDNS"},
    Provider{"156.154.70.0/24", "UltraDNS"},
    Provider{"156.154.71.0/24", "UltraDNS"},
    Provider{"94.140.14.0/24", "AdGuard"},
    Provider{"94.140.15.0/24", "AdGuard"},
    Provider{"185.228.168.0/24", "CleanBrowsing"},
    Provider{"185.228.169.0/24", "CleanBrowsing"},
    Provider{"77.88.8.0/24", "Yandex"},
    Provider{"84.200.69.80", "DNS.WATCH"},
    Provider{"84.200.70.40", "DNS.WATCH"},
    Provider{"76.76.2.0/24", "Control D"},
    Provider{"76.76.10.0/24", "Control D"},
    Provider{"223.5.5.5", "AliDNS"},
    Provider{"223.6.6.6", "AliDNS"},
    Provider{"114.114.114.0/24", "114DNS"},
    Provider{"86.54.11.0/24", "DNS4EU"},
};

}  // namespace

std::string_view PublicResolver(const IpAddress& address) {
  for (const Provider& provider : kProviders) {
    const auto prefix = Prefix::Parse(provider.prefix);
    if (prefix && prefix->Contains(address)) return provider.name;
  }
  return "";
}

}  // namespace mxward::cli::doctor
