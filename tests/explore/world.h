// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "greylist/auto_allow.h"
#include "greylist/folded.h"
#include "greylist/record.h"

namespace mxward::explore {

// A world of greylisting so small that all that can happen in it can be tried: two clients of one
// network, three tuples, one place for a record of its own and two for folded ones (a client). What
// decides and what is written is mxward's own code: greylist::Consider, Advance, FoldedTuples,
// AutoAllowRecord. The store is here, and so is what really happened, which that code does not see.
//
// Of what happened it is checked, whenever a try is accepted, that
//
// - "passed": this very tuple was deferred at least the delay ago and not longer ago than its
// window,
//   or it was seen then by a mxward that only observed. How long ago is what the clock on the wall
//   says; where that was set back meanwhile, what really passed counts as well;
// - "known": this very tuple has passed before, and was not forgotten since;
// - "auto-allowed": its client passed as often as an allowance takes, is not listed, and has not
//   lost the allowance.
//
// Not in this world: two tuples of one hash. A value; copying it is cheap.
class World {
 public:
  static constexpr std::size_t kTuples = 3;
  static constexpr std::size_t kClients = 2;
  static constexpr std::size_t kMostEvents = 12;

  // What can happen next, from 0 on.
  static constexpr std::size_t kEvents = 21;
  static std::string_view EventName(std::size_t event);

  // False when it cannot happen now, or changes nothing. What is wrong is in problem() then.
  bool Happen(std::size_t event);
  const char* problem() const { return problem_; }

  // Equal for two worlds in which the same can happen from now on.
  std::uint64_t Hash() const;
  // The events until now, and what became of the tries.
  std::string History() const;

 private:
  static constexpr std::int32_t kNever = -1000000000;

  struct Record {
    std::uint8_t state = 0;  // greylist::State; 0 for none
    bool observed = false;
    std::int32_t first_seen = 0;
    std::int32_t last_seen = 0;
  };
  struct Folded {
    std::uint8_t tuple = kTuples;  // for none
    std::int32_t first_seen = 0;
  };
  struct Sighting {  // a try that was not accepted
    bool observed = false;
    std::int32_t at = 0;       // by the clock on the wall
    std::int32_t real_at = 0;  // by one that nobody sets
  };
  struct Truth {
    std::uint8_t sightings = 0;
    std::array<Sighting, kMostEvents> sighting{};
    bool passed = false;
  };
  struct Allowance {
    bool exists = false;
    bool allowed = false;
    std::uint8_t passed = 0;
    std::int32_t counted_at = 0;
    std::int32_t last_used = 0;
    std::int32_t lost_at = kNever;
  };
  // An operation that has been decided and not been committed yet.
  struct Waiting {
    bool any = false;
    bool fold = false;
    bool may_begin = false;
    bool may_pass = false;
    bool observing = false;
    std::uint8_t client = 0;
    std::uint8_t tuple = 0;
    std::int32_t now = 0;
  };
  enum class Counted : std::uint8_t { kRightly, kTooHigh, kTooLow };
  static constexpr std::size_t kFoldedPlaces = 2;

  bool Pass(std::int64_t seconds);
  bool SetClock(std::int64_t seconds);
  bool Try(std::size_t client, std::size_t tuple, bool commits_later);
  void Commit(const Waiting& operation);
  bool LoseAllowance();
  void Sweep();
  void Forget();
  bool SeenInTime(const Truth& truth) const;
  std::size_t PendingCount() const;

  // As mxward's code has them.
  std::optional<greylist::TupleRecord> Own(std::size_t tuple) const;
  void SetOwn(std::size_t tuple, const greylist::TupleRecord& record);
  greylist::FoldedTuples FoldedOf(std::size_t client) const;
  void SetFolded(std::size_t client, greylist::FoldedTuples& folded, std::uint8_t block);
  greylist::AutoAllowRecord Earned() const;
  void SetAutoAllow(const greylist::AutoAllowRecord& record);

  std::int32_t wall_ = 0;
  std::int32_t real_ = 0;
  bool observing_ = false;
  bool listed_ = false;
  Counted counted_ = Counted::kRightly;
  std::array<Record, kTuples> own_{};
  std::array<std::array<Folded, kFoldedPlaces>, kClients> folded_{};
  Allowance allowance_;  // of the first client
  Waiting waiting_;
  // What really happened.
  std::array<Truth, kTuples> truth_{};
  std::uint8_t passes_ = 0;  // of the first client, that count for an allowance
  const char* problem_ = nullptr;
  std::uint8_t events_ = 0;
  std::array<std::uint8_t, kMostEvents> history_{};
};

}  // namespace mxward::explore
