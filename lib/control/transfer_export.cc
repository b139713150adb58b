// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "base/units.h"
#include "control/items.h"
#include "control/transfer.h"

namespace mxward::control {
namespace {

using greylist::State;

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void SetTime(Json& item, const char* name, WallTime time) {
  if (time != WallTime()) item.Set(name, FormatTime(time));
}

void SetFlag(Json& item, const char* name, bool flag) {
  if (flag) item.Set(name, true);
}

std::string Hex(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

std::uint64_t HashOf(std::string_view key) { return ByteReader(key).U64(); }

template <class Record>
void SetNetworkTags(Json& item, const Record& record) {
  if (record.wide_tag == 0 && record.network_tag == 0) return;
  item.Set("network_tags", fmt::format("{:04x}{:04x}", record.wide_tag, record.network_tag));
}

std::optional<Json> ExportTuple(std::string_view key_bytes, std::string_view value) {
  const auto key = greylist::TupleKey::Decode(key_bytes);
  const auto record = greylist::TupleRecord::Decode(value);
  if (!key || !record || record->folded) return std::nullopt;
  Json item;
  item.Set("type", "tuple").Set("state", WordOf(record->state));
  if (record->client) {
    item.Set("client", record->client->ToString());
    SetTransferText(item, "sender", record->sender);
    SetTransferText(item, "recipient", record->recipient);
  }
  SetTime(item, "first_seen", record->first_seen);
  SetTime(item, "last_seen", record->last_seen);
  SetTime(item, "passed_at", record->passed_at);
  item.Set("tries", record->tries).Set("passes", record->passes);
  SetFlag(item, "observed", record->observed);
  SetFlag(item, "good_evidence", record->good_evidence);
  SetFlag(item, "spf", record->spf);
  SetFlag(item, "cut", record->cut);
  item.Set("key", key->ToHex());
  if (record->name_hash != 0) item.Set("name_hash", Hex(record->name_hash));
  item.Set("client_tag", fmt::format("{:08x}", record->client_tag));
  SetNetworkTags(item, *record);
  return item;
}

std::optional<Json> ExportAutoAllow(std::string_view key, std::string_view value) {
  const auto record = greylist::AutoAllowRecord::Decode(value);
  if (!record) return std::nullopt;
  Json item;
  item.Set("type", "earned");
  if (!record->identity.empty()) SetTransferText(item, "identity", record->identity);
  item.Set("allowed", record->allowed).Set("passed", record->passed);
  SetTime(item, "counted_at", record->counted_at);
  SetTime(item, "last_used", record->last_used);
  SetTime(item, "lost_at", record->lost_at);
  if (record->first_counted != WallTime()) {
    SetTime(item, "first_counted", record->first_counted);
    item.Set("first_client_tag", fmt::format("{:08x}", record->first_client));
    SetFlag(item, "several_clients", record->several_clients);
  }
  SetFlag(item, "forgotten", record->forgotten);
  item.Set("hash", Hex(HashOf(key)));
  return item;
}

std::optional<Json> ExportEntry(std::string_view key, std::string_view value) {
  if (key.empty()) return std::nullopt;
  const auto entry = entries::Decode(static_cast<entries::Kind>(key[0]), value);
  if (!entry) return std::nullopt;
  Json item;
  item.Set("type", "entry").Set("kind", WordOf(entry->kind));
  if (!entry->key.empty()) SetTransferText(item, "key", entry->key);
  item.Set("action", WordOf(entry->action));
  SetFlag(item, "all", entry->all);
  if (!entry->note.empty()) SetTransferText(item, "note", entry->note);
  SetTime(item, "created", entry->created);
  SetTime(item, "updated", entry->updated);
  if (entry->expires) item.Set("expires", FormatTime(*entry->expires));
  if (entry->origin != 0) item.Set("origin", Hex(entry->origin));
  SetFlag(item, "forgotten", entry->forgotten);
  item.Set("hash", Hex(HashOf(key.substr(1))));
  return item;
}

std::optional<Json> ExportClient(std::string_view key, std::string_view value) {
  const auto record = ClientRecord::Decode(value);
  if (!record) return std::nullopt;
  Json item;
  item.Set("type", "client");
  if (record->client) item.Set("client", ClientText(*record->client));
  SetTime(item, "first_seen", record->first_seen);
  SetTime(item, "last_seen", record->last_seen);
  item.Set("connections", record->connections).Set("passed", record->passed);
  item.Set("deferred", record->deferred).Set("rejected", record->rejected);
  item.Set("bad", record->bad).Set("harvests", record->harvests);
  item.Set("against", record->against);
  item.Set("name_class", WordOf(record->name_class));
  item.Set("days_passed", record->passed_on.days);
  SetTime(item, "first_passed", record->passed_on.first);
  SetTime(item, "last_passed", record->passed_on.last);
  item.Set("days_named", record->named_on.days);
  SetTime(item, "first_named", record->named_on.first);
  SetTime(item, "last_named", record->named_on.last);
  item.Set("days_tls", record->tls.on.days);
  SetTime(item, "first_tls", record->tls.on.first);
  SetTime(item, "last_tls", record->tls.on.last);
  SetTime(item, "last_clear", record->tls.last_clear);
  if (record->organisation != 0) {
    item.Set("organisation", fmt::format("{:08x}", record->organisation));
  }
  SetTime(item, "last_rejected", record->last_rejected);
  SetTime(item, "last_listed", record->last_listed);
  if (!record->last_list.empty()) SetTransferText(item, "last_list", record->last_list);
  item.Set("hash", Hex(HashOf(key)));
  return item;
}

std::optional<Json> ExportFolded(std::string_view key_bytes, std::string_view value) {
  const auto key = greylist::FoldedKey::Decode(key_bytes);
  const auto block = greylist::FoldedBlock::Decode(value);
  if (!key || !block) return std::nullopt;
  Json item;
  item.Set("type", "folded");
  if (block->client) item.Set("client", block->client->ToString());
  Json tuples = Json::Array();
  for (const greylist::FoldedTuple& tuple : block->tuples) {
    Json one;
    one.Set("tag", fmt::format("{:010x}", tuple.tag));
    SetTime(one, "first_seen", tuple.first_seen);
    tuples.Push(std::move(one));
  }
  item.Set("tuples", std::move(tuples)).Set("block", key->block);
  SetNetworkTags(item, *block);
  item.Set("hash", Hex(key->client));
  return item;
}

}  // namespace

void SetTransferText(Json& item, const std::string& name, std::string_view text) {
  if (IsUtf8(text)) {
    item.Set(name, text);
  } else {
    item.Set(name + "_hex", HexEncode(text));
  }
}

std::string HashKeyId(const HashKey& key) { return Hex(SipHash(key, "mxward hash key")); }

TransferHeader TransferHeader::Of(const HashKey& key, const GreylistConfig& config) {
  TransferHeader header;
  header.hash_key_id = HashKeyId(key);
  header.network_v4 = config.network_v4;
  header.network_v6 = config.network_v6;
  header.identity_network = config.identity_network;
  header.privacy = config.privacy;
  return header;
}

Json TransferHeader::ToJson() const {
  Json line;
  line.Set("mxward", "export").Set("format", kFormat);
  line.Set("version", version).Set("created", created).Set("hash_key_id", hash_key_id);
  line.Set("network_v4", network_v4).Set("network_v6", network_v6);
  line.Set("identity_network", identity_network).Set("privacy", privacy);
  return line;
}

bool TransferHeader::SameKeys(const TransferHeader& other) const {
  return hash_key_id == other.hash_key_id && network_v4 == other.network_v4 &&
         network_v6 == other.network_v6 && identity_network == other.identity_network;
}

std::optional<Json> ExportRecord(store::Table table, std::string_view key, std::string_view value) {
  switch (table) {
    case store::Table::kTuples:
      return ExportTuple(key, value);
    case store::Table::kEarned:
      return ExportAutoAllow(key, value);
    case store::Table::kEntries:
      return ExportEntry(key, value);
    case store::Table::kClients:
      return ExportClient(key, value);
    case store::Table::kFolded:
      return ExportFolded(key, value);
    case store::Table::kMeta:
    case store::Table::kLimits:
    case store::Table::kOutcomes:
      break;
  }
  return std::nullopt;
}

}  // namespace mxward::control
