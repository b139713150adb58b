// SPDX-License-Identifier: Apache-2.0
#include "greylist/table.h"

#include <utility>

#include "greylist/pending_counts.h"

namespace mxward::greylist {
namespace {

using store::Table;
using store::Transaction;
using store::WriteTransaction;

struct Found {
  TupleKey key;
  std::optional<TupleRecord> record;
  bool by_name = false;
  bool by_spf = false;
  int rank = -1;
  bool old_key = false;  // of 0.1.0
};

bool Alive(const std::optional<TupleRecord>& record) {
  return record && record->state != State::kForgotten;
}

Result<std::optional<TupleRecord>> GetRecord(const Transaction& transaction, const TupleKey& key) {
  MXWARD_TRY(const auto bytes, transaction.Get(Table::kTuples, key.Encode()));
  // A record that cannot be read counts as none: the next try writes a good one.
  return bytes ? TupleRecord::Decode(*bytes) : std::nullopt;
}

Result<std::optional<AutoAllowRecord>> GetAutoAllow(const Transaction& transaction,
                                                    std::uint64_t hash) {
  MXWARD_TRY(const auto bytes, transaction.Get(Table::kEarned, AutoAllowKey(hash)));
  return bytes ? AutoAllowRecord::Decode(*bytes) : std::nullopt;
}

Result<FoldedTuples> GetFolded(const Transaction& transaction, std::uint64_t client) {
  FoldedTuples folded;
  MXWARD_TRY(transaction.Scan(Table::kFolded, FoldedKey{client, 0}.Encode(),
                              [&](std::string_view key_bytes, std::string_view value) {
                                const auto key = FoldedKey::Decode(key_bytes);
                                if (!key || key->client != client) return false;
                                // One that cannot be read counts as empty.
                                folded.Load(key->block,
                                            FoldedBlock::Decode(value).value_or(FoldedBlock()));
                                return true;
                              }));
  return folded;
}

Result<void> PutFolded(WriteTransaction& transaction, FoldedKey key, const FoldedBlock& block) {
  if (!block.tuples.empty()) {
    return transaction.Put(Table::kFolded, key.Encode(), block.Encode());
  }
  MXWARD_TRY(transaction.Delete(Table::kFolded, key.Encode()));
  return {};
}

// How far a record takes the client now.
int Rank(const TupleRecord& record, WallTime now, const Terms& terms) {
  switch (OutcomeOf(record, now, terms)) {
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

bool IsMissing(const Found& found) { return found.rank < 0; }

TupleKey OwnKey(const Tuple& tuple) {
  const Identities& identities = tuple.identities;
  return TupleKey::Of(tuple.addresses, identities.network_hash, identities.name_hash,
                      !identities.spf.empty());
}

// Looks for the record that takes a client furthest.
class Search {
 public:
  Search(const Transaction& transaction, const Tuple& tuple, WallTime now, const Terms& terms)
      : transaction_(transaction),
        tuple_(tuple),
        name_(tuple.identities.name_hash),
        spf_(!tuple.identities.spf.empty()),
        now_(now),
        terms_(terms) {
    found_.key = OwnKey(tuple);
  }

  Result<Found> Run() {
    MXWARD_TRY(Get(found_.key));
    if (IsKnown()) return std::move(found_);
    // Nearly always there are few neighbours, and all of them are seen.
    const auto all = Scan({tuple_.addresses, 0}, [](const TupleKey&) { return true; });
    if (!all) return Fail(all.error());
    if (*all || IsKnown()) return std::move(found_);
    // In a crowd: the record that began without a name, those of whom SPF let send (they may be the
    // client's by name or network as well), and those of its own organisation.
    MXWARD_TRY(Get({tuple_.addresses, tuple_.identities.network_hash}));
    MXWARD_TRY(ScanBucket(TupleKey::SpfBucketOf(tuple_.addresses)));
    if (name_ != 0 && !IsKnown()) {
      MXWARD_TRY(ScanBucket(name_));
    }
    return std::move(found_);
  }

 private:
  Result<void> ScanBucket(std::uint64_t bucket) {
    const auto all = Scan(TupleKey::FirstOf(tuple_.addresses, bucket),
                          [bucket](const TupleKey& key) { return key.InBucketOf(bucket); });
    if (!all) return Fail(all.error());
    return {};
  }

  bool IsKnown() const { return found_.rank == kKnownRank; }

  Result<void> Get(const TupleKey& key) {
    MXWARD_TRY(auto record, GetRecord(transaction_, key));
    Consider(key, std::move(record));
    return {};
  }

  // Looks at kMaxNeighbours records of these addresses, for as long as `in_range`. True when there
  // were no more.
  Result<bool> Scan(const TupleKey& from, const std::function<bool(const TupleKey&)>& in_range) {
    int visited = 0;
    bool all = true;
    MXWARD_TRY(transaction_.Scan(
        Table::kTuples, from.Encode(), [&](std::string_view key_bytes, std::string_view value) {
          const auto key = TupleKey::Decode(key_bytes);
          if (!key || key->addresses != tuple_.addresses || !in_range(*key)) return false;
          if (++visited > kMaxNeighbours) {
            all = false;
            return false;
          }
          const bool by_name = name_ != 0 && TupleRecord::PeekNameHash(value) == name_;
          if (by_name || key->IsOfNetwork(tuple_.identities.network_hash) ||
              (spf_ && TupleRecord::PeekSpf(value))) {
            Consider(*key, TupleRecord::Decode(value));
          }
          return !IsKnown();
        }));
    return all;
  }

  void Consider(const TupleKey& key, std::optional<TupleRecord> record) {
    if (!Alive(record)) return;
    const int rank = Rank(*record, now_, terms_);
    if (rank < found_.rank ||
        (rank == found_.rank && record->first_seen >= found_.record->first_seen)) {
      return;
    }
    found_.key = key;
    found_.by_name = name_ != 0 && record->name_hash == name_;
    found_.by_spf = !found_.by_name && !key.IsOfNetwork(tuple_.identities.network_hash);
    found_.record = std::move(record);
    found_.rank = rank;
  }

  const Transaction& transaction_;
  const Tuple& tuple_;
  const std::uint64_t name_;
  const bool spf_;
  const WallTime now_;
  const Terms& terms_;
  Found found_;
};

Result<Found> Find(const Transaction& transaction, const Tuple& tuple, WallTime now,
                   const Terms& terms) {
  auto found = Search(transaction, tuple, now, terms).Run();
  if (!found || !IsMissing(*found) || !tuple.old) return found;
  Tuple as_then = tuple;
  as_then.addresses = tuple.old->addresses;
  as_then.identities.network_hash = tuple.old->network_hash;
  auto old = Search(transaction, as_then, now, terms).Run();
  if (!old || IsMissing(*old)) return old ? std::move(found) : std::move(old);
  old->old_key = true;
  return old;
}

// Of these records, deletes the expired and redates those from the future.
template <class Record, class Expired>
Result<void> Tidy(WriteTransaction& transaction, Table table, const std::vector<std::string>& keys,
                  WallTime now, Expired is_expired) {
  for (const std::string& key : keys) {
    MXWARD_TRY(const auto bytes, transaction.Get(table, key));
    if (!bytes) continue;
    const auto record = Record::Decode(*bytes);
    if (!record || is_expired(*record)) {
      MXWARD_TRY(transaction.Delete(table, key));
    } else if (IsFromFuture(*record, now)) {
      MXWARD_TRY(transaction.Put(table, key, WithClampedTimes(*record, now).Encode()));
    }
  }
  return {};
}

// Of these keys, what is to be removed and never came back.
Result<std::vector<TupleRecord>> LostAmong(const Transaction& transaction,
                                           const std::vector<std::string>& keys, WallTime now,
                                           const GreylistConfig& config, Seconds lost_retention) {
  std::vector<TupleRecord> lost;
  for (const std::string& key : keys) {
    MXWARD_TRY(const auto bytes, transaction.Get(Table::kTuples, key));
    if (!bytes) continue;
    auto record = TupleRecord::Decode(*bytes);
    if (!record || !IsExpired(*record, now, config, lost_retention)) continue;
    if (NeverCameBack(*record, now, config)) lost.push_back(*std::move(record));
  }
  return lost;
}

}  // namespace

Result<TupleLookup> LookUp(const Transaction& transaction, const Tuple& tuple, WallTime now,
                           const Terms& terms) {
  TupleLookup lookup;
  MXWARD_TRY(auto found, Find(transaction, tuple, now, terms));
  lookup.record = std::move(found.record);
  lookup.by_name = found.by_name;
  lookup.by_spf = found.by_spf;
  // Known tuples are what most mail belongs to; they need nothing more.
  if (found.rank == kKnownRank) return lookup;
  MXWARD_TRY(const auto folded, GetFolded(transaction, tuple.identities.client_hash));
  if (const FoldedTuple* one = folded.Find(FoldedTag(tuple.addresses))) {
    lookup.folded = *one;
  }
  lookup.folded_full = !folded.HasRoom(now, terms);
  MXWARD_TRY(lookup.auto_allow, GetAutoAllow(transaction, tuple.identities.client_hash));
  if (const std::uint64_t organisation = tuple.identities.organisation_hash; organisation != 0) {
    MXWARD_TRY(lookup.of_organisation, GetAutoAllow(transaction, organisation));
  }
  return lookup;
}

namespace {

void Describe(const Tuple& tuple, bool fresh, bool privacy, TupleRecord& record) {
  if (fresh) {
    record.name_hash = tuple.identities.name_hash;
    record.SetHolder(tuple.holder);
    record.client_tag = tuple.identities.client_tag();
    record.client = tuple.client;
    record.sender = tuple.sender;
    record.recipient = tuple.recipient;
    record.cut = tuple.cut;
  } else if (record.name_hash == 0) {
    // The name could not be verified when it first came.
    record.name_hash = tuple.identities.name_hash;
  }
  if (privacy) {
    // It may have been switched on after the record was made.
    record.client.reset();
    record.sender.clear();
    record.recipient.clear();
    record.cut = false;
  }
}

Result<void> TryOwn(WriteTransaction& transaction, const Try& one, const Terms& terms) {
  MXWARD_TRY(auto found, Find(transaction, one.tuple, one.now, terms));
  const bool fresh = !Alive(found.record);
  if (fresh && !one.flags.may_begin) return {};
  Transition transition = Advance(found.record, one.now, terms, one.flags.observing);
  if (!transition.write) return {};
  if (transition.outcome == Outcome::kPassed && !one.flags.may_pass) return {};
  TupleRecord& next = transition.next;
  if (transition.outcome == Outcome::kNew || transition.outcome == Outcome::kExpired) {
    next.good_evidence = one.tuple.good_evidence;
    next.spf = !one.tuple.identities.spf.empty();
  }
  Describe(one.tuple, fresh, terms.config.privacy, next);
  if (found.old_key) {
    MXWARD_TRY(transaction.Delete(Table::kTuples, found.key.Encode()));
    found.key = OwnKey(one.tuple);
  }
  return transaction.Put(Table::kTuples, found.key.Encode(), next.Encode());
}

Result<void> TryFolded(WriteTransaction& transaction, const Try& one, const Terms& terms) {
  const std::uint64_t client = one.tuple.identities.client_hash;
  MXWARD_TRY(auto folded, GetFolded(transaction, client));
  FoldedNote noted = NoteFolded(folded, FoldedTag(one.tuple.addresses), one.now, terms, one.flags);
  if (!noted.block) return {};
  FoldedBlock& block = folded.block(*noted.block);
  block.client = terms.config.privacy ? std::nullopt : std::optional(one.tuple.client);
  if (one.tuple.holder != Holder()) block.SetHolder(one.tuple.holder);
  auto put = PutFolded(transaction, {client, *noted.block}, block);
  if (!put || !noted.passed) return put;
  MXWARD_TRY(auto own, Find(transaction, one.tuple, one.now, terms));
  // Another of its addresses may have been faster.
  if (own.rank == kKnownRank) return {};
  Describe(one.tuple, /*fresh=*/true, terms.config.privacy, *noted.passed);
  return transaction.Put(Table::kTuples, OwnKey(one.tuple).Encode(), noted.passed->Encode());
}

}  // namespace

std::uint32_t RoomOfNew(const Tuple& tuple, bool privacy) {
  constexpr std::size_t kWithoutAddresses = 28;
  constexpr std::size_t kLengths = 4;
  const std::size_t addresses =
      tuple.client.view().size() + kLengths + tuple.sender.size() + tuple.recipient.size();
  return PendingCounts::RoomOf(kWithoutAddresses + (privacy ? 0 : addresses));
}

store::Operation RecordTry(Try one, std::shared_ptr<const Config> config) {
  return [one = std::move(one),
          config = std::move(config)](WriteTransaction& transaction) -> Result<void> {
    const Terms terms(config->greylist, one.delay);
    return one.fold ? TryFolded(transaction, one, terms) : TryOwn(transaction, one, terms);
  };
}

namespace {

// after: what becomes of the record, AfterPass() or the like.
template <class After>
store::Operation Credit(std::uint64_t identity_hash, std::string identity, WallTime now,
                        std::shared_ptr<const Config> config, After after) {
  return [identity_hash, identity = std::move(identity), now, config = std::move(config),
          after](WriteTransaction& transaction) -> Result<void> {
    MXWARD_TRY(auto record, GetAutoAllow(transaction, identity_hash));
    // Forgotten since the decision: stays so.
    if (record && record->forgotten && record->last_used >= now) return {};
    AutoAllowRecord next = after(record, config->greylist);
    next.identity = config->greylist.privacy ? "" : identity;
    return transaction.Put(Table::kEarned, AutoAllowKey(identity_hash), next.Encode());
  };
}

}  // namespace

store::Operation CreditAutoAllow(std::uint64_t identity_hash, std::string identity, WallTime now,
                                 std::shared_ptr<const Config> config) {
  return Credit(identity_hash, std::move(identity), now, std::move(config),
                [now](const auto& record, const GreylistConfig& greylist) {
                  return AfterPass(record, now, greylist);
                });
}

store::Operation CreditOrganisation(std::uint64_t identity_hash, std::string identity,
                                    std::uint32_t client, WallTime now,
                                    std::shared_ptr<const Config> config) {
  return Credit(identity_hash, std::move(identity), now, std::move(config),
                [client, now](const auto& record, const GreylistConfig& greylist) {
                  return AfterPassOfOrganisation(record, client, now, greylist);
                });
}

store::Operation TouchAutoAllow(std::uint64_t identity_hash, WallTime now) {
  return [identity_hash, now](WriteTransaction& transaction) -> Result<void> {
    MXWARD_TRY(auto record, GetAutoAllow(transaction, identity_hash));
    if (!record || record->forgotten) return {};
    record->last_used = now;
    return transaction.Put(Table::kEarned, AutoAllowKey(identity_hash), record->Encode());
  };
}

store::Operation RevokeAutoAllow(std::uint64_t identity_hash, WallTime now) {
  return [identity_hash, now](WriteTransaction& transaction) -> Result<void> {
    MXWARD_TRY(auto record, GetAutoAllow(transaction, identity_hash));
    if (!record || record->forgotten) return {};
    // A client that is rejected all day costs a write an hour.
    if (record->lost_at <= now && now - record->lost_at < kLastSeenStep) return {};
    return transaction.Put(Table::kEarned, AutoAllowKey(identity_hash),
                           AfterRevocation(*std::move(record), now).Encode());
  };
}

store::Operation ForgetTuples(std::vector<TupleKey> keys, WallTime now) {
  return [keys = std::move(keys), now](WriteTransaction& transaction) -> Result<void> {
    for (const TupleKey& key : keys) {
      TupleRecord tombstone;
      tombstone.state = State::kForgotten;
      tombstone.last_seen = now;
      MXWARD_TRY(transaction.Put(Table::kTuples, key.Encode(), tombstone.Encode()));
    }
    return {};
  };
}

store::Operation ForgetAutoAllows(std::vector<std::uint64_t> identity_hashes, WallTime now) {
  return [hashes = std::move(identity_hashes), now](WriteTransaction& transaction) -> Result<void> {
    for (const std::uint64_t hash : hashes) {
      AutoAllowRecord tombstone;
      tombstone.forgotten = true;
      tombstone.last_used = now;
      MXWARD_TRY(transaction.Put(Table::kEarned, AutoAllowKey(hash), tombstone.Encode()));
    }
    return {};
  };
}

store::Operation ExpireTuples(std::vector<std::string> keys, WallTime now,
                              std::shared_ptr<const Config> config, ExpiredUnretriedCallback lost,
                              Seconds lost_retention) {
  return [keys = std::move(keys), now, config = std::move(config), lost = std::move(lost),
          lost_retention](WriteTransaction& transaction) -> Result<void> {
    if (lost) {
      MXWARD_TRY(const auto records,
                 LostAmong(transaction, keys, now, config->greylist, lost_retention));
      MXWARD_TRY(records.empty() ? Result<void>() : lost(transaction, records));
    }
    return Tidy<TupleRecord>(transaction, Table::kTuples, keys, now,
                             [&](const TupleRecord& record) {
                               return IsExpired(record, now, config->greylist, lost_retention);
                             });
  };
}

store::Operation ExpireAutoAllows(std::vector<std::string> keys, WallTime now,
                                  std::shared_ptr<const Config> config) {
  return [keys = std::move(keys), now,
          config = std::move(config)](WriteTransaction& transaction) -> Result<void> {
    return Tidy<AutoAllowRecord>(
        transaction, Table::kEarned, keys, now,
        [&](const AutoAllowRecord& record) { return IsExpired(record, now, config->greylist); });
  };
}

store::Operation ForgetFolded(std::vector<FoldedKey> keys) {
  return [keys = std::move(keys)](WriteTransaction& transaction) -> Result<void> {
    for (const FoldedKey& key : keys) {
      MXWARD_TRY(transaction.Delete(Table::kFolded, key.Encode()));
    }
    return {};
  };
}

store::Operation ExpireFolded(std::vector<std::string> keys, WallTime now,
                              std::shared_ptr<const Config> config) {
  return [keys = std::move(keys), now,
          config = std::move(config)](WriteTransaction& transaction) -> Result<void> {
    return Tidy<FoldedBlock>(transaction, Table::kFolded, keys, now, [&](const FoldedBlock& block) {
      return IsExpired(block, now, config->greylist);
    });
  };
}

}  // namespace mxward::greylist
