// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/mutex.h"
#include "base/siphash.h"

namespace mxward {

// Whose SPF could not be evaluated, again and again, while the resolver was well: a domain that
// never answers must not be better off than one whose SPF does not pass.
//
// By the client's network (/24, IPv6 /48) and the domain, so nobody who makes a domain's evaluation
// fail does so for clients elsewhere. Bounded in memory; when full, the stalest one of the /16
// (/32) that has the most is forgotten. A result in between changes nothing, or whoever owns the
// domain could have one at will. Thread-safe.
class SpfFailures {
 public:
  static constexpr Seconds kWithin{3600};  // of the last one
  static constexpr Seconds kApart{60};     // what failed a moment ago is the same failure
  static constexpr std::size_t kMost = 8192;

  // An evaluation has failed. True when it failed before, kApart to kWithin ago.
  bool Note(const IpAddress& client, const std::string& domain, MonoTime now);
  // The same without noting it.
  bool HasFailed(const IpAddress& client, const std::string& domain, MonoTime now) const;

  std::size_t size() const;

 private:
  struct Failure {
    MonoTime first{};
    MonoTime last{};
    std::uint64_t wide = 0;
  };
  std::uint64_t HashOf(const IpAddress& client, const std::string& domain) const;
  void MakeRoom(MonoTime now) MXWARD_REQUIRES(mutex_);
  void Remove(std::unordered_map<std::uint64_t, Failure>::iterator one) MXWARD_REQUIRES(mutex_);

  const HashKey key_ = NewHashKey();
  mutable Mutex mutex_;
  std::unordered_map<std::uint64_t, Failure> failures_ MXWARD_GUARDED_BY(mutex_);
  std::unordered_map<std::uint64_t, std::size_t> held_ MXWARD_GUARDED_BY(mutex_);  // by `wide`
};

}  // namespace mxward
