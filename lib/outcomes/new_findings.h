// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "config/config.h"
#include "facts/decision.h"
#include "outcomes/row.h"

namespace mxward::outcomes {

// What findings do that version 0.1 did not have: so that an administrator sees whom they delay.
inline constexpr std::array kNewFindings = {Check::kTlsNone, Check::kUnauthenticated,
                                            Check::kSpfFail, Check::kSpfSoftfail,
                                            Check::kSpfPermerror};

// The new finding without which a client would not be suspicious; of several the one that adds
// most.
struct NewCause {
  enum class Effect : std::uint8_t {
    kCounts,
    kWaits,      // it would, but counts only from a later day on (engine/new_findings.h)
    kSuspended,  // it would, but what it is based on is broken (clients/tls_monitor.h)
  };
  Check finding = Check::kTlsNone;
  Effect effect = Effect::kCounts;
};
// Nothing: there is no such finding, or the rest decides. Pure.
std::optional<NewCause> CauseOf(const Decision& decision, const ScoreConfig& score);

// A client as it is called here: its verified name, or its address (IPv6: its /64).
struct NewClient {
  std::string verified_name;  // "" for none
  IpAddress address;
};

// What happened to one message or tuple, as rows. names: whether clients may be kept. Pure.
//
// Of a message that was judged: what waits, or is suspended.
Rows RowsOfWaiting(const Decision& decision, const Config& config, const NewClient& client,
                   bool names, WallTime now);
// Of a recipient whose tuple was changed: deferred because of a new finding, or back in time.
Rows RowsOfDelayed(const Decision& decision, const Config& config, const NewClient& client,
                   bool names, WallTime now);

// A client that a new finding delayed, or will once it counts.
struct Delayed {
  std::string client;
  bool named = false;  // else client is an address or a prefix
  std::string finding;
  std::uint32_t deferred = 0;
  std::uint32_t came_back = 0;
  std::uint32_t waiting = 0;
  WallTime last{};
};
// The rows of Kind::kNewClient: those who came back first, the most often first, then those seen
// last. What there was no room to name is left out.
std::vector<Delayed> ListDelayed(const std::map<std::string, Row>& rows);

}  // namespace mxward::outcomes
