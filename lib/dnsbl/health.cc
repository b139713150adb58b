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
      name_(list.name),
      health_(list, Now()),
      may_ask_(health_.MayAsk()),
      counts_(health_.Counts()),
      trusted_since_(health_.trusted_since()) {}

// Makes a change and logs what comes of it.
template <class Change>
void ListWatch::Tell(Change change) {
  const MutexLock lock(mutex_);
  if (retired_) return;
  // Under the lock, so that the lines about a list stand in the order of what happened to it; the
  // log never waits.
  for (Notice& notice : change(health_, Now())) {
    notice.level == LogLevel::kInfo ? log_.Info(notice.text) : log_.Warning(notice.text);
  }
  Publish();
}

void ListWatch::Publish() {
  may_ask_.store(health_.MayAsk(), std::memory_order_relaxed);
  counts_.store(health_.Counts(), std::memory_order_relaxed);
  proven_.store(health_.proven(), std::memory_order_relaxed);
  awaited_.store(health_.Awaited(), std::memory_order_relaxed);
  trusted_since_.store(health_.trusted_since(), std::memory_order_relaxed);
}

void ListWatch::NoteAnswer(const Meaning& meaning) {
  Tell([&](ListHealth& health, Moment now) { return health.NoteAnswer(meaning, now); });
}

void ListWatch::NoteClient(const Voter& client, bool witness, bool listed) {
  Tell([&](ListHealth& health, Moment now) {
    return health.NoteClient(client, witness, listed, now);
  });
}

void ListWatch::NoteTest(const TestResult& result) {
  Tell([&](ListHealth& health, Moment now) { return health.NoteTest(result, now); });
  std::vector<std::weak_ptr<dns::Progress>> waiting;
  {
    const MutexLock lock(mutex_);
    waiting.swap(waiting_);
  }
  for (const auto& one : waiting) {
    if (const auto progress = one.lock()) progress->Add();
  }
}

bool ListWatch::AwaitTest(std::weak_ptr<dns::Progress> progress) {
  const MutexLock lock(mutex_);
  if (!health_.Awaited()) return false;
  if (waiting_.size() < kMostWaiting) waiting_.push_back(std::move(progress));
  return true;
}

bool ListWatch::TestDue() {
  const MutexLock lock(mutex_);
  const bool due = health_.TestDue(clock_.Monotonic());
  Publish();
  return due;
}

std::optional<WallTime> ListWatch::Passed() const {
  const MutexLock lock(mutex_);
  return health_.passed();
}

void ListWatch::Restore(WallTime passed) {
  const MutexLock lock(mutex_);
  health_.Restore(passed, Now());
  Publish();
}

ListStatus ListWatch::Status() const {
  const MutexLock lock(mutex_);
  return health_.status();
}

void ListWatch::Retire() {
  const MutexLock lock(mutex_);
  retired_ = true;
}

std::string TestedText(const DnsblConfig& list) {
  std::string text = list.AboutClients() ? "clients" : "names";
  for (const std::string& part : {list.zone, list.listed_name, list.unlisted_name}) {
    text += '\n' + part;
  }
  if (list.ipv4) text += "\n4 " + list.listed_v4 + ' ' + list.unlisted_v4;
  if (list.ipv6) text += "\n6 " + list.listed_v6 + ' ' + list.unlisted_v6;
  return text;
}

Health::Health(const Clock& clock, Log& log)
    : clock_(clock),
      log_(log),
      known_{std::make_shared<const std::vector<DnsblConfig>>(),
             std::make_shared<const std::vector<ListWatchPtr>>()} {}

Health::Known Health::known() const {
  const MutexLock lock(mutex_);
  return known_;
}

void Health::SetLists(Lists lists) {
  const MutexLock lock(mutex_);
  std::vector<ListWatchPtr> watches;
  for (const DnsblConfig& list : *lists) {
    if (ListWatchPtr same = FindIn(*known_.lists, *known_.watches, list)) {
      watches.push_back(std::move(same));
      continue;
    }
    watches.push_back(std::make_shared<ListWatch>(clock_, log_, list));
    for (std::size_t i = 0; i < known_.lists->size(); ++i) {
      const auto passed = (*known_.watches)[i]->Passed();
      const bool same_test = TestedText((*known_.lists)[i]) == TestedText(list);
      if (passed && same_test) watches.back()->Restore(*passed);
    }
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

Health::Passed Health::PassedTests() const {
  const Known known = this->known();
  Passed passed;
  for (std::size_t i = 0; i < known.lists->size(); ++i) {
    if (const auto at = (*known.watches)[i]->Passed()) {
      passed.emplace_back(TestedText((*known.lists)[i]), *at);
    }
  }
  return passed;
}

std::vector<ListStatus> Health::Status() const {
  std::vector<ListStatus> all;
  for (const ListWatchPtr& watch : *known().watches) all.push_back(watch->Status());
  return all;
}

}  // namespace mxward::dnsbl
