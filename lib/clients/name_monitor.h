// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/share_window.h"
#include "facts/session_facts.h"

namespace mxward {

// Notices when the MTA's resolver is broken. Clients' names come from the MTA: when it cannot look
// them up, everybody is nameless, and everybody would be greylisted, or worse. So when over 80 % of
// at least 50 distinct clients in 10 minutes have no name, the findings about names are suspended.
// They come back by themselves: when the share falls below 60 % of at least 20 clients; of however
// few, once they have been suspended for an hour (a small site may not see 20 in 10 minutes); or
// when no client has come for 10 minutes. Both turns are logged.
//
// Nameless are kNone and kTempfail, because a broken resolver shows as either: what it does not
// answer is a failure to some MTAs, and "no such name" to others. kForged is not: there was a PTR,
// so the resolver answered, and spam runs are rich in forged names. kUnknown says nothing and is
// not counted.
//
// Thread-safe. Bounded: kMaxClients at a time.
class NameMonitor {
 public:
  static constexpr Seconds kSpan{600};
  static constexpr std::size_t kClientsToSuspend = 50;
  static constexpr double kShareToSuspend = 0.8;
  static constexpr std::size_t kClientsToResume = 20;
  static constexpr double kShareToResume = 0.6;
  static constexpr Seconds kPatience{3600};  // then any number of clients will do
  // Twice what a site of 700000 connections a day has in that time, in some 800 KB.
  static constexpr std::size_t kMaxClients = 8192;

  // Both outlive the monitor.
  NameMonitor(const Clock& clock, Log& log);

  // A client has connected whose name counts: not a trusted one, nor one with a private address.
  // Call it before Suspended(), so that a client is judged by what is known with him.
  void Note(std::uint64_t client_hash, NameClass name_class);

  // Whether findings about names (rdns-none, rdns-forged, rdns-dynamic) are to be left out now.
  bool Suspended() const { return suspended_.load(std::memory_order_relaxed); }

  struct Status {
    bool suspended = false;
    std::optional<WallTime> since;  // when it was suspended
    std::size_t clients = 0;        // distinct ones in the last 10 minutes
    double share = 0;               // of those without a name, 0 to 1
  };
  Status GetStatus();

 private:
  // What is to be logged once the lock is given back.
  struct Notice {
    LogLevel level;
    std::string text;
  };

  // Makes the change that is due; returns what is to be logged about it. REQUIRES: mutex_ held
  std::optional<Notice> Update(MonoTime now);
  std::optional<Notice> ResumeAfterSilence(MonoTime now);
  Notice Suspend(ShareWindow::Share share, MonoTime now);
  Notice Resume(std::string why);
  void Say(const std::optional<Notice>& line);

  const Clock& clock_;
  Log& log_;
  std::atomic<bool> suspended_{false};  // written with mutex_ held; guards no other data
  std::mutex mutex_;
  // Below: guarded by mutex_.
  ShareWindow window_;
  MonoTime heard_{};  // the last client
  MonoTime suspended_at_{};
  WallTime since_{};
};

}  // namespace mxward
