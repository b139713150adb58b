// SPDX-License-Identifier: Apache-2.0
#include "control/address_pattern.h"

#include <utility>

#include "base/canonical_address.h"
#include "base/text.h"
#include "clients/host_name.h"
#include "entries/entry.h"

namespace mxward::control {

std::string DomainOf(std::string_view address) {
  return std::string(CanonicalAddress(address).domain());
}

Result<AddressPattern> AddressPattern::Parse(std::string_view text) {
  text = Trim(text);
  const bool whole_domain = text.starts_with("*@");
  const bool is_domain = text.find('@') == std::string_view::npos && text != "<>";
  if (whole_domain || is_domain) {
    auto domain =
        entries::CanonicalKey(entries::Kind::kSenderDomain, whole_domain ? text.substr(2) : text);
    if (!domain) return Fail(domain.error());
    return AddressPattern(whole_domain ? Kind::kDomain : Kind::kDomainAndBelow, *std::move(domain));
  }
  auto address = entries::CanonicalKey(entries::Kind::kSender, text);
  if (!address) return Fail(address.error());
  return Address(*address);
}

AddressPattern AddressPattern::Address(std::string_view address) {
  return AddressPattern(Kind::kAddress, CanonicalAddressText(address));
}

AddressPattern AddressPattern::DomainAndBelow(std::string_view domain) {
  return AddressPattern(Kind::kDomainAndBelow, CanonicalDomain(domain));
}

bool AddressPattern::Matches(std::string_view address) const {
  switch (kind_) {
    case Kind::kAddress:
      return CanonicalAddress(address).text() == text_;
    case Kind::kDomain:
      return DomainOf(address) == text_;
    case Kind::kDomainAndBelow:
      return IsAtOrBelow(DomainOf(address), text_);
  }
  return false;
}

}  // namespace mxward::control
