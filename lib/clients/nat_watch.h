// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/log.h"
#include "base/mutex.h"

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
  // As the hour that began at begin_ looks now.
  std::optional<Translator> OfThisHour() const MXWARD_REQUIRES(mutex_);
  // The warning, when it is due.
  std::optional<std::string> Count(const IpAddress& client, MonoTime now) MXWARD_REQUIRES(mutex_);

  const Clock& clock_;
  Log& log_;
  mutable Mutex mutex_;
  // Of the hour that began at begin_.
  MonoTime begin_ MXWARD_GUARDED_BY(mutex_){};
  bool warned_ MXWARD_GUARDED_BY(mutex_) = false;
  std::uint64_t sessions_ MXWARD_GUARDED_BY(mutex_) = 0;
  std::map<IpAddress, std::uint64_t> of_private_ MXWARD_GUARDED_BY(mutex_);
  std::optional<Translator> of_last_hour_ MXWARD_GUARDED_BY(mutex_);
};

}  // namespace mxward
