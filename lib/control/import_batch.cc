// SPDX-License-Identifier: Apache-2.0
#include "control/import_batch.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/canonical_address.h"
#include "base/client_network.h"
#include "base/clock_guard.h"
#include "base/text.h"
#include "clients/client_table.h"
#include "entries/table.h"
#include "greylist/identity.h"
#include "greylist/merge.h"
#include "greylist/sender.h"
#include "greylist/state.h"

namespace mxward::control {
namespace {

using greylist::AutoAllowRecord;
using greylist::FoldedBlock;
using greylist::State;
using greylist::TupleRecord;
using store::Table;

// Puts one line after the other into the batch.
class Reader {
 public:
  Reader(const HashKey& key, const Config& config, WallTime now, ImportBatch& batch)
      : key_(key),
        config_(config),
        now_(now),
        own_(TransferHeader::Of(key, config.greylist)),
        batch_(batch) {}

  Result<void> ReadLine(std::size_t number, std::string_view text) {
    const auto line = ParseJson(text);
    if (!line) {
      Refuse(number, line.error().message);
      return {};
    }
    if (!(*line)["mxward"].is_null()) return ReadFrame(*line);
    ++batch_.lines;
    auto record = ParseTransferRecord(*line);
    if (!record) {
      Refuse(number, record.error().message);
      return {};
    }
    std::visit([&](auto& one) { Place(number, one); }, *record);
    return {};
  }

 private:
  // The first line, or the last.
  Result<void> ReadFrame(const Json& line) {
    if (line["mxward"].text() == "end") return {};
    MXWARD_TRY(auto header, TransferHeader::Parse(line));
    verbatim_ = header.SameKeys(own_);
    same_key_ = header.hash_key_id == own_.hash_key_id;
    if (header.privacy && !same_key_) {
      return Fail(ErrorCode::kInvalid,
                  "this export holds hashes only (greylist.privacy), made with the hash key " +
                      EscapeForLog(header.hash_key_id, 16) + ", and this database has the key " +
                      own_.hash_key_id +
                      ": they cannot be used here. Give that key to a new database first, see "
                      "store.hash_key_file and `mxwardctl export --hash-key`");
    }
    return {};
  }

  void Refuse(std::size_t number, const std::string& why) {
    ++batch_.invalid;
    if (batch_.problems.size() < ImportBatch::kShownProblems) {
      batch_.problems.push_back({number, why});
    }
  }

  bool Count(bool expired, bool from_future) {
    if (from_future) {
      ++batch_.future;
    } else if (expired) {
      ++batch_.expired;
    }
    return expired || from_future;
  }

  void Place(std::size_t number, TransferTuple& tuple) {
    TupleRecord& record = tuple.record;
    if (Count(IsExpired(record, now_, config_.greylist), IsFromFuture(record, now_))) return;
    std::optional<greylist::TupleKey> key;
    if (tuple.key && (verbatim_ || (same_key_ && !tuple.client))) {
      key = tuple.key;
    } else if (!tuple.client) {
      ++batch_.hashed;
      return;
    } else {
      key = KeyOf(number, tuple);
      if (!key) return;
      record.SetHolder(greylist::HolderOf(key_, *record.client));
      // The name itself is not in a record.
      if (!same_key_) record.name_hash = 0;
    }
    if (!record.cut) record.SetAddresses(record.sender, record.recipient);
    if (config_.greylist.privacy) {
      record.client.reset();
      record.sender.clear();
      record.recipient.clear();
      record.cut = false;
    }
    batch_.records.push_back({Table::kTuples, key->Encode(), record.Encode()});
  }

  std::uint64_t ClientHashOf(const IpAddress& client) const {
    return greylist::HashPrefix(key_, ClientNetwork(client));
  }

  std::optional<greylist::TupleKey> KeyOf(std::size_t number, const TransferTuple& tuple) {
    const TupleRecord& record = tuple.record;
    const Prefix client = ClientPrefix(*tuple.client, config_.clients.nat64);
    const IpAddress& address = client.address();
    // If it was cut, its original is unknown.
    if (record.cut || (tuple.key && (record.sender.size() == TransferTuple::kMaxAddress ||
                                     record.recipient.size() == TransferTuple::kMaxAddress))) {
      Refuse(number, "an address is too long to be hashed under another key");
      return std::nullopt;
    }
    const Prefix network = greylist::NetworkOf(address, config_.greylist);
    if (client.length() < network.length()) {
      ++batch_.too_wide;
      return std::nullopt;
    }
    // The name itself is not in a record, so under another key its hash means nothing.
    return greylist::TupleKey::Of(
        greylist::HashAddresses(key_, NormaliseSender(record.sender, record.recipient),
                                CanonicalAddress(record.recipient).text()),
        greylist::HashPrefix(key_, network), same_key_ ? record.name_hash : 0, record.spf);
  }

  void Place(std::size_t number, TransferAutoAllow& earned) {
    AutoAllowRecord& record = earned.record;
    if (Count(IsExpired(record, now_, config_.greylist), IsFromFuture(record, now_))) return;
    std::optional<std::uint64_t> hash = same_key_ ? earned.hash : std::nullopt;
    if (!hash) {
      if (record.identity.empty()) {
        ++batch_.hashed;
        return;
      }
      hash = HashIdentity(number, record.identity);
      if (!hash) return;
      record.first_client = 0;  // hashed under another key
    }
    if (config_.greylist.privacy) record.identity.clear();
    batch_.records.push_back({Table::kEarned, greylist::AutoAllowKey(*hash), record.Encode()});
  }

  std::optional<std::uint64_t> HashIdentity(std::size_t number, std::string& identity) {
    const std::string rest = identity.substr(identity.find(':') + 1);
    if (identity.starts_with("name:") && !rest.empty()) {
      return greylist::HashName(key_, rest);
    }
    if (identity.starts_with(greylist::kOfOrganisation) && !rest.empty()) {
      return greylist::HashOrganisation(key_, rest);
    }
    const auto prefix = Prefix::Parse(rest);
    if (!prefix || !identity.starts_with("client:")) {
      Refuse(number, "identity: \"" + EscapeForLog(identity, 80) + "\" is none");
      return std::nullopt;
    }
    const Prefix client = ClientNetwork(prefix->address());
    // An allowance is never for a network.
    if (prefix->length() < client.length()) {
      ++batch_.too_wide;
      return std::nullopt;
    }
    identity = "client:" + client.ToString();
    return greylist::HashPrefix(key_, client);
  }

  void Place(std::size_t /*number*/, TransferEntry& entry) {
    entries::Entry& record = entry.record;
    const bool from_future = record.updated > now_ + kFutureTolerance;
    if (Count(entries::IsExpired(record, now_), from_future)) return;
    std::string key;
    if (!record.forgotten) {
      // Read without knowing the site's translators.
      auto known = entries::CanonicalKey(record.kind, record.key, config_.clients.nat64);
      if (known) record.key = *std::move(known);
      key = entries::StoreKey(key_, record.kind, record.key);
      batch_.entries.push_back(record);
    } else if (same_key_) {
      ByteWriter bytes;
      bytes.U8(static_cast<std::uint8_t>(record.kind));
      bytes.U64(*entry.hash);
      key = bytes.Take();
    } else {
      ++batch_.hashed;
      return;
    }
    batch_.records.push_back({Table::kEntries, std::move(key), entries::Encode(record)});
  }

  void Place(std::size_t /*number*/, TransferClient& client) {
    ClientRecord& record = client.record;
    if (Count(IsExpired(record, now_, config_.clients.lifetime), IsFromFuture(record, now_))) {
      return;
    }
    std::string key;
    if (record.client) {
      key = ClientKey(key_, *record.client);
    } else if (same_key_) {
      key = ClientKey(*client.hash);
    } else {
      ++batch_.hashed;
      return;
    }
    if (config_.greylist.privacy) record.client.reset();
    // Hashed under another key it is another organisation.
    if (!same_key_) record.organisation = 0;
    batch_.records.push_back({Table::kClients, std::move(key), record.Encode()});
  }

  void Place(std::size_t /*number*/, TransferFolded& folded) {
    if (Count(IsExpired(folded.block, now_, config_.greylist), IsFromFuture(folded.block, now_))) {
      return;
    }
    // Of what is folded only hashes are kept.
    if (!same_key_) {
      ++batch_.hashed;
      return;
    }
    const greylist::FoldedKey key{*folded.hash, folded.number};
    folded.block.SetHolder(folded.block.holder(key, key_));
    if (config_.greylist.privacy) folded.block.client.reset();
    batch_.records.push_back({Table::kFolded, key.Encode(), folded.block.Encode()});
  }

  const HashKey& key_;
  const Config& config_;
  const WallTime now_;
  const TransferHeader own_;
  ImportBatch& batch_;
  bool same_key_ = false;  // hashes mean the same here
  bool verbatim_ = false;  // and the keys of tuples, too
};

template <class Record>
std::optional<std::string> Chosen(const std::optional<Record>& stored,
                                  std::optional<std::string> next, MergeCounts& counts) {
  if (!next) {
    ++counts.kept;
  } else if (stored) {
    ++counts.changed;
  } else {
    ++counts.added;
  }
  return next;
}

template <class Record>
std::optional<std::string> Encoded(const std::optional<Record>& record) {
  return record ? std::optional(record->Encode()) : std::nullopt;
}

template <class Record>
std::optional<Record> DecodeStored(std::optional<std::string_view> bytes) {
  return bytes ? Record::Decode(*bytes) : std::nullopt;
}

}  // namespace

Result<ImportBatch> ReadImportBatch(std::string_view body, const HashKey& key, const Config& config,
                                    WallTime now) {
  ImportBatch batch;
  Reader reader(key, config, now, batch);
  for (std::size_t number = 1; !body.empty(); ++number) {
    const std::string_view line = body.substr(0, body.find('\n'));
    body.remove_prefix(std::min(body.size(), line.size() + 1));
    if (Trim(line).empty()) continue;
    MXWARD_TRY(reader.ReadLine(number, line));
  }
  return batch;
}

std::optional<std::string> MergeRecord(const PlacedRecord& record,
                                       std::optional<std::string_view> bytes, WallTime now,
                                       const Config& config, MergeCounts& counts) {
  switch (record.table) {
    case Table::kTuples: {
      const auto stored = DecodeStored<TupleRecord>(bytes);
      const auto merged = Merged(stored, *TupleRecord::Decode(record.value), now, config.greylist);
      const bool was_pending = stored && stored->state == State::kPending;
      if (merged && merged->state == State::kPending && !was_pending) {
        counts.new_pending.push_back(
            {merged->holder(), greylist::PendingCounts::RoomOf(merged->Encode().size())});
      }
      return Chosen(stored, Encoded(merged), counts);
    }
    case Table::kEarned: {
      const auto stored = DecodeStored<AutoAllowRecord>(bytes);
      return Chosen(
          stored,
          Encoded(Merged(stored, *AutoAllowRecord::Decode(record.value), now, config.greylist)),
          counts);
    }
    case Table::kClients: {
      const auto stored = DecodeStored<ClientRecord>(bytes);
      return Chosen(stored, Encoded(Imported(stored, *ClientRecord::Decode(record.value))), counts);
    }
    case Table::kEntries: {
      const auto kind = static_cast<entries::Kind>(record.key[0]);
      const auto stored = bytes ? entries::Decode(kind, *bytes) : std::nullopt;
      const auto merged = entries::Merged(stored, *entries::Decode(kind, record.value));
      return Chosen(stored, merged ? std::optional(entries::Encode(*merged)) : std::nullopt,
                    counts);
    }
    case Table::kFolded: {
      const auto stored = DecodeStored<FoldedBlock>(bytes);
      const auto merged = Merged(stored, *FoldedBlock::Decode(record.value), now, config.greylist);
      if (merged && !stored && !merged->tuples.empty()) {
        counts.new_pending.push_back(
            {merged->holder(*greylist::FoldedKey::Decode(record.key), HashKey()),
             greylist::PendingCounts::RoomOf(merged->Encode().size()),
             static_cast<std::uint32_t>(merged->tuples.size())});
      }
      return Chosen(stored, Encoded(merged), counts);
    }
    case Table::kMeta:
    case Table::kLimits:
    case Table::kOutcomes:
      break;
  }
  return std::nullopt;
}

store::Operation MergeRecords(std::vector<PlacedRecord> records, WallTime now,
                              std::shared_ptr<const Config> config,
                              std::shared_ptr<MergeCounts> counts) {
  return [records = std::move(records), now, config = std::move(config),
          counts = std::move(counts)](store::WriteTransaction& transaction) -> Result<void> {
    *counts = {};
    for (const PlacedRecord& record : records) {
      MXWARD_TRY(const auto stored, transaction.Get(record.table, record.key));
      const auto next = MergeRecord(record, stored, now, *config, *counts);
      if (!next) continue;
      MXWARD_TRY(transaction.Put(record.table, record.key, *next));
    }
    return {};
  };
}

}  // namespace mxward::control
