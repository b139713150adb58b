// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "facts/session_facts.h"

namespace mxward::policy {

// One recipient before its decision.
struct Facts {
  const SessionFacts& session;
  const MessageFacts& message;
  std::string_view recipient;    // without angle brackets
  bool observing = false;        // mode = "observe", or paused: nobody hears the verdict
  bool names_suspended = false;  // names and their absence say nothing just now
};

}  // namespace mxward::policy
