// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace mxward::dnsbl {

// Notices that a list does not answer, so that nobody goes on waiting for it.
//
// Opens after kInARow failures without an answer in between, or when at least half of at least
// kAtLeast lookups of the last minute failed (counted in slices of ten seconds). While it is open,
// tests are due after 30 s, 1 min, 2 min, ... 10 min; the first that is answered closes it. A
// breaker that opens again within kRelapse of closing goes on where the waits were: a list that
// answers every other minute is not tried each half minute. Pure; not thread-safe.
class Breaker {
 public:
  static constexpr int kInARow = 5;
  static constexpr unsigned kAtLeast = 10;
  static constexpr Seconds kFirstWait{30};
  static constexpr Seconds kLongestWait{600};
  static constexpr Seconds kRelapse{600};

  // A lookup was answered, or was not; why: "no answer in 2s".
  void NoteLookup(bool answered, const std::string& why, MonoTime now);
  // So did a test of the list's own points.
  void NoteTest(bool answered, const std::string& why, MonoTime now);

  bool open() const { return open_; }
  // Until the next test, from its opening or from the last test that failed.
  Seconds wait() const { return wait_; }
  // What opened it: "5 lookups in a row failed, the last with: no answer in 2s".
  const std::string& why() const { return why_; }

 private:
  struct Slice {
    std::int64_t number = -1;
    unsigned lookups = 0;
    unsigned failed = 0;
  };
  static constexpr Seconds kSlice{10};

  void Count(bool answered, MonoTime now);
  Slice LastMinute(MonoTime now) const;
  void OpenIfFailing(const std::string& why, MonoTime now);
  void Open(std::string why, MonoTime now);
  void Close(MonoTime now);
  void WaitLonger();

  bool open_ = false;
  int in_a_row_ = 0;
  std::array<Slice, 6> slices_{};
  Seconds wait_{};
  bool closed_before_ = false;
  MonoTime closed_at_{};
  std::string why_;
};

}  // namespace mxward::dnsbl
