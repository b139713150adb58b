// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/siphash.h"
#include "config/config.h"
#include "limits/counter_table.h"
#include "limits/gcra.h"

namespace mxward::limits {

// LimitCount::kBadRecipients. Two levels rise by one for each distinct recipient, bad and good, and
// fall at the limit's rate; a recipient is distinct again when the limit's period has passed since
// it was counted. The limit is over while the level of the bad ones is at its burst and they are
// more than limit.share per cent of both. The level of the good ones rises to what it takes to
// forgive a full burst, no further.
//
// Good ones count once as well, or a harvester could hide behind one known address.
//
// A client with a good name may be a service that sends for many. It is counted by the organisation
// of the sender's domain ("<>" for null senders) as well as as a whole, and of the bad recipients
// of one organisation no more than an eighth of the burst count for the whole. So one hostile
// customer alone is over, however much it sends; and one that tries each address with another
// domain is over as a whole.
class Harvest {
 public:
  // All outlive it.
  Harvest(const HashKey& key, CounterTable& table) : key_(key), table_(table) {}

  // The level of the bad ones; over as said above.
  Level Look(const LimitConfig& limit, const CounterKey& counter, MonoTime now);
  // Whether it was counted.
  bool Note(const LimitConfig& limit, const CounterKey& counter, std::string_view recipient,
            bool bad, MonoTime now);
  // The same of a client's whole, on behalf of one of its senders: after that one's own Note().
  bool NoteWhole(const LimitConfig& limit, const CounterKey& whole, const CounterKey& sender,
                 std::string_view recipient, bool bad, MonoTime now);

 private:
  const HashKey& key_;
  CounterTable& table_;
};

}  // namespace mxward::limits
