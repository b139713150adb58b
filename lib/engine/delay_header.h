// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "facts/decision.h"

namespace mxward {

// The header that add_header gives to a mail.
inline constexpr std::string_view kDelayHeader = "X-Greylist";

// What became of one mail's recipients, for its header: of those that were accepted the one that
// greylisting delayed longest, and the first of them where none was. Mail of our own users and
// networks has none. Not thread-safe.
class DelaySummary {
 public:
  // An accepted recipient. observing: nobody was made to wait.
  void Note(const Decision& decision, bool observing);

  // "delayed 302 seconds by mxward at mx.example.net (greylist-passed); Fri, 27 Nov 2026 02:00:00
  // +0000", as postgrey writes it; "not delayed by ..." otherwise. mta_name: the {j} macro; left
  // out when it is empty or no host name. The date is that of RFC 5322 section 3.3, in UTC.
  // Nothing: no header.
  std::optional<std::string> Header(std::string_view mta_name, WallTime now) const;

 private:
  bool any_ = false;
  bool observing_ = false;
  Reason reason_{};
  Seconds delay_{0};
};

}  // namespace mxward
