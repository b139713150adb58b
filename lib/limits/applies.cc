// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/canonical_address.h"
#include "base/text.h"
#include "clients/host_name.h"
#include "limits/limits.h"

namespace mxward::limits {
namespace {

// Whether the subject has what the limit counts per.
bool HasKey(LimitPer per, const Subject& subject) {
  switch (per) {
    case LimitPer::kClient:
    case LimitPer::kNetwork:
      return subject.client != IpAddress();
    case LimitPer::kSender:
      return !CanonicalAddress(subject.sender).text().empty();
    case LimitPer::kSenderDomain:
      return !CanonicalAddress(subject.sender).domain().empty();
    case LimitPer::kRecipient:
      return !CanonicalAddress(subject.recipient).text().empty();
    case LimitPer::kUser:
      return !subject.user.empty();
  }
  return false;
}

bool IsSpared(const LimitConfig& limit, const Subject& subject) {
  if (std::any_of(limit.spare_networks.begin(), limit.spare_networks.end(),
                  [&](const Prefix& network) { return network.Contains(subject.client); })) {
    return true;
  }
  if (limit.spare_names.empty() || subject.client_name.empty()) return false;
  const std::string name = ToLower(subject.client_name);
  return std::any_of(limit.spare_names.begin(), limit.spare_names.end(),
                     [&](const std::string& domain) { return IsAtOrBelow(name, domain); });
}

}  // namespace

bool Limits::Applies(const LimitConfig& limit, const Subject& subject) {
  // A network without good names is one customer's or a botnet's; with them it is many servers,
  // each of which answers for itself.
  const bool named_network = limit.count == LimitCount::kBadRecipients &&
                             limit.per == LimitPer::kNetwork && !subject.client_name.empty();
  return HasKey(limit.per, subject) && !named_network && !IsSpared(limit, subject);
}

}  // namespace mxward::limits
