// SPDX-License-Identifier: Apache-2.0
#include "policy/trust.h"

#include <algorithm>

#include "base/mail_address.h"
#include "base/text.h"

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
  const MailAddress address = SplitMailAddress(recipient);
  const std::string_view local = address.local.substr(0, address.local.find('+'));
  return std::any_of(config.exempt_recipients.begin(), config.exempt_recipients.end(),
                     [&](std::string_view exempt) {
                       // As the configuration has it: a local part, or local part and domain.
                       const std::size_t at = exempt.rfind('@');
                       if (at == std::string_view::npos) return EqualsNoCase(local, exempt);
                       return EqualsNoCase(local, exempt.substr(0, at)) &&
                              EqualsNoCase(address.domain, exempt.substr(at + 1));
                     });
}

}  // namespace mxward::policy
