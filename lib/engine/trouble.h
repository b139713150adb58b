// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/mutex.h"
#include "base/siphash.h"
#include "dns/resolver.h"

namespace mxward {

// What strangers' names have cost: which failed a moment ago, and how much trouble each client was.
//
// Trouble is a lookup into a zone that the client chose that failed, or took longer than kSlow. A
// client (an address, IPv6 by /64) has kBurst of it to spend and gets one back each kInterval. Who
// is over it is refused further such lookups only, and nobody else is: not the neighbours in his
// network, for whom Shares does what is needed. Names are remembered each by itself, never as their
// domain. Bounded in memory; when full, the client with the least trouble is forgotten, and the
// name that failed the longest ago. Thread-safe.
class Trouble {
 public:
  static constexpr Millis kSlow{500};
  static constexpr int kBurst = 60;
  static constexpr Seconds kInterval{10};
  static constexpr Seconds kFailedLasts{60};
  static constexpr std::size_t kMostClients = 8192;
  static constexpr std::size_t kMostNames = 8192;

  bool IsOverBudget(const IpAddress& client, MonoTime now) const;
  void Note(const IpAddress& client, MonoTime now);

  bool HasFailed(const dns::Question& question, MonoTime now) const;
  void NoteFailed(const dns::Question& question, MonoTime now);

 private:
  struct Name {
    std::uint64_t hash;
    MonoTime failed;
  };
  std::uint64_t HashOf(const dns::Question& question) const;
  std::uint64_t HashOf(const IpAddress& client) const;
  void MakeRoomForClient(MonoTime now) MXWARD_REQUIRES(mutex_);

  const HashKey key_ = NewHashKey();
  mutable Mutex mutex_;
  // When all its trouble is forgotten.
  std::unordered_map<std::uint64_t, MonoTime> clients_ MXWARD_GUARDED_BY(mutex_);
  std::list<Name> names_ MXWARD_GUARDED_BY(mutex_);  // in the order of failing
  std::unordered_map<std::uint64_t, std::list<Name>::iterator> failed_ MXWARD_GUARDED_BY(mutex_);
};

// Asks, for one client, about zones that the client chose. What the cache knows is answered always;
// a name that failed a moment ago fails at once; a client over its budget gets no answer. Held by
// shared_ptr: its callbacks keep it. Thread-safe.
class ClientsQuestions final : public dns::Resolver,
                               public std::enable_shared_from_this<ClientsQuestions> {
 public:
  // All outlive it. trouble: null for one that is to leave no trace.
  ClientsQuestions(dns::Resolver& resolver, Trouble* trouble, const Clock& clock, IpAddress client);

  dns::AnswerPtr GetCached(const dns::Question& question) override;
  void Ask(const dns::Question& question, dns::Freshness freshness,
           dns::Callback callback) override;
  bool Wait(dns::Progress& progress, std::uint64_t seen, MonoTime until) override;

  // Asks nothing any more; what was asked goes on.
  void Stop() { stopped_ = true; }
  // A question was not asked because of the client's trouble.
  bool left_out() const { return left_out_; }

 private:
  void NoteAnswer(const dns::Question& question, const dns::Answer& answer, MonoTime asked);

  dns::Resolver& resolver_;
  Trouble* const trouble_;
  const Clock& clock_;
  const IpAddress client_;
  std::atomic<bool> stopped_{false};
  std::atomic<bool> left_out_{false};
};

}  // namespace mxward
