// SPDX-License-Identifier: Apache-2.0
#include "clients/client_table.h"

#include <utility>

#include "store/scan_slice.h"

namespace mxward {

using store::Table;
using store::WriteTransaction;

Result<std::optional<ClientRecord>> GetClient(const store::Transaction& transaction,
                                              std::uint64_t client_hash) {
  MXWARD_TRY(const auto bytes, transaction.Get(Table::kClients, ClientKey(client_hash)));
  return bytes ? ClientRecord::Decode(*bytes) : std::nullopt;
}

ClientRecord Continued(const std::optional<ClientRecord>& stored, const ClientRecord& since,
                       WallTime now) {
  return Merged(WithClampedTimes(stored.value_or(ClientRecord()), now),
                WithClampedTimes(since, now));
}

store::Operation DeleteClient(std::uint64_t client_hash) {
  return [client_hash](WriteTransaction& transaction) -> Result<void> {
    auto gone = transaction.Delete(Table::kClients, ClientKey(client_hash));
    return gone ? Result<void>() : Fail(gone.error());
  };
}

store::Operation ExpireClients(std::vector<std::string> keys, WallTime now, Seconds lifetime) {
  return [keys = std::move(keys), now, lifetime](WriteTransaction& transaction) -> Result<void> {
    for (const std::string& key : keys) {
      MXWARD_TRY(const auto bytes, transaction.Get(Table::kClients, key));
      if (!bytes) continue;
      const auto record = ClientRecord::Decode(*bytes);
      if (!record || IsExpired(*record, now, lifetime)) {
        MXWARD_TRY(transaction.Delete(Table::kClients, key));
      } else if (IsFromFuture(*record, now)) {
        MXWARD_TRY(transaction.Put(Table::kClients, key, WithClampedTimes(*record, now).Encode()));
      }
    }
    return {};
  };
}

Result<std::optional<std::string>> ListClients(store::Environment& environment,
                                               std::string_view from, std::size_t limit,
                                               const ClientVisitor& visitor) {
  return store::ScanSlice(environment, Table::kClients, from, limit,
                          [&](std::string_view key, std::string_view value) {
                            const auto record = ClientRecord::Decode(value);
                            return !record || visitor(key, *record);
                          });
}

}  // namespace mxward
