// SPDX-License-Identifier: Apache-2.0
#include "greylist/table.h"

#include <utility>

namespace mxward::greylist {
namespace {

using store::Table;
using store::Transaction;
using store::WriteTransaction;

struct Found {
  TupleKey key;
  std::optional<TupleRecord> record;
  bool by_name = false;
  int rank = -1;
};

bool Alive(const std::optional<TupleRecord>& record) {
  return record && record->state != State::kForgotten;
}

Result<std::optional<TupleRecord>> GetRecord(const Transaction& transaction, const TupleKey& key) {
  const auto bytes = transaction.Get(Table::kTuples, key.Encode());
  if (!bytes) return Fail(bytes.error());
  // A record that cannot be read counts as none: the next try writes a good one.
  return *bytes ? TupleRecord::Decode(**bytes) : std::nullopt;
}

Result<std::optional<EarnedRecord>> GetEarned(const Transaction& transaction, std::uint64_t hash) {
  const auto bytes = transaction.Get(Table::kEarned, EarnedKey(hash));
  if (!bytes) return Fail(bytes.error());
  return *bytes ? EarnedRecord::Decode(**bytes) : std::nullopt;
}

// How far a record takes the client now.
int Rank(const TupleRecord& record, WallTime now, const GreylistConfig& config) {
  switch (OutcomeOf(record, now, config)) {
    case Outcome::kNew:
      return 0;
    case Outcome::kExpired:
      return 1;
    case Outcome::kEarly:
      return 2;
    case Outcome::kPassed:
      return 3;
    case Outcome::kKnown:
      return 4;
  }
  return 0;
}
constexpr int kKnownRank = 4;

Result<Found> Find(const Transaction& transaction, const Tuple& tuple, WallTime now,
                   const GreylistConfig& config) {
  Found found;
  found.key = {tuple.addresses, tuple.identities.network_hash};
  auto exact = GetRecord(transaction, found.key);
  if (!exact) return Fail(exact.error());
  const std::uint64_t name = tuple.identities.name_hash;
  if (Alive(*exact)) {
    found.record = std::move(*exact);
    found.by_name = name != 0 && found.record->name_hash == name;
    found.rank = Rank(*found.record, now, config);
  }
  if (name == 0 || found.rank == kKnownRank) return found;
  int visited = 0;
  auto scanned = transaction.Scan(
      Table::kTuples, TupleKey{tuple.addresses, 0}.Encode(),
      [&](std::string_view key_bytes, std::string_view value) {
        const auto key = TupleKey::Decode(key_bytes);
        if (!key || key->addresses != tuple.addresses || ++visited > kMaxNeighbours) return false;
        if (TupleRecord::PeekNameHash(value) != name) return true;
        auto record = TupleRecord::Decode(value);
        if (!Alive(record)) return true;
        const int rank = Rank(*record, now, config);
        if (rank > found.rank ||
            (rank == found.rank && record->first_seen < found.record->first_seen)) {
          found.key = *key;
          found.record = std::move(record);
          found.by_name = true;
          found.rank = rank;
        }
        return found.rank < kKnownRank;
      });
  if (!scanned) return Fail(scanned.error());
  return found;
}

// Of these records, deletes the expired and redates those from the future.
template <class Record>
Result<void> Tidy(WriteTransaction& transaction, Table table, const std::vector<std::string>& keys,
                  WallTime now, const GreylistConfig& config) {
  for (const std::string& key : keys) {
    const auto bytes = transaction.Get(table, key);
    if (!bytes) return Fail(bytes.error());
    if (!*bytes) continue;
    const auto record = Record::Decode(**bytes);
    if (!record || IsExpired(*record, now, config)) {
      if (auto deleted = transaction.Delete(table, key); !deleted) return Fail(deleted.error());
    } else if (IsFromFuture(*record, now)) {
      auto put = transaction.Put(table, key, Redated(*record, now).Encode());
      if (!put) return put;
    }
  }
  return {};
}

// Of these keys, what is to be removed and never came back.
Result<std::vector<TupleRecord>> LostAmong(const Transaction& transaction,
                                           const std::vector<std::string>& keys, WallTime now,
                                           const GreylistConfig& config) {
  std::vector<TupleRecord> lost;
  for (const std::string& key : keys) {
    const auto bytes = transaction.Get(Table::kTuples, key);
    if (!bytes) return Fail(bytes.error());
    if (!*bytes) continue;
    auto record = TupleRecord::Decode(**bytes);
    if (!record || record->folded || !IsExpired(*record, now, config)) continue;
    if (NeverCameBack(*record, now, config)) lost.push_back(*std::move(record));
  }
  return lost;
}

}  // namespace

TupleKey FoldedKey(const Identities& identities, const HashKey& key) {
  return {SipHash(key, "folded"), identities.client_hash};
}

Result<View> Look(const Transaction& transaction, const Tuple& tuple, WallTime now,
                  const GreylistConfig& config, const HashKey& key) {
  View view;
  auto found = Find(transaction, tuple, now, config);
  if (!found) return Fail(found.error());
  view.record = std::move(found->record);
  view.by_name = found->by_name;
  // Known tuples are what most mail belongs to; they need nothing more.
  if (found->rank == kKnownRank) return view;
  auto folded = GetRecord(transaction, FoldedKey(tuple.identities, key));
  if (!folded) return Fail(folded.error());
  view.folded = std::move(*folded);
  if (tuple.identities.name_hash != 0) {
    auto earned = GetEarned(transaction, tuple.identities.name_hash);
    if (!earned) return Fail(earned.error());
    view.name_earned = std::move(*earned);
  }
  auto earned = GetEarned(transaction, tuple.identities.client_hash);
  if (!earned) return Fail(earned.error());
  view.client_earned = std::move(*earned);
  return view;
}

Result<bool> HasEarned(const Transaction& transaction, const Identities& identities, WallTime now,
                       const GreylistConfig& config) {
  for (const std::uint64_t hash : {identities.name_hash, identities.client_hash}) {
    if (hash == 0) continue;  // no name
    const auto earned = GetEarned(transaction, hash);
    if (!earned) return Fail(earned.error());
    if (*earned && IsAllowed(**earned, now, config)) return true;
  }
  return false;
}

store::Operation RecordTry(Tuple tuple, bool fold, WallTime now,
                           std::shared_ptr<const Config> config, bool observing, HashKey key,
                           bool may_begin, std::optional<Seconds> delay) {
  return [tuple = std::move(tuple), fold, now, config = std::move(config), observing, key,
          may_begin, delay](WriteTransaction& transaction) -> Result<void> {
    GreylistConfig own;
    if (delay) {
      own = config->greylist;
      own.delay = *delay;
    }
    const GreylistConfig& tuning = delay ? own : config->greylist;
    Found found;
    if (fold) {
      found.key = FoldedKey(tuple.identities, key);
      auto folded = GetRecord(transaction, found.key);
      if (!folded) return Fail(folded.error());
      found.record = std::move(*folded);
    } else {
      auto again = Find(transaction, tuple, now, tuning);
      if (!again) return Fail(again.error());
      found = std::move(*again);
    }
    const bool fresh = !Alive(found.record);
    if (fresh && !may_begin) return {};
    Judgement judgement = Advance(found.record, now, tuning, observing);
    if (!judgement.write) return {};
    TupleRecord& next = judgement.next;
    if (judgement.outcome == Outcome::kNew || judgement.outcome == Outcome::kExpired) {
      next.good_evidence = tuple.good_evidence && !fold;
    }
    if (fresh) {
      next.folded = fold;
      next.name_hash = tuple.identities.name_hash;
      next.client_tag = tuple.identities.client_tag();
      if (!config->greylist.privacy) {
        next.client = tuple.client;
        if (!fold) {
          next.sender = tuple.sender;
          next.recipient = tuple.recipient;
        }
      }
    } else if (next.name_hash == 0 && !fold) {
      // The name could not be verified when it first came.
      next.name_hash = tuple.identities.name_hash;
    }
    if (config->greylist.privacy) {
      // It may have been switched on after the record was made.
      next.client.reset();
      next.sender.clear();
      next.recipient.clear();
    }
    return transaction.Put(Table::kTuples, found.key.Encode(), next.Encode());
  };
}

store::Operation RecordEarned(std::uint64_t identity_hash, std::string identity, WallTime now,
                              std::shared_ptr<const Config> config) {
  return [identity_hash, identity = std::move(identity), now,
          config = std::move(config)](WriteTransaction& transaction) -> Result<void> {
    auto record = GetEarned(transaction, identity_hash);
    if (!record) return Fail(record.error());
    // Forgotten since the decision: stays so.
    if (*record && (*record)->forgotten && (*record)->last_used >= now) return {};
    EarnedRecord next = AfterPass(*record, now, config->greylist);
    next.identity = config->greylist.privacy ? "" : identity;
    return transaction.Put(Table::kEarned, EarnedKey(identity_hash), next.Encode());
  };
}

store::Operation TouchEarned(std::uint64_t identity_hash, WallTime now) {
  return [identity_hash, now](WriteTransaction& transaction) -> Result<void> {
    auto record = GetEarned(transaction, identity_hash);
    if (!record) return Fail(record.error());
    if (!*record || (*record)->forgotten) return {};
    (*record)->last_used = now;
    return transaction.Put(Table::kEarned, EarnedKey(identity_hash), (*record)->Encode());
  };
}

store::Operation LoseEarned(std::vector<std::uint64_t> identity_hashes) {
  return [hashes = std::move(identity_hashes)](WriteTransaction& transaction) -> Result<void> {
    for (const std::uint64_t hash : hashes) {
      if (auto gone = transaction.Delete(Table::kEarned, EarnedKey(hash)); !gone) {
        return Fail(gone.error());
      }
    }
    return {};
  };
}

store::Operation ForgetTuples(std::vector<TupleKey> keys, WallTime now) {
  return [keys = std::move(keys), now](WriteTransaction& transaction) -> Result<void> {
    for (const TupleKey& key : keys) {
      TupleRecord tombstone;
      tombstone.state = State::kForgotten;
      tombstone.last_seen = now;
      if (auto put = transaction.Put(Table::kTuples, key.Encode(), tombstone.Encode()); !put) {
        return put;
      }
    }
    return {};
  };
}

store::Operation ForgetEarned(std::vector<std::uint64_t> identity_hashes, WallTime now) {
  return [hashes = std::move(identity_hashes), now](WriteTransaction& transaction) -> Result<void> {
    for (const std::uint64_t hash : hashes) {
      EarnedRecord tombstone;
      tombstone.forgotten = true;
      tombstone.last_used = now;
      if (auto put = transaction.Put(Table::kEarned, EarnedKey(hash), tombstone.Encode()); !put) {
        return put;
      }
    }
    return {};
  };
}

store::Operation ExpireTuples(std::vector<std::string> keys, WallTime now,
                              std::shared_ptr<const Config> config, LostSink lost) {
  return [keys = std::move(keys), now, config = std::move(config),
          lost = std::move(lost)](WriteTransaction& transaction) -> Result<void> {
    if (lost) {
      const auto records = LostAmong(transaction, keys, now, config->greylist);
      if (!records) return Fail(records.error());
      if (auto told = records->empty() ? Result<void>() : lost(transaction, *records); !told) {
        return told;
      }
    }
    return Tidy<TupleRecord>(transaction, Table::kTuples, keys, now, config->greylist);
  };
}

store::Operation ExpireEarned(std::vector<std::string> keys, WallTime now,
                              std::shared_ptr<const Config> config) {
  return [keys = std::move(keys), now,
          config = std::move(config)](WriteTransaction& transaction) -> Result<void> {
    return Tidy<EarnedRecord>(transaction, Table::kEarned, keys, now, config->greylist);
  };
}

}  // namespace mxward::greylist
