// SPDX-License-Identifier: Apache-2.0
#include "outcomes/evidence.h"

#include <algorithm>

#include "base/canonical_address.h"
#include "clients/organisation.h"

namespace mxward::outcomes {

std::string SenderOrganisation(std::string_view sender) {
  if (sender.empty()) return "<>";
  return OrganisationalDomain(CanonicalAddress(sender).domain());
}

bool SpeaksFor(const Decision& decision, std::string_view client_organisation,
               std::string_view sender_organisation) {
  if (decision.score && *decision.score <= 0) return true;
  const auto any = [&](auto is) {
    return std::any_of(decision.findings.begin(), decision.findings.end(), is);
  };
  if (any([](const Finding& finding) {
        return finding.score > 0 &&
               (finding.check == Check::kDnsbl || finding.check == Check::kRhsbl);
      })) {
    return false;
  }
  return any([](const Finding& finding) {
           return finding.score < 0 &&
                  (finding.check == Check::kDnswl || finding.check == Check::kHistoryGood);
         }) ||
         (!client_organisation.empty() && client_organisation == sender_organisation);
}

}  // namespace mxward::outcomes
