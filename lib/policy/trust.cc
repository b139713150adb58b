// SPDX-License-Identifier: Apache-2.0
#include "policy/trust.h"

#include <algorithm>

#include "base/canonical_address.h"

namespace mxward::policy {
namespace {

bool InAny(const std::vector<Prefix>& prefixes, const IpAddress& address) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const Prefix& prefix) { return prefix.Contains(address); });
}

bool InTrustedNetwork(const IpAddress& client, const TrustConfig& config) {
  if (config.loopback && client.IsLoopback()) return true;
  const auto& own = config.own_addresses;
  if (config.self && std::find(own.begin(), own.end(), client) != own.end()) return true;
  return InAny(config.networks, client);
}

}  // namespace

Trust TrustOf(const SessionFacts& session, const MessageFacts& message, const TrustConfig& config) {
  if (!session.client || InTrustedNetwork(*session.client, config)) return Trust::kNetwork;
  if (InAny(config.relays, *session.client)) return Trust::kRelay;
  if (config.authenticated && !message.authenticated_user.empty()) return Trust::kAuthenticated;
  if (!session.certificate_subject.empty() &&
      std::find(config.certificates.begin(), config.certificates.end(),
                TrustedCertificate{session.certificate_subject, session.certificate_issuer}) !=
          config.certificates.end()) {
    return Trust::kCertificate;
  }
  return Trust::kNone;
}

bool IsExempt(std::string_view recipient, const Config& config) {
  if (config.exempt_recipients.empty()) return false;
  const CanonicalAddress address(recipient);
  const std::string_view local = address.local().substr(0, address.local().find('+'));
  return std::any_of(config.exempt_recipients.begin(), config.exempt_recipients.end(),
                     [&](std::string_view text) {
                       // As the configuration has it: a local part, or local part and domain.
                       const CanonicalAddress exempt(text);
                       return local == exempt.local() &&
                              (exempt.domain().empty() || address.domain() == exempt.domain());
                     });
}

}  // namespace mxward::policy
