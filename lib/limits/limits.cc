// SPDX-License-Identifier: Apache-2.0
#include "limits/limits.h"

#include <utility>

#include "limits/counter_table.h"
#include "limits/open_counts.h"
#include "limits/subject_key.h"

namespace mxward::limits {
namespace {

Rate RateOf(const LimitConfig& limit) { return {limit.amount, limit.period, limit.burst}; }

State StateOf(const LimitConfig& limit, const SubjectKey& key, const Level& level) {
  State state;
  state.limit = limit.name;
  state.key = key.ToString();
  state.over = level.over;
  state.used = level.used;
  state.wait = std::chrono::ceil<Millis>(level.wait);
  return state;
}

Level LevelOfOpen(const LimitConfig& limit, std::int64_t open) {
  Level level;
  level.over = open >= limit.amount;
  level.used = open;
  return level;
}

}  // namespace

struct Limits::Impl {
  Impl(const Clock& the_clock, const HashKey& the_key, std::uint64_t memory)
      : clock(the_clock), key(the_key), table(memory) {}

  const Clock& clock;
  const HashKey key;
  CounterTable table;
  OpenCounts open;
};

Limits::Limits(const Clock& clock, const HashKey& key, std::uint64_t memory)
    : impl_(std::make_unique<Impl>(clock, key, memory)) {}

Limits::~Limits() = default;

void Limits::SetMemory(std::uint64_t memory) {
  impl_->table.SetMemory(memory, impl_->clock.Monotonic());
}

State Limits::Look(const LimitConfig& limit, const Subject& subject) const {
  const SubjectKey key(limit, subject);
  const std::uint64_t hash = key.Hash(impl_->key, limit);
  if (limit.count == LimitCount::kConcurrent) {
    return StateOf(limit, key, LevelOfOpen(limit, impl_->open.Get(hash)));
  }
  return StateOf(limit, key, impl_->table.Look(hash, RateOf(limit), impl_->clock.Monotonic()));
}

State Limits::Take(const LimitConfig& limit, const Subject& subject) {
  const SubjectKey key(limit, subject);
  const CounterKey counter =
      MainCounter(impl_->key, limit, key.Hash(impl_->key, limit), Holder(subject.client));
  return StateOf(limit, key, impl_->table.Take(counter, RateOf(limit), impl_->clock.Monotonic()));
}

void Limits::GiveBack(const LimitConfig& limit, const Subject& subject) {
  const SubjectKey key(limit, subject);
  impl_->table.GiveBack(key.Hash(impl_->key, limit), RateOf(limit), impl_->clock.Monotonic());
}

Limits::Open::Open(Open&& other) noexcept
    : limits_(std::exchange(other.limits_, nullptr)), key_(other.key_) {}

Limits::Open& Limits::Open::operator=(Open&& other) noexcept {
  if (this == &other) return *this;
  const Open closed(std::move(*this));
  limits_ = std::exchange(other.limits_, nullptr);
  key_ = other.key_;
  return *this;
}

Limits::Open::~Open() {
  if (limits_ != nullptr) limits_->impl_->open.Remove(key_);
}

Limits::Open Limits::Enter(const LimitConfig& limit, const Subject& subject, State* before) {
  const SubjectKey key(limit, subject);
  Open open;
  open.key_ = key.Hash(impl_->key, limit);
  *before = StateOf(limit, key, LevelOfOpen(limit, impl_->open.Add(open.key_)));
  open.limits_ = this;
  return open;
}

void Limits::NoteRecipient(const LimitConfig&, const Subject&, bool) {}

std::vector<Notable> Limits::List(const std::vector<LimitConfig>&) const { return {}; }

std::size_t Limits::Reset(const LimitConfig&, std::string_view) { return 0; }

Limits::Stats Limits::stats() const {
  const CounterTable::Stats table = impl_->table.stats(impl_->clock.Monotonic());
  return {table.counters, table.capacity, table.bytes, table.evicted};
}

std::vector<std::string> Limits::Save() const { return {}; }

void Limits::Restore(const std::vector<std::string>&, Seconds) {}

}  // namespace mxward::limits
