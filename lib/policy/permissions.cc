// SPDX-License-Identifier: Apache-2.0
#include "policy/permissions.h"

#include "base/canonical_address.h"
#include "clients/organisation.h"
#include "match/accounts.h"

namespace mxward::policy {

std::string AccountBySpf(std::string_view sender) {
  if (auto account = ServiceAccount(sender)) return *std::move(account);
  return OrganisationalDomain(CanonicalAddress(sender).domain());
}

}  // namespace mxward::policy
