// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: the first byte says which family, then come the client's address and what it is
// called. Judging a name must not crash, and must say the same of any case and of a trailing dot.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "base/text.h"
#include "clients/dynamic_name.h"
#include "clients/helo.h"
#include "clients/host_name.h"
#include "clients/sender_domain.h"
#include "config/config.h"

namespace {

using mxward::IpAddress;

void Expect(bool good) {
  if (!good) std::abort();
}

void CheckDynamic(std::string_view name, const IpAddress& client) {
  const bool dynamic = mxward::LooksDynamic(name, client);
  Expect(dynamic == mxward::LooksDynamic(mxward::ToLower(name), client));
  Expect(dynamic == mxward::LooksDynamic(std::string(name) + ".", client) || name.empty());

  mxward::NamesConfig except;
  except.dynamic_except = {"example.org"};
  Expect(dynamic || !mxward::IsDynamicName(name, client, except));
}

void CheckHelo(std::string_view helo, const IpAddress& client) {
  mxward::Config config;
  config.names.own = {"example.org"};
  config.trust.own_addresses = {IpAddress::V4(0xc6336419)};
  const mxward::HeloFault fault = mxward::CheckHelo(helo, client, config);
  Expect(fault == mxward::CheckHelo(mxward::ToLower(helo), client, config));
  if (fault == mxward::HeloFault::kNone && !helo.empty() && helo.front() != '[') {
    const auto name = mxward::HostName(helo);
    Expect(name && name->find('.') != std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 17) return 0;
  std::array<std::uint8_t, 16> bytes{};
  std::copy(data + 1, data + 17, bytes.begin());
  // The v4-mapped form is IPv4.
  if ((data[0] & 1) == 0) {
    bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, bytes[0], bytes[1], bytes[2], bytes[3]};
  }
  const IpAddress client = IpAddress::V6(bytes);
  const std::string_view text(reinterpret_cast<const char*>(data) + 17, size - 17);
  CheckDynamic(text, client);
  CheckHelo(text, client);
  const std::string domain = mxward::SenderDomainOf(text);
  Expect(domain.empty() || mxward::HostName(domain) == domain);
  return 0;
}
