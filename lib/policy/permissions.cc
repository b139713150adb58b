// SPDX-License-Identifier: Apache-2.0
#include "policy/permissions.h"

#include "base/canonical_address.h"
#include "clients/organisation.h"
#include "match/accounts.h"

namespace mxward::policy {

Permissions::Answer Permissions::Of(std::string_view domain) const {
  const auto found = domains.find(domain);
  return found == domains.end() ? Answer() : found->second;
}

std::string AccountBySpf(std::string_view sender) {
  if (auto account = ServiceAccount(sender)) return *std::move(account);
  return OrganisationalDomain(CanonicalAddress(sender).domain());
}

std::string PossibleAccount(const Facts& facts) {
  if (facts.trust != Trust::kNone) return {};
  std::string account = AccountByName(facts.message.sender, facts.session.client_name);
  return account.empty() ? AccountBySpf(facts.message.sender) : account;
}

std::optional<std::string> AccountOf(const Facts& facts, const Permissions& permissions) {
  if (facts.trust != Trust::kNone) return std::string();
  std::string account = AccountByName(facts.message.sender, facts.session.client_name);
  if (!account.empty()) return account;
  account = AccountBySpf(facts.message.sender);
  if (account.empty()) return account;
  if (permissions.sender.state == Permissions::State::kNotAsked) return std::nullopt;
  if (!permissions.sender.Is(SpfResult::kPass)) account.clear();
  return account;
}

}  // namespace mxward::policy
