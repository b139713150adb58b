// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "greylist/auto_allow.h"
#include "greylist/record.h"
#include "greylist/state.h"
#include "greylist/tuple.h"
#include "greylist/tuple_lookup.h"
#include "store/writer.h"

namespace mxward::greylist {

// Reads one tuple: an exact get by its own key; unless that one is known, kMaxNeighbours records of
// the same addresses in search of one of its name, its network or, if SPF lets the client send, of
// another whom it let; and where there are more of them, at most as many of its own organisation,
// and of those whom SPF let send. Of those that match, the one that takes the client furthest now.
// If there is none, the same under the tuple's old key. Only a client that comes without the name
// under which the record began, or with another one, can miss its record in a crowd; and none whom
// SPF lets send. pending_of_client is left to the caller.
Result<TupleLookup> LookUp(const store::Transaction& transaction, const Tuple& tuple, WallTime now,
                           const Terms& terms);
inline constexpr int kMaxNeighbours = 64;

// PendingCounts' room of the record that this tuple would begin.
std::uint32_t RoomOfNew(const Tuple& tuple, bool privacy);

// Operations for the writer; each reads what is stored now and changes that, so that whatever was
// committed since the decision is kept.

// One try of a tuple, by Advance(). What is found under the old key gets today's.
struct Try {
  Tuple tuple;
  bool fold = false;  // among the client's folded ones, which it leaves for a record when it passes
  WallTime now{};
  TryFlags flags;
  std::optional<Seconds> delay = {};  // instead of the config's
};
store::Operation RecordTry(Try one, std::shared_ptr<const Config> config);

// One more tuple of the identity passed (AfterPass). identity: "client:192.0.2.1".
store::Operation CreditAutoAllow(std::uint64_t identity_hash, std::string identity, WallTime now,
                                 std::shared_ptr<const Config> config);
// The same for an organisation (AfterPassOfOrganisation). identity: "organisation:example.org".
store::Operation CreditOrganisation(std::uint64_t identity_hash, std::string identity,
                                    std::uint32_t client, WallTime now,
                                    std::shared_ptr<const Config> config);
// The identity's allowance was used.
store::Operation TouchAutoAllow(std::uint64_t identity_hash, WallTime now);
// The identity loses what it earned, for a while (AfterRevocation).
store::Operation RevokeAutoAllow(std::uint64_t identity_hash, WallTime now);

// `forget`: tombstones for these tuples; at most a few hundred an operation.
store::Operation ForgetTuples(std::vector<TupleKey> keys, WallTime now);
store::Operation ForgetAutoAllows(std::vector<std::uint64_t> identity_hashes, WallTime now);

// Told of those that never came back, in the transaction that removes them.
using ExpiredUnretriedCallback = std::function<Result<void>(store::WriteTransaction& transaction,
                                                            const std::vector<TupleRecord>& lost)>;

// Removes those of these keys whose records are (still) expired, and sets records from the future
// to now.
store::Operation ExpireTuples(std::vector<std::string> keys, WallTime now,
                              std::shared_ptr<const Config> config,
                              ExpiredUnretriedCallback lost = {},
                              Seconds lost_retention = kLostRetention);
store::Operation ExpireAutoAllows(std::vector<std::string> keys, WallTime now,
                                  std::shared_ptr<const Config> config);

// `forget`: these blocks of folded tuples. They leave no tombstones: no other host has them.
store::Operation ForgetFolded(std::vector<FoldedKey> keys);
// Removes those of these blocks that are (still) over, and sets times from the future to now.
store::Operation ExpireFolded(std::vector<std::string> keys, WallTime now,
                              std::shared_ptr<const Config> config);

}  // namespace mxward::greylist
