// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/log.h"

namespace mxward {

// Notices when an address translation or a proxy hides who connects: when of at least 200 sessions
// within an hour more than half come from one private address that is not trusted. Then there is
// nothing about clients that could be judged, and the administrator has to know: a warning, at most
// once an hour. Loopback is private here: a proxy on the same machine is meant as well.
//
// Thread-safe. Bounded: at most kMaxAddresses private addresses are counted in an hour.
class NatWatch {
 public:
  static constexpr Seconds kSpan{3600};
  static constexpr std::uint64_t kSessions = 200;
  static constexpr std::size_t kMaxAddresses = 256;

  // Both outlive the watch.
  NatWatch(const Clock& clock, Log& log) : clock_(clock), log_(log) {}

  // A session has begun whose client is neither trusted nor local.
  void Note(const IpAddress& client);

  struct Translator {
    IpAddress client;
    std::uint64_t sessions = 0;  // of its own ...
    std::uint64_t of = 0;        // ... among all
  };
  // The private address that makes most of the sessions: of this hour, or of the last one while
  // this one has too few to tell. Nothing when there is none.
  std::optional<Translator> Suspected() const;

 private:
  // As the hour that began at begin_ looks now. REQUIRES: mutex_ held
  std::optional<Translator> OfThisHour() const;
  // The warning, when it is due. REQUIRES: mutex_ held
  std::optional<std::string> Count(const IpAddress& client, MonoTime now);

  const Clock& clock_;
  Log& log_;
  mutable std::mutex mutex_;
  // Below: guarded by mutex_. Of the hour that began at begin_.
  MonoTime begin_{};
  bool warned_ = false;
  std::uint64_t sessions_ = 0;
  std::map<IpAddress, std::uint64_t> of_private_;
  std::optional<Translator> of_last_hour_;
};

}  // namespace mxward
