// SPDX-License-Identifier: Apache-2.0
#pragma once

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
  std::string_view told = {};  // at which stage, when it is not RCPT: "data", "connect"
  HashKey hash_key{};          // for log.addresses = "hash"
};

// "QUEUEID: action=defer, reason=greylist-new, delay=240, client_name=..., client_address=..., ..."
// with postgrey's key names, or one JSON object. Everything from the network is escaped; addresses
// are shown as log.addresses says.
std::string FormatDecision(const DecisionLine& line);
void LogDecision(Log& log, const DecisionLine& line);

}  // namespace mxward
