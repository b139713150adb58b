// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "base/siphash.h"
#include "config/config.h"
#include "limits/counter.h"
#include "limits/limits.h"

namespace mxward::limits {

// Whom a limit counts a subject for. Value type.
class SubjectKey {
 public:
  SubjectKey() = default;  // of nobody
  // REQUIRES: Limits::Applies()
  SubjectKey(const LimitConfig& limit, const Subject& subject);
  // Of the text that ToString() makes, in any spelling of it; an address stands for its network.
  // Nothing when the limit can have no such key.
  static std::optional<SubjectKey> Parse(const LimitConfig& limit, std::string_view text);

  // That of the subject's sender at its client (harvest.h): "192.0.2.1 example.org". Nothing where
  // the limit does not look at senders: only kBadRecipients does, of clients with a good name.
  static std::optional<SubjectKey> OfSender(const LimitConfig& limit, const Subject& subject);

  // Human-readable: "192.0.2.1", "2001:db8:1:2::/64", "joe@example.org". Mailboxes as
  // CanonicalAddress has them; users in lower case, else as the network sent them.
  std::string ToString() const;
  bool of_sender() const { return !sender_.empty(); }
  // Where the sender begins in ToString(); 0: it has none.
  std::size_t sender_at() const { return sender_.empty() ? 0 : ToString().size() - sender_.size(); }
  // By the limit's name, what it counts and per what, and the key. That of a sender belongs to its
  // client's: they are forgotten together.
  CounterKey CounterOf(const HashKey& key, const LimitConfig& limit,
                       const Holder& holder = {}) const;

 private:
  std::string text_;  // empty: it is the prefix
  Prefix prefix_;
  std::string sender_;  // empty, or the organisation of a sender at the prefix
};

// One that belongs to the counter, which `what` distinguishes from others. They are forgotten
// together.
CounterKey SideCounter(const HashKey& key, const CounterKey& counter, std::string_view what);

bool IsSideCounter(const CounterKey& key);
bool AreOfOneLimit(const CounterKey& a, const CounterKey& b);
// One a counter of SubjectKey, the other that or one that belongs to it.
bool AreOfOneKey(const CounterKey& a, const CounterKey& b);

Rate RateOf(const LimitConfig& limit);

}  // namespace mxward::limits
