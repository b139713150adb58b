// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/siphash.h"
#include "config/config.h"
#include "policy/policy.h"

namespace mxward {

// One judged recipient, for the log.
struct DecisionLine {
  const Config& config;
  const policy::Facts& facts;
  const Decision& decision;
  std::string_view told = {};  // at which stage, when it is not RCPT: "end", "connect"
  HashKey hash_key{};          // for log.addresses = "hash"
};

// The same with its parts apart, as they are: nothing is escaped, but addresses are hidden as
// log.addresses says.
struct ShownDecision {
  std::string queue_id, action, reason, about, identity, client_name, client_address, helo;
  std::string sender, recipient, user, account, findings, told;
  std::optional<Seconds> delay;  // of a deferral: what is left; else how long it was deferred
  std::optional<int> score;
  bool observed = false;
};
ShownDecision ShowDecision(const DecisionLine& line);

// "QUEUEID: action=defer, reason=greylist-new, client_address=..., delay=240, client_name=..., ..."
// with postgrey's key names, or one JSON object. What decides and the client's address stand before
// all that the network chose, which is escaped: no line has a second KEY=. Addresses are shown as
// log.addresses says.
std::string FormatDecision(const DecisionLine& line);
void LogDecision(Log& log, const DecisionLine& line);

}  // namespace mxward
