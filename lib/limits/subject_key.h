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
  // REQUIRES: Limits::Applies()
  SubjectKey(const LimitConfig& limit, const Subject& subject);
  // Of the text that ToString() makes, in any spelling of it; an address stands for its network.
  // Nothing when the limit can have no such key.
  static std::optional<SubjectKey> Parse(const LimitConfig& limit, std::string_view text);

  // For people: "192.0.2.1", "2001:db8:1:2::/64", "joe@example.org". In lower case, else as the
  // network sent it.
  std::string ToString() const;
  // Known by the limit's name, what it counts and per what, and the key.
  std::uint64_t Hash(const HashKey& key, const LimitConfig& limit) const;

 private:
  SubjectKey() = default;

  std::string text_;  // empty: it is the prefix
  Prefix prefix_;
};

// What a counter is known by, and those that belong to it: `what` tells them apart. They are
// forgotten together.
CounterKey MainCounter(const HashKey& key, const LimitConfig& limit, std::uint64_t hash,
                       const Holder& holder);
CounterKey SideCounter(const HashKey& key, const CounterKey& main, std::string_view what);

bool IsMain(const CounterKey& key);
bool IsOfLimit(const CounterKey& key, const CounterKey& main);
bool IsOfKey(const CounterKey& key, const CounterKey& main);

}  // namespace mxward::limits
