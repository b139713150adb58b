// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "base/name_class.h"

namespace mxward {

// Where users hand in their mail (RFC 6409, RFC 8314), as SessionFacts::daemon_port has it.
inline constexpr std::string_view kSubmissionPort = "587";
inline constexpr std::string_view kSubmissionsPort = "465";
inline bool IsSubmissionPort(std::string_view port) {
  return port == kSubmissionPort || port == kSubmissionsPort;
}

// Facts of one SMTP connection, as reported by the MTA. Everything textual is what the network
// sent: any length, any bytes. Values, no behaviour.
struct SessionFacts {
  // Nothing for a local client or one of an unknown address family. From Engine::KnowClient() on
  // the address that it is known by (base/client_network.h).
  std::optional<IpAddress> client;
  std::optional<IpAddress> told_client;  // by the MTA, where that is another: of a translator
  // The verified reverse name in lower case without a trailing dot; empty unless name_class is
  // kGood or kDynamic.
  std::string client_name;
  // The PTR as claimed, verified or not: only ever to be held against a client.
  std::string claimed_name;
  NameClass name_class = NameClass::kUnknown;
  std::string helo;
  std::string daemon_port;     // of the MTA, that the client came to; may be empty
  std::string daemon_name;     // what the MTA calls that socket; may be empty
  std::string daemon_address;  // of the MTA, that the client came to; may be empty
  std::string mta_name;        // what the MTA calls itself (macro j), in lower case; may be empty
  bool tls = false;
  std::string certificate_subject;  // of a verified client certificate only
  std::string certificate_issuer;
};

// Facts of one message, from MAIL to the end of its transaction.
struct MessageFacts {
  std::string sender;              // without angle brackets; empty is the null sender <>
  std::string authenticated_user;  // RFC 4954; empty: not authenticated
  std::string queue_id;            // empty until the MTA has chosen one
};

}  // namespace mxward
