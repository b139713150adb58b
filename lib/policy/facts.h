// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "clients/name_monitor.h"
#include "facts/session_facts.h"
#include "policy/trust.h"

namespace mxward::policy {

// One recipient before its decision.
struct Facts {
  const SessionFacts& session;
  const MessageFacts& message;
  std::string_view recipient;  // without angle brackets
  bool observing = false;      // mode = "observe", or paused: nobody hears the verdict
  NameTrust name_trust = NameTrust::kCount;  // whether a missing name says anything
  // The database is being checked: all goes on but greylisting, which would have to defer without a
  // record.
  bool store_absent = false;
  Trust trust = Trust::kNone;  // by the configuration that decides; the same for a whole message
  // AccountOf(), once somebody had to know it: what limits count for. "": nobody's.
  std::string account = {};
};

}  // namespace mxward::policy
