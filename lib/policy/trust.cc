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
  const std::string lower = ToLower(recipient);
  const MailAddress address = SplitMailAddress(lower);
  const std::string_view local = address.local.substr(0, address.local.find('+'));
  for (const std::string& exempt : config.exempt_recipients) {
    if (exempt == local) return true;
    const MailAddress wanted = SplitMailAddress(exempt);
    if (!wanted.domain.empty() && wanted.local == local && wanted.domain == address.domain) {
      return true;
    }
  }
  return false;
}

}  // namespace mxward::policy
