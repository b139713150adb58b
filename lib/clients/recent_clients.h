// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/ip_address.h"
#include "clients/history.h"

namespace mxward {

// The busiest clients: what clients (IPv6 by /64) did in the last ten to twenty seconds. Nothing
// of it is kept. Bounded: of further clients than kMaxClients in ten seconds nothing is counted.
// Thread-safe.
class RecentClients {
 public:
  // The clock outlives it.
  explicit RecentClients(const Clock& clock);

  void NoteConnection(const IpAddress& client);
  void NoteRecipient(const IpAddress& client, History::Recipient what);

  struct Counts {
    std::uint64_t connections = 0;
    std::uint64_t passed = 0;  // recipients
    std::uint64_t deferred = 0;
    std::uint64_t rejected = 0;
    std::uint64_t bad = 0;

    std::uint64_t Sum() const { return connections + passed + deferred + rejected + bad; }
  };
  struct Busy {
    IpAddress client;
    Counts counts;
  };
  struct Snapshot {
    Millis span{};            // over how long it was counted
    std::size_t clients = 0;  // that were counted
    std::vector<Busy> busiest;
  };
  // Those that did most, at most so many.
  Snapshot Busiest(std::size_t most) const;

  static constexpr Seconds kSpan{10};
  static constexpr std::size_t kMaxClients = 2048;

 private:
  using Counted = std::map<IpAddress, Counts>;
  // Two spans, so that there is always a whole one to look at.
  struct Spans {
    MonoTime before_began{};
    MonoTime began{};
    Counted before;
    Counted current;

    void Turn(MonoTime now);
  };
  template <class Change>
  void Note(const IpAddress& client, Change change);

  const Clock& clock_;
  mutable Guarded<Spans> spans_;
};

}  // namespace mxward
