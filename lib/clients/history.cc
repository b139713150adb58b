// SPDX-License-Identifier: Apache-2.0
#include "clients/history.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "clients/client_table.h"

namespace mxward {
namespace {

// The keys are keyed hashes already: no client can choose its own.
struct AsItIs {
  std::size_t operator()(std::uint64_t hash) const { return hash; }
};
using CountsByHash = std::unordered_map<std::uint64_t, ClientRecord, AsItIs>;

// What the writer is given at a time, in batches of History::kBatch clients. The operations share
// it, and may outlive the History.
class Lot {
 public:
  explicit Lot(CountsByHash counts) : counts_(std::move(counts)) {}

  // Neighbours in the table go into the same batch: fewer pages a commit. To be called before
  // anything of batches; the rest does not mind.
  void SortIntoBatches() {
    sorted_.reserve(counts_.size());
    for (const auto& item : counts_) sorted_.push_back(&item);
    std::sort(sorted_.begin(), sorted_.end(),
              [](const auto* a, const auto* b) { return a->first < b->first; });
  }
  std::size_t batches() const { return (sorted_.size() + History::kBatch - 1) / History::kBatch; }
  // REQUIRES: the client is in the lot
  std::size_t BatchOf(std::uint64_t hash) const {
    const auto at = std::lower_bound(
        sorted_.begin(), sorted_.end(), hash,
        [](const auto* item, std::uint64_t wanted) { return item->first < wanted; });
    return static_cast<std::size_t>(at - sorted_.begin()) / History::kBatch;
  }
  // Of one batch those that have not been forgotten.
  std::vector<CountsByHash::const_pointer> Batch(std::size_t batch) {
    auto forgotten = forgotten_.Lock();
    std::vector<CountsByHash::const_pointer> items;
    const std::size_t from = batch * History::kBatch;
    const std::size_t to = std::min(from + History::kBatch, sorted_.size());
    for (std::size_t i = from; i < to; ++i) {
      if (!forgotten->contains(sorted_[i]->first)) items.push_back(sorted_[i]);
    }
    return items;
  }

  std::vector<std::uint64_t> Hashes() const {
    std::vector<std::uint64_t> hashes;
    hashes.reserve(counts_.size());
    for (const auto& item : counts_) hashes.push_back(item.first);
    return hashes;
  }
  // Null when it is not in it, or has been forgotten.
  const ClientRecord* Find(std::uint64_t hash) {
    const auto at = counts_.find(hash);
    return at == counts_.end() || forgotten_.Lock()->contains(hash) ? nullptr : &at->second;
  }
  void Forget(std::uint64_t hash) {
    if (counts_.contains(hash)) forgotten_.Lock()->insert(hash);
  }

 private:
  const CountsByHash counts_;
  std::vector<CountsByHash::const_pointer> sorted_;
  Guarded<std::set<std::uint64_t>> forgotten_;
};

// A client forgotten after this has run is deleted by an operation in a later commit.
store::Operation Write(std::shared_ptr<Lot> lot, std::size_t batch, bool privacy, bool may_begin,
                       WallTime now) {
  return [lot = std::move(lot), batch, privacy, may_begin,
          now](store::WriteTransaction& transaction) -> Result<void> {
    for (const auto* item : lot->Batch(batch)) {
      const auto& [hash, since] = *item;
      const auto stored = GetClient(transaction, hash);
      if (!stored) return Fail(stored.error());
      if (!*stored && !may_begin) continue;
      ClientRecord next = Continued(*stored, since, now);
      // Also of a record that was made before it was switched on.
      if (privacy) next.client.reset();
      auto put = transaction.Put(store::Table::kClients, ClientKey(hash), next.Encode());
      if (!put) return put;
    }
    return {};
  };
}

// Background work may use what a full database keeps back for expiry; new clients must not.
bool HasRoom(store::Environment& environment) {
  constexpr std::uint64_t kPercent = 90;
  const auto usage = environment.GetUsage();
  return usage && usage->used_bytes < usage->limit_bytes / 100 * kPercent;
}

void CountUp(std::uint32_t& count) {
  if (count < std::numeric_limits<std::uint32_t>::max()) ++count;
}

}  // namespace

struct History::Waiting {
  struct Handed {
    std::shared_ptr<Lot> lot;
    std::vector<std::unique_ptr<store::Ticket>> tickets;  // of its batches; none: not yet submitted

    bool Done() const {
      return !tickets.empty() &&
             std::all_of(tickets.begin(), tickets.end(),
                         [](const auto& ticket) { return ticket->Peek().has_value(); });
    }
    // REQUIRES: the client is in the lot
    bool Written(std::uint64_t hash) const {
      if (tickets.empty()) return false;
      const auto outcome = tickets[lot->BatchOf(hash)]->Peek();
      return outcome && *outcome;
    }
  };

  explicit Waiting(MonoTime now) : due(now + kFlushEvery) {}

  std::mutex mutex;
  // Below: guarded by mutex.
  CountsByHash counts;
  std::vector<Handed> handed;  // to the writer, in order
  MonoTime due;
  bool failed = false;  // the last time

  // The lots that the writer is done with. REQUIRES: mutex held
  std::vector<Handed> TakeDone() {
    std::vector<Handed> done;
    for (Handed& one : handed) {
      if (one.Done()) done.push_back(std::move(one));
    }
    std::erase_if(handed, [](const Handed& one) { return one.lot == nullptr; });
    return done;
  }

  // What the writer could not write of a lot waits again, as long as there is room. Returns how
  // many clients' counts are lost. REQUIRES: mutex held
  std::uint64_t TakeBack(Lot& lot, const std::vector<std::unique_ptr<store::Ticket>>& tickets) {
    std::uint64_t lost = 0;
    for (std::size_t batch = 0; batch < tickets.size(); ++batch) {
      if (*tickets[batch]->Peek()) continue;
      failed = true;
      for (const auto* item : lot.Batch(batch)) {
        const auto& [hash, earlier] = *item;
        const auto at = counts.find(hash);
        if (at != counts.end()) {
          at->second = Merged(earlier, at->second);
        } else if (counts.size() < kMaxWaiting) {
          counts.emplace(hash, earlier);
        } else {
          ++lost;
        }
      }
    }
    return lost;
  }

  // REQUIRES: mutex held
  bool IsDue(MonoTime now) const {
    if (!handed.empty()) return false;
    return now >= due || (counts.size() >= kHandOver && !failed);
  }

  // What is not yet written of one client. REQUIRES: mutex held
  std::optional<ClientRecord> Find(std::uint64_t hash) const {
    std::optional<ClientRecord> found;
    const auto add = [&found](const ClientRecord& record) {
      found = found ? Merged(*std::move(found), record) : record;
    };
    for (const Handed& one : handed) {
      const ClientRecord* record = one.lot->Find(hash);
      if (record != nullptr && !one.Written(hash)) add(*record);
    }
    if (const auto at = counts.find(hash); at != counts.end()) add(at->second);
    return found;
  }
};

History::History(const Clock& clock, store::Environment& environment, store::Writer& writer)
    : clock_(clock),
      environment_(environment),
      writer_(writer),
      waiting_(std::make_unique<Waiting>(clock.Monotonic())) {}

History::~History() = default;

template <class Change>
void History::Note(const IpAddress& client, Change change) {
  const std::uint64_t hash = ClientHash(environment_.hash_key(), client);
  const WallTime now = clock_.Now();
  const std::lock_guard lock(waiting_->mutex);
  auto at = waiting_->counts.find(hash);
  if (at == waiting_->counts.end()) {
    if (waiting_->counts.size() >= kMaxWaiting) {
      dropped_.Add();
      return;
    }
    at = waiting_->counts.try_emplace(hash).first;
    at->second.client = ClientOf(client);
    at->second.first_seen = now;
  }
  ClientRecord& record = at->second;
  record.last_seen = std::max(record.last_seen, now);
  change(record, now);
}

void History::NoteConnection(const IpAddress& client, NameClass name_class) {
  Note(client, [name_class](ClientRecord& record, WallTime /*now*/) {
    CountUp(record.connections);
    record.name_class = name_class;
  });
}

void History::NoteRecipient(const IpAddress& client, Recipient what, std::uint32_t organisation) {
  Note(client, [what, organisation](ClientRecord& record, WallTime now) {
    switch (what) {
      case Recipient::kPassed:
        CountPassed(record, now, organisation);
        break;
      case Recipient::kDeferred:
        CountUp(record.deferred);
        break;
      case Recipient::kRejected:
        CountUp(record.rejected);
        record.last_rejected = std::max(record.last_rejected, now);
        break;
      case Recipient::kRefused:
        CountUp(record.rejected);
        break;
      case Recipient::kBad:
        CountUp(record.bad);
        break;
    }
  });
}

void History::NoteHarvest(const IpAddress& client) {
  Note(client, [](ClientRecord& record, WallTime now) {
    CountUp(record.harvests);
    record.last_rejected = std::max(record.last_rejected, now);
  });
}

void History::NoteListed(const IpAddress& client, std::string_view list) {
  Note(client, [list](ClientRecord& record, WallTime now) {
    record.last_listed = std::max(record.last_listed, now);
    record.last_list = list.substr(0, ClientRecord::kMaxListName);
  });
}

std::optional<ClientRecord> History::UnwrittenOf(const IpAddress& client) const {
  const std::uint64_t hash = ClientHash(environment_.hash_key(), client);
  const std::lock_guard lock(waiting_->mutex);
  return waiting_->Find(hash);
}

Result<std::optional<ClientRecord>> History::Get(const IpAddress& client,
                                                 const std::optional<ClientRecord>& unwritten,
                                                 const store::Transaction& transaction) const {
  auto stored = GetClient(transaction, ClientHash(environment_.hash_key(), client));
  if (!stored || !unwritten) return stored;
  return Continued(*stored, *unwritten, clock_.Now());
}

Result<std::optional<ClientRecord>> History::Get(const IpAddress& client) const {
  const auto unwritten = UnwrittenOf(client);
  auto read = environment_.Read();
  if (!read) return Fail(read.error());
  return Get(client, unwritten, *read);
}

std::map<std::string, ClientRecord> History::Unwritten() const {
  std::map<std::string, ClientRecord> all;
  const std::lock_guard lock(waiting_->mutex);
  const auto add = [&](std::uint64_t hash) {
    if (auto record = waiting_->Find(hash)) all.emplace(ClientKey(hash), *std::move(record));
  };
  for (const auto& handed : waiting_->handed) {
    for (const std::uint64_t hash : handed.lot->Hashes()) add(hash);
  }
  for (const auto& [hash, record] : waiting_->counts) add(hash);
  return all;
}

void History::Flush(bool privacy, bool all) {
  const MonoTime now = clock_.Monotonic();
  std::shared_ptr<Lot> lot;
  std::vector<Waiting::Handed> done;  // goes without the lock
  {
    const std::lock_guard lock(waiting_->mutex);
    done = waiting_->TakeDone();
    for (const auto& [written, tickets] : done) {
      dropped_.Add(waiting_->TakeBack(*written, tickets));
    }
    if (!all && !waiting_->IsDue(now)) return;
    waiting_->due = now + kFlushEvery;
    waiting_->failed = false;
    if (waiting_->counts.empty()) return;
    lot = std::make_shared<Lot>(std::exchange(waiting_->counts, {}));
    waiting_->handed.push_back({lot, {}});
  }
  lot->SortIntoBatches();
  const bool may_begin = HasRoom(environment_);
  const WallTime wall = clock_.Now();
  std::vector<std::unique_ptr<store::Ticket>> tickets;
  for (std::size_t batch = 0; batch < lot->batches(); ++batch) {
    tickets.push_back(
        writer_.Submit(Write(lot, batch, privacy, may_begin, wall), store::Urgency::kBackground));
  }
  const std::lock_guard lock(waiting_->mutex);
  std::find_if(waiting_->handed.begin(), waiting_->handed.end(), [&](const auto& handed) {
    return handed.lot == lot;
  })->tickets = std::move(tickets);
}

std::unique_ptr<store::Ticket> History::Forget(const IpAddress& client) {
  const std::uint64_t hash = ClientHash(environment_.hash_key(), client);
  {
    const std::lock_guard lock(waiting_->mutex);
    waiting_->counts.erase(hash);
    for (const auto& handed : waiting_->handed) handed.lot->Forget(hash);
  }
  return writer_.Submit(DeleteClient(hash), store::Urgency::kPrompt);
}

}  // namespace mxward
