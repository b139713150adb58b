// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/health.h"

#include <algorithm>
#include <utility>

namespace mxward::dnsbl {

struct Health::Entry {
  Entry(const DnsblConfig& list, Moment now) : name(list.name), health(list, now) {}
  const std::string name;
  std::mutex mutex;
  ListHealth health;  // guarded by mutex
};

Health::Health(const Clock& clock, Log& log) : clock_(clock), log_(log) {}

Health::~Health() = default;

void Health::SetLists(const std::vector<DnsblConfig>& lists) {
  const Moment now = Now();
  const std::lock_guard lock(mutex_);
  std::vector<EntryPtr> entries;
  for (const DnsblConfig& list : lists) {
    const auto same = std::find_if(entries_.begin(), entries_.end(), [&](const EntryPtr& entry) {
      return entry->health.list() == list;
    });
    entries.push_back(same != entries_.end() ? *same : std::make_shared<Entry>(list, now));
  }
  entries_ = std::move(entries);
}

Health::EntryPtr Health::Find(std::string_view list) const {
  const std::lock_guard lock(mutex_);
  for (const EntryPtr& entry : entries_) {
    if (entry->name == list) return entry;
  }
  return nullptr;
}

Moment Health::Now() const { return {clock_.Monotonic(), clock_.Now()}; }

// Makes a change to a list and logs what comes of it.
template <class Change>
void Health::Tell(std::string_view list, Change change) {
  const EntryPtr entry = Find(list);
  if (entry == nullptr) return;
  const std::lock_guard lock(entry->mutex);
  // Under the lock, so that the lines about a list stand in the order of what happened to it; the
  // log never waits.
  for (Notice& notice : change(entry->health, Now())) {
    notice.level == LogLevel::kInfo ? log_.Info(notice.text) : log_.Warning(notice.text);
  }
}

bool Health::MayAsk(std::string_view list) const {
  const EntryPtr entry = Find(list);
  if (entry == nullptr) return false;
  const std::lock_guard lock(entry->mutex);
  return entry->health.MayAsk();
}

bool Health::Counts(std::string_view list) const {
  const EntryPtr entry = Find(list);
  if (entry == nullptr) return false;
  const std::lock_guard lock(entry->mutex);
  return entry->health.Counts();
}

MonoTime Health::TrustedSince(std::string_view list) const {
  const EntryPtr entry = Find(list);
  if (entry == nullptr) return {};
  const std::lock_guard lock(entry->mutex);
  return entry->health.trusted_since();
}

void Health::NoteAnswer(std::string_view list, const Meaning& meaning) {
  Tell(list, [&](ListHealth& health, Moment now) { return health.NoteAnswer(meaning, now); });
}

void Health::NoteClient(std::string_view list, std::uint64_t client_hash, bool listed,
                        bool good_standing) {
  Tell(list, [&](ListHealth& health, Moment now) {
    return health.NoteClient(client_hash, listed, good_standing, now);
  });
}

void Health::NoteTest(std::string_view list, const TestResult& result) {
  Tell(list, [&](ListHealth& health, Moment now) { return health.NoteTest(result, now); });
}

bool Health::TestDue(std::string_view list) {
  const EntryPtr entry = Find(list);
  if (entry == nullptr) return false;
  const std::lock_guard lock(entry->mutex);
  return entry->health.TestDue(clock_.Monotonic());
}

std::vector<ListStatus> Health::Status() const {
  std::vector<EntryPtr> entries;
  {
    const std::lock_guard lock(mutex_);
    entries = entries_;
  }
  std::vector<ListStatus> all;
  all.reserve(entries.size());
  for (const EntryPtr& entry : entries) {
    const std::lock_guard lock(entry->mutex);
    all.push_back(entry->health.status());
  }
  return all;
}

}  // namespace mxward::dnsbl
