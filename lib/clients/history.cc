// SPDX-License-Identifier: Apache-2.0
#include "clients/history.h"

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>

#include "clients/client_table.h"
#include "store/write_behind.h"

namespace mxward {
namespace {

// The keys are keyed hashes already: no client can choose its own.
struct AsItIs {
  std::size_t operator()(std::uint64_t hash) const { return hash; }
};

struct ByClient {
  static void Add(std::uint64_t /*hash*/, ClientRecord& earlier, const ClientRecord& later) {
    earlier = Merged(std::move(earlier), later);
  }
  static std::optional<std::uint64_t> Overflow(std::uint64_t /*hash*/) { return std::nullopt; }
};

using Buffer =
    store::WriteBehind<std::unordered_map<std::uint64_t, ClientRecord, AsItIs>, ByClient>;

// Background work may use what a full database keeps back for expiry; new clients must not.
bool HasRoom(store::Environment& environment) {
  constexpr std::uint64_t kPercent = 90;
  const auto usage = environment.GetUsage();
  return usage && usage->used_bytes < usage->limit_bytes / 100 * kPercent;
}

template <class Number>
void CountUp(Number& count) {
  if (count < std::numeric_limits<Number>::max()) ++count;
}

}  // namespace

struct History::Waiting : Buffer {
  using Buffer::Buffer;
};

History::History(const Clock& clock, store::Environment& environment, store::Writer& writer)
    : clock_(clock),
      environment_(environment),
      writer_(writer),
      waiting_(std::make_unique<Waiting>(writer,
                                         Buffer::Options{.every = kFlushEvery,
                                                         .per_operation = kBatch,
                                                         .most_waiting = kMaxWaiting,
                                                         .hand_over = kHandOver},
                                         clock.Monotonic())) {}

History::~History() = default;

template <class Change>
void History::Note(const IpAddress& client, Change change) {
  const std::uint64_t hash = ClientHash(environment_.hash_key(), client);
  const WallTime now = clock_.Now();
  const bool noted = waiting_->Update(hash, [&](ClientRecord& record, bool is_new) {
    if (is_new) {
      record.client = ClientOf(client);
      record.first_seen = now;
    }
    record.last_seen = std::max(record.last_seen, now);
    change(record, now);
  });
  if (!noted) dropped_.Add();
}

void History::NoteConnection(const IpAddress& client, NameClass name_class) {
  Note(client, [name_class](ClientRecord& record, WallTime /*now*/) {
    CountUp(record.connections);
    record.name_class = name_class;
  });
}

void History::NoteRecipient(const IpAddress& client, Recipient what, const Passing& passing) {
  Note(client, [what, passing](ClientRecord& record, WallTime now) {
    switch (what) {
      case Recipient::kPassed:
        CountPassed(record, now, passing);
        break;
      case Recipient::kDeferred:
        CountUp(record.deferred);
        break;
      case Recipient::kRejected:
        CountUp(record.rejected);
        CountUp(record.against);
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
  return waiting_->Find(ClientHash(environment_.hash_key(), client));
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
  MXWARD_TRY(auto read, environment_.Read());
  return Get(client, unwritten, read);
}

std::map<std::string, ClientRecord> History::Unwritten() const {
  std::map<std::string, ClientRecord> all;
  for (auto& [hash, record] : waiting_->Unwritten()) {
    all.emplace(ClientKey(hash), std::move(record));
  }
  return all;
}

void History::Flush(bool privacy, bool all) {
  const auto lost = waiting_->Flush(clock_.Monotonic(), all, [&]() -> Buffer::Write {
    return [privacy, may_begin = HasRoom(environment_), now = clock_.Now()](
               store::WriteTransaction& transaction, const Buffer::Items& items) -> Result<void> {
      for (const auto* item : items) {
        const auto& [hash, since] = *item;
        MXWARD_TRY(const auto stored, GetClient(transaction, hash));
        if (!stored && !may_begin) continue;
        ClientRecord next = Continued(stored, since, now);
        // Also of a record that was made before it was switched on.
        if (privacy) next.client.reset();
        MXWARD_TRY(transaction.Put(store::Table::kClients, ClientKey(hash), next.Encode()));
      }
      return {};
    };
  });
  dropped_.Add(lost);
}

std::unique_ptr<store::Ticket> History::Forget(const IpAddress& client) {
  const std::uint64_t hash = ClientHash(environment_.hash_key(), client);
  waiting_->Forget(hash);
  return writer_.Submit(DeleteClient(hash), store::Priority::kHigh);
}

}  // namespace mxward
