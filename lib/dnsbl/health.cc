// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/health.h"

#include <algorithm>
#include <utility>

namespace mxward::dnsbl {
namespace {

ListWatchPtr FindIn(const std::vector<DnsblConfig>& lists, const std::vector<ListWatchPtr>& watches,
                    const DnsblConfig& list) {
  const auto found = std::find(lists.begin(), lists.end(), list);
  if (found == lists.end()) return nullptr;
  return watches[static_cast<std::size_t>(found - lists.begin())];
}

}  // namespace

ListWatch::ListWatch(const Clock& clock, Log& log, const DnsblConfig& list)
    : clock_(clock),
      log_(log),
      health_(list, Now()),
      may_ask_(health_.MayAsk()),
      counts_(health_.Counts()),
      trusted_since_(health_.trusted_since()) {}

// Makes a change and logs what comes of it.
template <class Change>
void ListWatch::Tell(Change change) {
  const std::lock_guard lock(mutex_);
  if (retired_) return;
  // Under the lock, so that the lines about a list stand in the order of what happened to it; the
  // log never waits.
  for (Notice& notice : change(Now())) {
    notice.level == LogLevel::kInfo ? log_.Info(notice.text) : log_.Warning(notice.text);
  }
  may_ask_.store(health_.MayAsk(), std::memory_order_relaxed);
  counts_.store(health_.Counts(), std::memory_order_relaxed);
  trusted_since_.store(health_.trusted_since(), std::memory_order_relaxed);
}

void ListWatch::NoteAnswer(const Meaning& meaning) {
  Tell([&](Moment now) { return health_.NoteAnswer(meaning, now); });
}

void ListWatch::NoteClient(std::uint64_t client_hash, bool listed, bool good_standing) {
  Tell([&](Moment now) { return health_.NoteClient(client_hash, listed, good_standing, now); });
}

void ListWatch::NoteTest(const TestResult& result) {
  Tell([&](Moment now) { return health_.NoteTest(result, now); });
}

bool ListWatch::TestDue() {
  const std::lock_guard lock(mutex_);
  return health_.TestDue(clock_.Monotonic());
}

ListStatus ListWatch::Status() const {
  const std::lock_guard lock(mutex_);
  return health_.status();
}

void ListWatch::Retire() {
  const std::lock_guard lock(mutex_);
  retired_ = true;
}

Health::Health(const Clock& clock, Log& log)
    : clock_(clock),
      log_(log),
      known_{std::make_shared<const std::vector<DnsblConfig>>(),
             std::make_shared<const std::vector<ListWatchPtr>>()} {}

Health::Known Health::known() const {
  const std::lock_guard lock(mutex_);
  return known_;
}

void Health::SetLists(Lists lists) {
  const std::lock_guard lock(mutex_);
  std::vector<ListWatchPtr> watches;
  for (const DnsblConfig& list : *lists) {
    ListWatchPtr same = FindIn(*known_.lists, *known_.watches, list);
    watches.push_back(same ? std::move(same) : std::make_shared<ListWatch>(clock_, log_, list));
  }
  for (const ListWatchPtr& before : *known_.watches) {
    if (std::find(watches.begin(), watches.end(), before) == watches.end()) before->Retire();
  }
  known_ = {std::move(lists),
            std::make_shared<const std::vector<ListWatchPtr>>(std::move(watches))};
}

Health::Watches Health::WatchesOf(const std::vector<DnsblConfig>& lists) const {
  const Known known = this->known();
  if (known.lists.get() == &lists) return known.watches;
  // A session that goes on by the configuration before.
  std::vector<ListWatchPtr> watches;
  watches.reserve(lists.size());
  for (const DnsblConfig& list : lists) {
    watches.push_back(FindIn(*known.lists, *known.watches, list));
  }
  return std::make_shared<const std::vector<ListWatchPtr>>(std::move(watches));
}

ListWatchPtr Health::Find(const DnsblConfig& list) const {
  const Known known = this->known();
  return FindIn(*known.lists, *known.watches, list);
}

std::vector<ListStatus> Health::Status() const {
  std::vector<ListStatus> all;
  for (const ListWatchPtr& watch : *known().watches) all.push_back(watch->Status());
  return all;
}

}  // namespace mxward::dnsbl
