// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/siphash.h"
#include "config/config.h"

namespace mxward::limits {

// Whom a limit may count for: one session, message or recipient, as reported by the MTA. Views,
// valid during the call. What is empty is not known (a client: 0.0.0.0), and limits per such a
// thing do not apply.
struct Subject {
  IpAddress client;
  std::string_view client_name;  // verified and not dynamic: a good name; else empty
  std::string_view sender;       // as given; "" is the null sender, which no limit counts
  std::string_view recipient;
  std::string_view user;
  std::string_view account;  // proven (policy::AccountOf)
};

// What one limit says about one subject.
struct State {
  std::string limit;  // its name
  // Whom it counts for: "192.0.2.0/24", "joe@example.org", "192.0.2.1 example.org" (harvest.h).
  std::string key;
  bool of_sender = false;     // only of the client's mail from this sender's domain
  bool over = false;          // one more is too many
  std::int64_t used = 0;      // of the limit's burst; concurrent: open now
  Millis wait{};              // over: until one more is allowed; 0 when nobody knows (concurrent)
  std::size_t sender_at = 0;  // of_sender: where the sender's domain begins in key
};

// A key of_sender in its two parts. Views into the state.
struct KeyParts {
  std::string_view client;
  std::string_view sender;
};
KeyParts PartsOf(const State& state);

// One line of `mxwardctl limits`: a key that has used up at least kNearPercent of a limit's burst.
struct HotKey {
  State state;
  WallTime since{};          // near or over
  std::uint64_t denied = 0;  // see NoteDenied()
};

// The counters of all [[limit]] entries. A limit is known by its name: its counters outlive a
// reload, also one that changes its rate. Rates are GCRA: one timestamp a key, on monotonic time.
//
// Memory is fixed: what it is made with, whatever comes; it is taken as it is needed. A counter
// belongs to the client for whom it is begun. When the table is full, the largest holder (IPv4 by
// /16, IPv6 by /32 and within it by /48) loses its stalest counter, and none may hold more than its
// share, a quarter, a /48 a sixteenth; so one who floods it pushes out only those who hold more
// than he does. counter_shard.h says more. Open connections are counted apart, exactly, and are
// bounded by the sessions there are. At most 1024 keys are remembered for List().
//
// Thread-safe; sharded.
class Limits {
 public:
  // memory: in bytes, for rates; at least 256 KiB are used. key: names and addresses are known by
  // their keyed hash. The clock outlives it.
  Limits(const Clock& clock, const HashKey& key, std::uint64_t memory);
  ~Limits();
  Limits(const Limits&) = delete;
  Limits& operator=(const Limits&) = delete;

  // Counters that do not fit any more are dropped, stalest first.
  void SetMemory(std::uint64_t memory);

  // Whether the limit is about that subject at all: it has such a thing, and is not spared; and for
  // kBadRecipients per network, it has no good name.
  static bool Applies(const LimitConfig& limit, const Subject& subject);

  // What the limit says now, without any effect. REQUIRES: Applies().
  State Look(const LimitConfig& limit, const Subject& subject) const;
  // Counts one more, unless the limit is over; says what it said before. Not for kConcurrent and
  // kBadRecipients.
  State Take(const LimitConfig& limit, const Subject& subject);
  // Takes back one that Take() counted.
  void GiveBack(const LimitConfig& limit, const Subject& subject);

  // kConcurrent: counts one open connection for as long as the handle lives. May outlive a reload,
  // not the Limits.
  class Open {
   public:
    Open() = default;
    Open(Open&& other) noexcept;
    Open& operator=(Open&& other) noexcept;
    ~Open();

   private:
    friend class Limits;
    Limits* limits_ = nullptr;
    std::uint64_t key_ = 0;
  };
  // *before is what the limit said before; when it was over, it is counted all the same: it is
  // open.
  Open Enter(const LimitConfig& limit, const Subject& subject, State* before);

  // kBadRecipients, a client with a good name: it sends for many, so what it says of one sender's
  // domain holds for that domain alone (harvest.h).
  // One recipient of the subject's, which the MTA refused as unknown (bad) or took.
  // Counts each one once in the limit's period (harvest.h). Nothing where the limit does not apply.
  void NoteRecipient(const LimitConfig& limit, const Subject& subject, bool bad);

  // The limit has turned one away, a connection or a recipient; or it would have, if it did not
  // only observe. state: what Look(), Take() or Enter() said of it.
  void NoteDenied(const LimitConfig& limit, const State& state);

  // Of these limits, those that are over first, then those that were near the last.
  std::vector<HotKey> List(const std::vector<LimitConfig>& limits) const;
  // Forgets what is counted for a key as List() shows it, in any spelling, or for all keys of the
  // limit (""). The number of keys that there were. Connections that are open stay counted.
  std::size_t Reset(const LimitConfig& limit, std::string_view key);

  struct Stats {
    std::size_t counters = 0;
    std::size_t capacity = 0;
    std::size_t bytes = 0;
    std::uint64_t evicted = 0;  // before their time, since start
  };
  Stats stats() const;

  // For the store: the counters that are in use, in pieces of at most 2000 bytes, and back. A slice
  // at a time, from 0 to kSlices - 1, always the same for a counter: all of them at once are as
  // much memory again. They are good for Limits with the same key. elapsed: how long ago Save()
  // was; what is negative is taken for nothing. What cannot be read is left out, and what has been
  // counted meanwhile is kept.
  static constexpr std::size_t kSlices = 64;
  std::vector<std::string> Save(std::size_t slice) const;
  void Restore(const std::vector<std::string>& pieces, Seconds elapsed);

  static constexpr int kNearPercent = 80;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mxward::limits
