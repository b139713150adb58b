// SPDX-License-Identifier: Apache-2.0
#include "tests/explore/world.h"

#include <algorithm>
#include <optional>

#include "base/clock.h"
#include "base/clock_guard.h"
#include "greylist/auto_allow.h"
#include "greylist/folded.h"
#include "greylist/record.h"
#include "greylist/state.h"
#include "greylist/tuple_lookup.h"

namespace mxward::explore {
namespace {

using greylist::AutoAllowRecord;
using greylist::FoldedBlock;
using greylist::FoldedTuples;
using greylist::Outcome;
using greylist::TupleRecord;

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86400;

GreylistConfig Tuning() {
  GreylistConfig config;
  config.delay = Seconds(4 * kMinute);
  config.retry_window = Seconds(48 * kHour);
  config.lifetime = Seconds(36 * kDay);
  config.auto_allow_after = 2;
  config.auto_allow_lifetime = Seconds(60 * kDay);
  config.max_pending = 1;
  return config;
}

const GreylistConfig& Config() {
  static const GreylistConfig config = Tuning();
  return config;
}

WallTime At(std::int64_t seconds) { return WallTime(Seconds(1767571200 + seconds)); }
std::int32_t Of(WallTime time) {
  return static_cast<std::int32_t>(time.time_since_epoch().count() - 1767571200);
}

constexpr std::array<std::string_view, World::kEvents> kNames = {
    "A tries 1",
    "A tries 2",
    "A tries 3",
    "B tries 1",
    "B tries 2",
    "A tries 1, written later",
    "A tries 2, written later",
    "it is written",
    "4 minutes",
    "an hour",
    "7 hours",
    "49 hours",
    "37 days",
    "the clock goes back 10 minutes",
    "the clock goes back 3 minutes",
    "observe, or not any more",
    "pending tuples are counted rightly, too high, too low",
    "A is listed, or not any more",
    "a sweep",
    "A and B are forgotten",
    "A loses its allowance",
};

struct TryEvent {
  std::size_t client;
  std::size_t tuple;
  bool commits_later;
};
// The first events.
constexpr std::array<TryEvent, 7> kTries = {{{0, 0, false},
                                             {0, 1, false},
                                             {0, 2, false},
                                             {1, 0, false},
                                             {1, 1, false},
                                             {0, 0, true},
                                             {0, 1, true}}};

class Mixer {
 public:
  template <class T>
  void Add(T value) {
    hash_ = (hash_ ^ static_cast<std::uint64_t>(value)) * 0x9e3779b97f4a7c15ULL;
    hash_ ^= hash_ >> 29;
  }
  std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_ = 0x243f6a8885a308d3ULL;
};

}  // namespace

std::string_view World::EventName(std::size_t event) { return kNames.at(event); }

bool World::Happen(std::size_t event) {
  if (events_ == kMostEvents) return false;
  history_[events_++] = static_cast<std::uint8_t>(event);
  switch (event) {
    case 7:
      if (!waiting_.any) return false;
      Commit(waiting_);
      waiting_ = {};
      return true;
    case 8:
      return Pass(4 * kMinute);
    case 9:
      return Pass(kHour);
    case 10:
      return Pass(7 * kHour);
    case 11:
      return Pass(49 * kHour);
    case 12:
      return Pass(37 * kDay);
    case 13:
      return SetClock(-10 * kMinute);
    case 14:
      return SetClock(-3 * kMinute);
    case 15:
      observing_ = !observing_;
      return true;
    case 16:
      counted_ = counted_ == Counted::kRightly   ? Counted::kTooHigh
                 : counted_ == Counted::kTooHigh ? Counted::kTooLow
                                                 : Counted::kRightly;
      return true;
    case 17:
      listed_ = !listed_;
      return true;
    case 18:
      Sweep();
      return true;
    case 19:
      Forget();
      return true;
    case 20:
      return LoseAllowance();
    default:
      break;
  }
  return Try(kTries[event].client, kTries[event].tuple, kTries[event].commits_later);
}

bool World::Pass(std::int64_t seconds) {
  real_ += static_cast<std::int32_t>(seconds);
  return SetClock(seconds);
}

bool World::SetClock(std::int64_t seconds) {
  wall_ += static_cast<std::int32_t>(seconds);
  return true;
}

std::size_t World::PendingCount() const {
  const auto pending =
      static_cast<std::size_t>(std::count_if(own_.begin(), own_.end(), [](const Record& record) {
        return record.state == static_cast<std::uint8_t>(greylist::State::kPending);
      }));
  return counted_ == Counted::kTooLow ? 0 : pending + (counted_ == Counted::kTooHigh ? 1 : 0);
}

std::optional<TupleRecord> World::Own(std::size_t tuple) const {
  const Record& own = own_[tuple];
  if (own.state == 0) return std::nullopt;
  TupleRecord record;
  record.state = static_cast<greylist::State>(own.state);
  record.observed = own.observed;
  record.first_seen = At(own.first_seen);
  record.last_seen = At(own.last_seen);
  return record;
}

void World::SetOwn(std::size_t tuple, const TupleRecord& record) {
  own_[tuple] = {static_cast<std::uint8_t>(record.state), record.observed, Of(record.first_seen),
                 Of(record.last_seen)};
}

FoldedTuples World::FoldedOf(std::size_t client) const {
  FoldedTuples folded({kFoldedPlaces, 1});
  for (std::size_t i = 0; i < kFoldedPlaces; ++i) {
    const Folded& one = folded_[client][i];
    if (one.tuple == kTuples) continue;
    folded.Load(static_cast<std::uint8_t>(i), FoldedBlock{{}, {{one.tuple, At(one.first_seen)}}});
  }
  return folded;
}

void World::SetFolded(std::size_t client, FoldedTuples& folded, std::uint8_t block) {
  const auto& tuples = folded.block(block).tuples;
  folded_[client][block] =
      tuples.empty() ? Folded()
                     : Folded{static_cast<std::uint8_t>(tuples[0].tag), Of(tuples[0].first_seen)};
}

AutoAllowRecord World::Earned() const {
  AutoAllowRecord record;
  record.allowed = allowance_.allowed;
  record.passed = allowance_.passed;
  record.counted_at = At(allowance_.counted_at);
  record.last_used = At(allowance_.last_used);
  if (allowance_.lost_at != kNever) record.lost_at = At(allowance_.lost_at);
  return record;
}

void World::SetAutoAllow(const AutoAllowRecord& record) {
  allowance_ = {true,
                record.allowed,
                static_cast<std::uint8_t>(std::min<int>(record.passed, 3)),
                Of(record.counted_at),
                Of(record.last_used),
                record.lost_at == WallTime() ? kNever : Of(record.lost_at)};
}

// What AskGreylist (policy/greylist_check.cc) does, without its words.
bool World::Try(std::size_t client, std::size_t tuple, bool commits_later) {
  if (commits_later && waiting_.any) return false;
  greylist::TupleLookup lookup;
  lookup.record = Own(tuple);
  // Known tuples are looked up no further (greylist::LookUp).
  const bool known =
      lookup.record && OutcomeOf(*lookup.record, At(wall_), Config()) == Outcome::kKnown;
  if (!known) {
    const FoldedTuples folded = FoldedOf(client);
    if (const auto* one = folded.Find(tuple)) lookup.folded = *one;
    lookup.folded_full = !folded.HasRoom(At(wall_), Config());
  }
  lookup.pending_of_client = static_cast<std::uint32_t>(PendingCount());
  const auto considered = Consider(lookup, At(wall_), Config(), observing_);
  const auto& transition = considered.transition;
  const bool passes = transition.outcome == Outcome::kPassed;
  const bool accepted = passes || transition.outcome == Outcome::kKnown;

  if (!accepted && client == 0 && !listed_ && allowance_.exists &&
      IsAllowed(Earned(), At(wall_), Config())) {
    if (passes_ < Config().auto_allow_after) problem_ = "allowed by an allowance nobody earned";
    AutoAllowRecord used = Earned();
    used.last_used = At(wall_);
    SetAutoAllow(used);
    return true;
  }
  if (passes && !SeenInTime(truth_[tuple])) problem_ = "passed without having waited";
  if (transition.outcome == Outcome::kKnown && !truth_[tuple].passed) {
    problem_ = "known without having passed";
  }
  if (accepted) {
    truth_[tuple].passed = true;
    // What passes while observing was never deferred, and what is folded earns nothing.
    if (passes && client == 0 && !considered.fold && !lookup.record->observed && !listed_) {
      SetAutoAllow(AfterPass(allowance_.exists ? std::optional(Earned()) : std::nullopt, At(wall_),
                             Config()));
      if (passes_ < 3) ++passes_;
    }
  } else {
    Truth& truth = truth_[tuple];
    truth.sighting[truth.sightings++] = {observing_, wall_, real_};
  }
  if (!transition.write) return true;
  const bool begins =
      transition.outcome == Outcome::kNew || transition.outcome == Outcome::kExpired;
  const Waiting operation{true,
                          considered.fold,
                          begins || (!accepted && transition.next.first_seen == At(wall_)),
                          passes,
                          observing_,
                          static_cast<std::uint8_t>(client),
                          static_cast<std::uint8_t>(tuple),
                          wall_};
  if (commits_later) {
    waiting_ = operation;
  } else {
    Commit(operation);
  }
  return true;
}

// What greylist::RecordTry does.
void World::Commit(const Waiting& operation) {
  const WallTime now = At(operation.now);
  if (operation.fold) {
    FoldedTuples folded = FoldedOf(operation.client);
    const auto noted = NoteFolded(folded, operation.tuple, now, Config(),
                                  {operation.observing, operation.may_begin, operation.may_pass});
    if (noted.block) SetFolded(operation.client, folded, *noted.block);
    const auto own = Own(operation.tuple);
    if (noted.passed && !(own && OutcomeOf(*own, now, Config()) == Outcome::kKnown)) {
      SetOwn(operation.tuple, *noted.passed);
    }
    return;
  }
  const auto own = Own(operation.tuple);
  if (!own && !operation.may_begin) return;
  const auto transition = Advance(own, now, Config(), operation.observing);
  if (transition.outcome == Outcome::kPassed && !operation.may_pass) return;
  if (transition.write) SetOwn(operation.tuple, transition.next);
}

bool World::SeenInTime(const Truth& truth) const {
  return std::any_of(truth.sighting.begin(), truth.sighting.begin() + truth.sightings,
                     [&](const Sighting& sighting) {
                       const Seconds by_wall(wall_ - sighting.at);
                       const Seconds really(real_ - sighting.real_at);
                       return std::max(by_wall, really) >= Config().delay &&
                              std::min(by_wall, really) <=
                                  (sighting.observed ? Config().lifetime : Config().retry_window);
                     });
}

bool World::LoseAllowance() {
  if (!allowance_.exists) return false;
  SetAutoAllow(AfterRevocation(Earned(), At(wall_)));
  return true;
}

void World::Sweep() {
  for (std::size_t i = 0; i < kTuples; ++i) {
    const auto record = Own(i);
    if (!record) continue;
    if (IsExpired(*record, At(wall_), Config())) {
      own_[i] = {};
    } else if (IsFromFuture(*record, At(wall_))) {
      SetOwn(i, WithClampedTimes(*record, At(wall_)));
    }
  }
  for (auto& places : folded_) {
    for (Folded& one : places) {
      if (one.tuple == kTuples) continue;
      const FoldedBlock block{{}, {{one.tuple, At(one.first_seen)}}};
      if (IsExpired(block, At(wall_), Config())) {
        one = {};
      } else if (IsFromFuture(block, At(wall_))) {
        one.first_seen = Of(WithClampedTimes(block, At(wall_)).tuples[0].first_seen);
      }
    }
  }
}

void World::Forget() {
  own_ = {};
  folded_ = {};
  allowance_ = {};
  // That they were deferred stays true: what was being written then may still be.
  for (Truth& truth : truth_) truth.passed = false;
  passes_ = 0;
}

std::uint64_t World::Hash() const {
  Mixer mixer;
  // Only how long ago things were matters.
  const auto add_time = [&](std::int32_t time) { mixer.Add(wall_ - time); };
  mixer.Add((observing_ ? 1 : 0) + (listed_ ? 2 : 0) + 4 * static_cast<int>(counted_));
  for (const Record& record : own_) {
    mixer.Add(record.state + (record.observed ? 8 : 0));
    if (record.state == 0) continue;
    add_time(record.first_seen);
    add_time(record.last_seen);
  }
  for (const auto& places : folded_) {
    for (const Folded& one : places) {
      mixer.Add(one.tuple);
      if (one.tuple != kTuples) add_time(one.first_seen);
    }
  }
  mixer.Add(allowance_.exists);
  if (allowance_.exists) {
    mixer.Add(allowance_.passed + (allowance_.allowed ? 8 : 0));
    add_time(allowance_.counted_at);
    add_time(allowance_.last_used);
    mixer.Add(allowance_.lost_at == kNever ? -1 : wall_ - allowance_.lost_at);
  }
  mixer.Add(waiting_.any);
  if (waiting_.any) {
    mixer.Add((waiting_.fold ? 1 : 0) + (waiting_.may_begin ? 2 : 0) +
              (waiting_.observing ? 4 : 0) + 8 * waiting_.client + 16 * waiting_.tuple +
              (waiting_.may_pass ? 128 : 0));
    add_time(waiting_.now);
  }
  mixer.Add(passes_);
  for (const Truth& truth : truth_) {
    mixer.Add(truth.sightings + (truth.passed ? 32 : 0));
    for (std::size_t i = 0; i < truth.sightings; ++i) {
      mixer.Add(truth.sighting[i].observed);
      add_time(truth.sighting[i].at);
      mixer.Add(real_ - truth.sighting[i].real_at);
    }
  }
  return mixer.hash();
}

std::string World::History() const {
  std::string text;
  for (std::size_t i = 0; i < events_; ++i) {
    text += std::string(EventName(history_[i])) + "\n";
  }
  return text;
}

}  // namespace mxward::explore
