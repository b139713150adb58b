// SPDX-License-Identifier: Apache-2.0
#include "limits/limits.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <unordered_map>
#include <utility>

#include "base/canonical_address.h"
#include "base/guarded.h"
#include "base/text.h"
#include "clients/host_name.h"
#include "limits/counter_table.h"
#include "limits/harvest.h"
#include "limits/hot_keys.h"
#include "limits/saved_counters.h"
#include "limits/subject_key.h"

namespace mxward::limits {
namespace {

void SetLevel(State& state, const Level& level) {
  state.over = level.over;
  state.used = level.used;
  state.wait = std::chrono::ceil<Millis>(level.wait);
}

State StateOf(const LimitConfig& limit, const SubjectKey& key, const Level& level = {}) {
  State state;
  state.limit = limit.name;
  state.key = key.ToString();
  state.of_sender = key.of_sender();
  state.sender_at = key.sender_at();
  SetLevel(state, level);
  return state;
}

Level LevelOfOpen(const LimitConfig& limit, std::int64_t open) {
  Level level;
  level.over = open >= limit.amount;
  level.used = open;
  return level;
}

// What the burst is to a rate.
std::int64_t Most(const LimitConfig& limit) {
  return limit.count == LimitCount::kConcurrent ? limit.amount : limit.burst;
}

bool IsNear(const LimitConfig& limit, std::int64_t used) {
  return used * 100 >= Most(limit) * Limits::kNearPercent;
}

// How many connections each key has open now. Exact; what has none takes no memory. Thread-safe.
class OpenCounts {
 public:
  std::int64_t Get(std::uint64_t key) const;
  // One more; how many there were before.
  std::int64_t Add(std::uint64_t key);
  void Remove(std::uint64_t key);

 private:
  using Counts = std::unordered_map<std::uint64_t, std::int64_t>;
  Guarded<Counts>& ShardOf(std::uint64_t key) const { return shards_[key % shards_.size()]; }

  mutable std::array<Guarded<Counts>, 16> shards_;
};

std::int64_t OpenCounts::Get(std::uint64_t key) const {
  auto counts = ShardOf(key).Lock();
  const auto found = counts->find(key);
  return found == counts->end() ? 0 : found->second;
}

std::int64_t OpenCounts::Add(std::uint64_t key) { return (*ShardOf(key).Lock())[key]++; }

void OpenCounts::Remove(std::uint64_t key) {
  auto counts = ShardOf(key).Lock();
  const auto found = counts->find(key);
  if (found != counts->end() && --found->second == 0) counts->erase(found);
}

// Whether the subject has what the limit counts per.
bool HasKey(LimitPer per, const Subject& subject) {
  switch (per) {
    case LimitPer::kClient:
    case LimitPer::kNetwork:
      return subject.client != IpAddress();
    case LimitPer::kSender:
      return !CanonicalAddress(subject.sender).text().empty();
    case LimitPer::kSenderDomain:
      return !CanonicalAddress(subject.sender).domain().empty();
    case LimitPer::kRecipient:
      return !CanonicalAddress(subject.recipient).text().empty();
    case LimitPer::kUser:
      return !subject.user.empty();
    case LimitPer::kAccount:
      return !subject.account.empty();
  }
  return false;
}

bool IsSpared(const LimitConfig& limit, const Subject& subject) {
  if (std::any_of(limit.spare_networks.begin(), limit.spare_networks.end(),
                  [&](const Prefix& network) { return network.Contains(subject.client); })) {
    return true;
  }
  if (limit.spare_names.empty() || subject.client_name.empty()) return false;
  const std::string name = ToLower(subject.client_name);
  return std::any_of(limit.spare_names.begin(), limit.spare_names.end(),
                     [&](const std::string& domain) { return IsAtOrBelow(name, domain); });
}

}  // namespace

bool Limits::Applies(const LimitConfig& limit, const Subject& subject) {
  // A network without good names is one customer's or a botnet's; with them it is many servers,
  // each of which answers for itself.
  const bool named_network = limit.count == LimitCount::kBadRecipients &&
                             limit.per == LimitPer::kNetwork && !subject.client_name.empty();
  return HasKey(limit.per, subject) && !named_network && !IsSpared(limit, subject);
}

struct Limits::Impl {
  Impl(const Clock& the_clock, const HashKey& the_key, std::uint64_t memory)
      : clock(the_clock), key(the_key), table(memory) {}

  Level LevelOf(const LimitConfig& limit, const CounterKey& counter) {
    switch (limit.count) {
      case LimitCount::kConcurrent:
        return LevelOfOpen(limit, open.Get(counter.id));
      case LimitCount::kBadRecipients:
        return harvest.Look(limit, counter, clock.Monotonic());
      case LimitCount::kConnections:
      case LimitCount::kMessages:
      case LimitCount::kRecipients:
        break;
    }
    return table.Look(counter.id, RateOf(limit), clock.Monotonic());
  }

  // One more was counted, unless it was over.
  void Remember(const LimitConfig& limit, const CounterKey& counter, const State& before,
                std::int64_t used) {
    if (!IsNear(limit, used)) return;
    hot_keys.Note(counter.id, limit.name, before.key, /*anew=*/!IsNear(limit, before.used),
                  clock.Now());
  }

  const Clock& clock;
  const HashKey key;
  CounterTable table;
  Harvest harvest{key, table};
  OpenCounts open;
  HotKeys hot_keys;
};

KeyParts PartsOf(const State& state) {
  const std::string_view key = state.key;
  if (!state.of_sender || state.sender_at == 0 || state.sender_at > key.size()) return {key, {}};
  return {key.substr(0, state.sender_at - 1), key.substr(state.sender_at)};
}

Limits::Limits(const Clock& clock, const HashKey& key, std::uint64_t memory)
    : impl_(std::make_unique<Impl>(clock, key, memory)) {}

Limits::~Limits() = default;

void Limits::SetMemory(std::uint64_t memory) {
  impl_->table.SetMemory(memory, impl_->clock.Monotonic());
}

State Limits::Look(const LimitConfig& limit, const Subject& subject) const {
  if (const auto sender = SubjectKey::OfSender(limit, subject)) {
    State state =
        StateOf(limit, *sender, impl_->LevelOf(limit, sender->CounterOf(impl_->key, limit)));
    if (state.over) return state;
  }
  const SubjectKey key(limit, subject);
  return StateOf(limit, key, impl_->LevelOf(limit, key.CounterOf(impl_->key, limit)));
}

State Limits::Take(const LimitConfig& limit, const Subject& subject) {
  const SubjectKey key(limit, subject);
  const CounterKey counter = key.CounterOf(impl_->key, limit, Holder(subject.client));
  impl_->table.Prefetch(counter.id);
  const MonoTime now = impl_->clock.Monotonic();
  State before = StateOf(limit, key);
  SetLevel(before, impl_->table.Take(counter, RateOf(limit), now));
  impl_->Remember(limit, counter, before, before.used + (before.over ? 0 : 1));
  return before;
}

void Limits::GiveBack(const LimitConfig& limit, const Subject& subject) {
  const CounterKey counter = SubjectKey(limit, subject).CounterOf(impl_->key, limit);
  impl_->table.GiveBack(counter.id, RateOf(limit), impl_->clock.Monotonic());
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
  const CounterKey counter = key.CounterOf(impl_->key, limit);
  Open open;
  open.key_ = counter.id;
  const std::int64_t others = impl_->open.Add(counter.id);
  open.limits_ = this;
  *before = StateOf(limit, key, LevelOfOpen(limit, others));
  impl_->Remember(limit, counter, *before, others + 1);
  return open;
}

void Limits::NoteRecipient(const LimitConfig& limit, const Subject& subject, bool bad) {
  if (subject.recipient.empty() || !Applies(limit, subject)) return;
  const MonoTime now = impl_->clock.Monotonic();
  const auto note = [&](const SubjectKey& key, const auto& count) {
    const CounterKey counter = key.CounterOf(impl_->key, limit, Holder(subject.client));
    const State before = StateOf(limit, key, impl_->harvest.Look(limit, counter, now));
    if (count(counter) && bad) impl_->Remember(limit, counter, before, before.used + 1);
  };
  const SubjectKey whole(limit, subject);
  const auto sender = SubjectKey::OfSender(limit, subject);
  if (!sender) {
    note(whole, [&](const CounterKey& counter) {
      return impl_->harvest.Note(limit, counter, subject.recipient, bad, now);
    });
    return;
  }
  note(*sender, [&](const CounterKey& counter) {
    return impl_->harvest.Note(limit, counter, subject.recipient, bad, now);
  });
  const CounterKey of_sender = sender->CounterOf(impl_->key, limit, Holder(subject.client));
  note(whole, [&](const CounterKey& counter) {
    return impl_->harvest.NoteWhole(limit, counter, of_sender, subject.recipient, bad, now);
  });
}

void Limits::NoteDenied(const LimitConfig& limit, const State& state) {
  const auto key = SubjectKey::Parse(limit, state.key);
  if (!key) return;
  impl_->hot_keys.NoteDenied(key->CounterOf(impl_->key, limit).id, limit.name, state.key,
                             impl_->clock.Now());
}

std::vector<HotKey> Limits::List(const std::vector<LimitConfig>& limits) const {
  std::vector<HotKey> list;
  for (const HotKeys::Item& item : impl_->hot_keys.Get()) {
    const auto limit = std::find_if(limits.begin(), limits.end(),
                                    [&](const LimitConfig& one) { return one.name == item.limit; });
    if (limit == limits.end()) continue;
    const auto key = SubjectKey::Parse(*limit, item.key);
    const CounterKey counter = key ? key->CounterOf(impl_->key, *limit) : CounterKey();
    const Level level = impl_->LevelOf(*limit, counter);
    // Also one that the limit counted when it was another one.
    if (!key || counter.id != item.hash || !IsNear(*limit, level.used)) {
      impl_->hot_keys.Forget(item.hash);
      continue;
    }
    list.push_back({StateOf(*limit, *key, level), item.since, item.denied});
  }
  std::stable_partition(list.begin(), list.end(),
                        [](const HotKey& hot_key) { return hot_key.state.over; });
  return list;
}

std::size_t Limits::Reset(const LimitConfig& limit, std::string_view key) {
  const auto parsed = SubjectKey::Parse(limit, key);
  if (!parsed && !key.empty()) return 0;
  const CounterKey counter = (parsed ? *parsed : SubjectKey()).CounterOf(impl_->key, limit);
  if (parsed) {
    impl_->hot_keys.Forget(counter.id);
  } else {
    impl_->hot_keys.ForgetLimit(limit.name);
  }
  std::size_t count = 0;
  impl_->table.Forget(
      [&](const CounterKey& each) {
        if (!(parsed ? AreOfOneKey(each, counter) : AreOfOneLimit(each, counter))) return false;
        if (!IsSideCounter(each)) ++count;
        return true;
      },
      impl_->clock.Monotonic());
  return count;
}

Limits::Stats Limits::stats() const {
  const CounterTable::Stats table = impl_->table.stats(impl_->clock.Monotonic());
  return {table.counters, table.capacity, table.bytes, table.evicted};
}

std::vector<std::string> Limits::Save(std::size_t slice) const {
  static_assert(kSlices == CounterTable::kSlices);
  const MonoTime now = impl_->clock.Monotonic();
  CounterPacker packer(impl_->key);
  impl_->table.Visit(
      slice,
      [&](const std::vector<Counter>& counters) {
        for (const Counter& counter : counters) packer.Add(counter, now);
      },
      now);
  return packer.Take();
}

void Limits::Restore(const std::vector<std::string>& pieces, Seconds elapsed) {
  const MonoTime now = impl_->clock.Monotonic();
  for (const std::string& piece : pieces) {
    for (const Counter& counter : UnpackCounters(impl_->key, piece, elapsed, now)) {
      impl_->table.Restore(counter, now);
    }
  }
}

}  // namespace mxward::limits
