// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "clients/client_record.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward {

// Nothing, too, when the record cannot be read: the next visit writes a good one.
Result<std::optional<ClientRecord>> GetClient(const store::Transaction& transaction,
                                              std::uint64_t client_hash);
// The stored record, if any, with what has happened since. Times from the future become now.
ClientRecord Continued(const std::optional<ClientRecord>& stored, const ClientRecord& since,
                       WallTime now);

// Operations for the writer.
store::Operation DeleteClient(std::uint64_t client_hash);
// Removes those of these keys whose records are (still) expired, or cannot be read, and sets
// records from the future to now.
store::Operation ExpireClients(std::vector<std::string> keys, WallTime now, Seconds lifetime);

// One slice of a listing: up to `limit` stored records in the order of their keys, which is none
// that means anything, from that key on. What still waits in memory (History) is not in them.
// Returns the key to go on from, nothing at the end. The visitor returns false when it has enough.
using ClientVisitor = std::function<bool(std::string_view key, const ClientRecord& record)>;
Result<std::optional<std::string>> ListClients(store::Environment& environment,
                                               std::string_view from, std::size_t limit,
                                               const ClientVisitor& visitor);

}  // namespace mxward
