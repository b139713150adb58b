// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/siphash.h"
#include "clients/client_record.h"
#include "config/config.h"
#include "control/json.h"
#include "entries/entry.h"
#include "greylist/auto_allow.h"
#include "greylist/folded.h"
#include "greylist/record.h"
#include "store/transaction.h"

namespace mxward::control {

// The records of the database as lines of JSON, one an object, and back: what `export` writes and
// `import` reads. Lossless: a text that is not UTF-8 goes as hexadecimal digits, in a member of its
// name and "_hex"; a time is RFC 3339, one that never was is left out. Pure.
//
//   {"mxward":"export","format":1,...}      the first line, see TransferHeader
//   {"type":"tuple",...}                    greylist/record.h
//   {"type":"earned",...}                   greylist/auto_allow.h
//   {"type":"entry",...}                    entries/entry.h
//   {"type":"client",...}                   clients/client_record.h
//   {"type":"folded",...}                   greylist/folded.h, a block a line
//   {"mxward":"end","records":N}            the last line
//
// The manual, mxwardctl(8), documents the members.

// Under what terms an export's hashes were made.
struct TransferHeader {
  std::string version;      // of the mxward that wrote it
  std::string created;      // RFC 3339
  std::string hash_key_id;  // HashKeyId() of its database
  int network_v4 = 0;       // greylist.network_v4 and so on
  int network_v6 = 0;
  bool identity_network = true;
  bool privacy = false;

  static constexpr std::int64_t kFormat = 1;

  static TransferHeader Of(const HashKey& key, const GreylistConfig& config);
  Json ToJson() const;
  static Result<TransferHeader> Parse(const Json& line);
  // Whether this database would give every record the same key.
  bool SameKeys(const TransferHeader& other) const;
};

// Tells keys apart and says nothing about them: 16 hexadecimal digits.
std::string HashKeyId(const HashKey& key);

// Nothing when the bytes are not a record.
std::optional<Json> ExportRecord(store::Table table, std::string_view key, std::string_view value);
// The tables of an export, in their order.
inline constexpr store::Table kTransferTables[] = {store::Table::kEntries, store::Table::kEarned,
                                                   store::Table::kClients, store::Table::kTuples,
                                                   store::Table::kFolded};

// The member of that name, or of that name and "_hex".
void SetTransferText(Json& item, const std::string& name, std::string_view text);

// A record as a line says it. Keys are those of the exporting database; lines that others wrote
// have none.
struct TransferTuple {
  // Longer ones are refused; of these TupleRecord keeps the beginning.
  static constexpr std::size_t kMaxAddress = 512;
  std::optional<greylist::TupleKey> key;
  greylist::TupleRecord record;
  // Whom it is about: one address, or no more than a network, of which record.client is the first
  // address. Nothing where no addresses are stored.
  std::optional<Prefix> client;
};
struct TransferAutoAllow {
  std::optional<std::uint64_t> hash;
  greylist::AutoAllowRecord record;
};
struct TransferEntry {
  std::optional<std::uint64_t> hash;
  entries::Entry record;
};
struct TransferClient {
  std::optional<std::uint64_t> hash;
  ClientRecord record;
};
struct TransferFolded {
  std::optional<std::uint64_t> hash;  // of the client
  std::uint8_t number = 0;
  greylist::FoldedBlock block;
};
using TransferRecord =
    std::variant<TransferTuple, TransferAutoAllow, TransferEntry, TransferClient, TransferFolded>;

// kInvalid, with the name of the member that is wrong.
Result<TransferRecord> ParseTransferRecord(const Json& line);

}  // namespace mxward::control
