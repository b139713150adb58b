// SPDX-License-Identifier: Apache-2.0
#include "entries/table.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/canonical_address.h"

namespace mxward::entries {
namespace {

using store::Table;
using store::WriteTransaction;

constexpr Seconds kKeepTombstones{60 * 86400};
constexpr std::size_t kMaxLabels = 16;

// Looks up keys from the most specific to the least; the first in force wins.
class Lookup {
 public:
  // Gives the bytes of an entry.
  using Source =
      std::function<Result<std::optional<std::string_view>>(const std::string& store_key)>;
  Lookup(Source source, const HashKey& hash_key, WallTime now)
      : source_(std::move(source)), hash_key_(hash_key), now_(now) {}

  // True when an entry was found (or the store failed): look no further.
  bool Try(Kind kind, std::string_view canonical_key, bool blocks_only = false) {
    const auto bytes = source_(StoreKey(hash_key_, kind, canonical_key));
    if (!bytes) {
      failure_ = bytes.error();
      return true;
    }
    if (!*bytes) return false;
    auto entry = Decode(kind, **bytes);
    if (!entry || !InForce(*entry, now_)) return false;
    if (blocks_only && entry->action != Action::kBlock) return false;
    found_.push_back(std::move(*entry));
    return true;
  }

  // A name, then its parents: of a longer one the last kMaxLabels labels, so that many labels are
  // no way around a block.
  bool TryDomain(Kind kind, std::string_view name, bool blocks_only = false) {
    if (name.empty()) return false;
    if (Try(kind, name, blocks_only)) return true;
    std::array<std::size_t, kMaxLabels> parents;
    std::size_t count = 0;
    for (auto dot = name.rfind('.'); dot != std::string_view::npos && count < kMaxLabels;
         dot = dot == 0 ? std::string_view::npos : name.rfind('.', dot - 1)) {
      parents[count++] = dot + 1;
    }
    while (count > 0) {
      const std::string_view parent = name.substr(parents[--count]);
      if (!parent.empty() && Try(kind, parent, blocks_only)) return true;
    }
    return false;
  }

  Result<std::vector<Entry>> Take() {
    if (failure_) return Fail(*failure_);
    return std::move(found_);
  }

 private:
  Source source_;
  const HashKey& hash_key_;
  WallTime now_;
  std::vector<Entry> found_;
  std::optional<Error> failure_;
};

}  // namespace

Result<void> Index::Load(store::Environment& environment) {
  if (const auto saved = environment.saved(); saved != nullptr && !environment.ready()) {
    for (const auto& [place, value] : saved->records()) {
      if (place.first == Table::kEntries) AddRecord(place.second, value);
    }
  }
  if (!environment.ready()) return {};
  MXWARD_TRY(auto read, environment.Read());
  return read.Scan(Table::kEntries, "", [this](std::string_view key, std::string_view value) {
    AddRecord(key, value);
    return true;
  });
}

void Index::AddRecord(std::string_view key, std::string_view value) {
  if (key.empty() || key[0] < 1 || key[0] > kKindCount) return;
  const auto kind = static_cast<Kind>(key[0]);
  if (const auto entry = Decode(kind, value); entry && !entry->forgotten) Add(kind, entry->key);
}

void Index::Add(Kind kind, std::string_view canonical_key) {
  if (kind == Kind::kSpfOf) spf_of_.Lock()->emplace(canonical_key);
  kinds_.fetch_or(1U << static_cast<unsigned>(kind));
  if (kind != Kind::kClient) return;
  const auto prefix = Prefix::Parse(canonical_key);
  if (!prefix) return;
  const auto length = static_cast<unsigned>(prefix->length());
  if (prefix->address().is_v4()) {
    v4_lengths_.fetch_or(1ULL << length);
  } else {
    v6_lengths_[length / 64].fetch_or(1ULL << (length % 64));
  }
}

bool Index::Has(Kind kind) const {
  return (kinds_.load(std::memory_order_relaxed) & (1U << static_cast<unsigned>(kind))) != 0;
}

bool Index::HasLength(const IpAddress& address, int length) const {
  const auto bit = static_cast<unsigned>(length);
  if (address.is_v4()) return (v4_lengths_.load(std::memory_order_relaxed) >> bit & 1) != 0;
  return (v6_lengths_[bit / 64].load(std::memory_order_relaxed) >> (bit % 64) & 1) != 0;
}

std::vector<std::string> Index::SpfOf() const {
  auto keys = spf_of_.Lock();
  return {keys->begin(), keys->end()};
}

Result<std::vector<Entry>> Match(store::SharedRead& read, const Index& index,
                                 const Question& question, WallTime now) {
  if (index.empty()) return std::vector<Entry>();
  store::Environment& environment = read.environment();
  const auto saved = environment.ready() ? nullptr : environment.saved();
  const store::Transaction* transaction = nullptr;
  if (saved == nullptr) {
    // Nor a copy. (It is dropped once the database is ready.)
    if (!environment.ready()) return std::vector<Entry>();
    MXWARD_TRY(transaction, read.Begin());
  }
  Lookup lookup(
      [&](const std::string& key) -> Result<std::optional<std::string_view>> {
        if (saved != nullptr) return saved->Get(Table::kEntries, key);
        return transaction->Get(Table::kEntries, key);
      },
      environment.hash_key(), now);
  if (question.client && index.Has(Kind::kClient)) {
    for (int length = question.client->bits(); length >= 0; --length) {
      if (!index.HasLength(*question.client, length)) continue;
      if (lookup.Try(Kind::kClient, Prefix(*question.client, length).ToString())) break;
    }
  }
  if (index.Has(Kind::kClientName)) {
    if (!lookup.TryDomain(Kind::kClientName, question.client_name) &&
        question.claimed_name != question.client_name) {
      lookup.TryDomain(Kind::kClientName, question.claimed_name, /*blocks_only=*/true);
    }
  }
  // However an address is spelt, it is the same mailbox.
  const CanonicalAddress sender(question.sender);
  if (index.Has(Kind::kSender) && (question.null_sender || !sender.text().empty())) {
    lookup.Try(Kind::kSender, question.null_sender ? "<>" : sender.text());
  }
  if (index.Has(Kind::kSenderDomain)) lookup.TryDomain(Kind::kSenderDomain, sender.domain());
  const CanonicalAddress recipient(question.recipient);
  if (index.Has(Kind::kRecipient)) lookup.Try(Kind::kRecipient, recipient.text());
  if (index.Has(Kind::kRecipientDomain)) {
    lookup.TryDomain(Kind::kRecipientDomain, recipient.domain());
  }
  if (question.spf_of && index.Has(Kind::kSpfOf)) {
    std::size_t found = 0;
    for (const std::string& domain : index.SpfOf()) {
      if (found < kMostSpfOfEntries && lookup.Try(Kind::kSpfOf, domain)) ++found;
    }
  }
  if (!question.account.empty() && index.Has(Kind::kAccount)) {
    lookup.Try(Kind::kAccount, question.account);
  }
  return lookup.Take();
}

Result<std::size_t> CountSpfOf(store::Environment& environment, const Index& index,
                               std::string_view without, WallTime now) {
  MXWARD_TRY(auto read, environment.Read());
  std::size_t count = 0;
  for (const std::string& domain : index.SpfOf()) {
    if (domain == without) continue;
    MXWARD_TRY(const auto bytes,
               read.Get(Table::kEntries, StoreKey(environment.hash_key(), Kind::kSpfOf, domain)));
    const auto entry = bytes ? Decode(Kind::kSpfOf, *bytes) : std::nullopt;
    if (entry && InForce(*entry, now)) ++count;
  }
  return count;
}

store::Operation PutEntry(Entry entry, HashKey hash_key) {
  return [entry = std::move(entry), hash_key](WriteTransaction& transaction) -> Result<void> {
    const std::string key = StoreKey(hash_key, entry.kind, entry.key);
    MXWARD_TRY(const auto bytes, transaction.Get(Table::kEntries, key));
    Entry next = entry;
    if (bytes) {
      if (const auto old = Decode(entry.kind, *bytes); old && !old->forgotten) {
        next.created = old->created;
      }
    }
    return transaction.Put(Table::kEntries, key, Encode(next));
  };
}

store::Operation ForgetEntry(Kind kind, std::string canonical_key, WallTime now, HashKey hash_key) {
  return [kind, canonical_key = std::move(canonical_key), now,
          hash_key](WriteTransaction& transaction) -> Result<void> {
    Entry tombstone;
    tombstone.kind = kind;
    tombstone.forgotten = true;
    tombstone.updated = now;
    return transaction.Put(Table::kEntries, StoreKey(hash_key, kind, canonical_key),
                           Encode(tombstone));
  };
}

Result<std::vector<Entry>> EntriesOfOldForm(store::Environment& environment,
                                            std::span<const Prefix> nat64) {
  MXWARD_TRY(auto read, environment.Read());
  std::vector<Entry> found;
  MXWARD_TRY(read.Scan(Table::kEntries, "", [&](std::string_view key, std::string_view value) {
    if (key.empty() || key[0] < 1 || key[0] > kKindCount) return true;
    const auto kind = static_cast<Kind>(key[0]);
    auto entry = Decode(kind, value);
    if (!entry || entry->forgotten) return true;
    const auto today = CanonicalKey(kind, entry->key, nat64);
    if (today && *today != entry->key) found.push_back(*std::move(entry));
    return true;
  }));
  return found;
}

store::Operation RenewKeys(std::vector<Entry> entries, std::vector<Prefix> nat64,
                           HashKey hash_key) {
  return [entries = std::move(entries), nat64 = std::move(nat64),
          hash_key](WriteTransaction& transaction) -> Result<void> {
    for (const Entry& entry : entries) {
      const auto today = CanonicalKey(entry.kind, entry.key, nat64);
      if (!today) continue;
      const std::string old_key = StoreKey(hash_key, entry.kind, entry.key);
      MXWARD_TRY(transaction.Delete(Table::kEntries, old_key));
      Entry renewed = entry;
      renewed.key = *today;
      const std::string key = StoreKey(hash_key, entry.kind, *today);
      MXWARD_TRY(const auto bytes, transaction.Get(Table::kEntries, key));
      const auto merged = Merged(bytes ? Decode(entry.kind, *bytes) : std::nullopt, renewed);
      if (!merged) continue;
      MXWARD_TRY(transaction.Put(Table::kEntries, key, Encode(*merged)));
    }
    return {};
  };
}

bool IsExpired(const Entry& entry, WallTime now) {
  if (entry.forgotten) return now - entry.updated > kKeepTombstones;
  return entry.expires && now >= *entry.expires;
}

store::Operation ExpireEntries(std::vector<std::string> keys, WallTime now) {
  return [keys = std::move(keys), now](WriteTransaction& transaction) -> Result<void> {
    for (const std::string& key : keys) {
      MXWARD_TRY(const auto bytes, transaction.Get(Table::kEntries, key));
      if (!bytes) continue;
      const auto entry = Decode(static_cast<Kind>(key[0]), *bytes);
      if (entry && !IsExpired(*entry, now)) continue;
      MXWARD_TRY(transaction.Delete(Table::kEntries, key));
    }
    return {};
  };
}

}  // namespace mxward::entries
