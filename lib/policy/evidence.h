// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "clients/name_monitor.h"
#include "clients/sender_domain.h"
#include "clients/standing.h"
#include "clients/tls_monitor.h"
#include "config/config.h"
#include "dnsbl/meaning.h"
#include "facts/decision.h"
#include "spf/evaluator.h"

namespace mxward::policy {

// What one DNS list says about one thing it was asked.
struct ListEvidence {
  std::string list;  // its display name
  DnsblOf of = DnsblOf::kClient;
  std::string about;      // the address or name that was asked about
  bool pending = false;   // under way: meaning is not known yet
  bool scored = true;     // false: it adds nothing, whatever it says (observe, or in bad health)
  std::string condition;  // why it does not count, or is not asked: "refusing"; else empty
  int max_score = 0;      // what it can add at most, and at least
  int min_score = 0;
  dnsbl::Meaning meaning;
  Origin origin = Origin::kDns;
  Seconds age{};     // of a cached answer
  Millis latency{};  // of an answer that was asked for
};

// What was found out about a client and a message beyond what the MTA reported. Values.
struct Evidence {
  std::vector<ListEvidence> lists;  // in the order of the config; several of one list of names
  bool sender_pending = false;
  SenderDomainResult sender;
  Seconds sender_age{};  // of a cached one
  StandingResult history;
  NameTrust name_trust = NameTrust::kCount;  // whether a missing name says anything
  TlsOffer tls_offer = TlsOffer::kUnknown;   // at the listener that the client came to
  // SPF (RFC 7208) of the client for the sender's domain, or of the null sender for HELO.
  struct Spf {
    bool asked = false;  // for this message
    bool pending = false;
    // It failed or was late, as it did within the hour before, while the resolver was well.
    bool failed_again = false;
    bool left_out = false;  // too many of the client's lookups failed or were slow
    std::shared_ptr<const spf::Report> report;  // null: not asked, or not known in time
  } spf;
  // Whether the HELO name resolves to the client's address.
  struct HeloAddress {
    bool asked = false;  // for this message
    bool pending = false;
    bool resolves = false;
    bool crowded = false;  // it does, but so do its organisation's names to too many networks
    std::string name;
    Origin origin = Origin::kDns;
  } helo;
  // Until then findings that an older version did not have add nothing (engine/new_findings.h).
  std::optional<WallTime> new_findings_from;

  bool Pending() const;
};

}  // namespace mxward::policy
