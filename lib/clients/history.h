// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/counter.h"
#include "base/ip_address.h"
#include "clients/client_record.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward {

// The memory of every client, IPv6 by /64. What happens is counted in memory and written in the
// background (store::WriteBehind), so a crash costs what was counted since the last Flush() that
// had something to do, kFlushEvery at most, and the writer's delay. Memory is bounded; so is what
// the writer is given at a time: the next lot only when it is done with the last. Thread-safe; no
// call waits for the disk, but Get() reads.
class History {
 public:
  // All outlive it. Flush(privacy, /*all=*/true) has to be called before its end.
  History(const Clock& clock, store::Environment& environment, store::Writer& writer);
  ~History();

  void NoteConnection(const IpAddress& client, NameClass name_class);
  // kRejected: for what the client is, which speaks against it. kRefused: rejected for another
  // reason, such as its sender. kBad: the MTA refused it as unknown.
  enum class Recipient : std::uint8_t { kPassed, kDeferred, kRejected, kRefused, kBad };
  void NoteRecipient(const IpAddress& client, Recipient what, const Passing& passing = {});
  void NoteHarvest(const IpAddress& client);  // beyond a limit of bad recipients
  void NoteListed(const IpAddress& client, std::string_view list);

  // All that is known of a client, what is not yet written included. For the instant in which that
  // is being committed it may count twice.
  Result<std::optional<ClientRecord>> Get(const IpAddress& client) const;
  // The same in two steps, for readers of more than this. First what is not yet written, and
  // only then the transaction: what is committed in between may count twice, but is not missed.
  std::optional<ClientRecord> UnwrittenOf(const IpAddress& client) const;
  Result<std::optional<ClientRecord>> Get(const IpAddress& client,
                                          const std::optional<ClientRecord>& unwritten,
                                          const store::Transaction& transaction) const;

  // What is not yet written, in the order of the table's keys, which these are. A few megabytes
  // where much goes on; for listings.
  std::map<std::string, ClientRecord> Unwritten() const;

  // Hands what has been counted to the writer: all of it when kFlushEvery has passed since the last
  // time, or when kHandOver clients wait. `all`: now, and even if the writer is not done
  // with the last lot. To be called every second or more often. privacy: greylist.privacy, no
  // addresses are stored.
  void Flush(bool privacy, bool all = false);

  // Removes all that is known of the client; returns when it is submitted. What was handed to the
  // writer before does not bring it back.
  std::unique_ptr<store::Ticket> Forget(const IpAddress& client);

  // Counts lost: too many clients at once, while the writer did not keep up.
  std::uint64_t dropped() const { return dropped_.value(); }

  static constexpr Seconds kFlushEvery{20};
  static constexpr std::size_t kMaxWaiting = 8192;  // clients whose counts are not yet written
  static constexpr std::size_t kHandOver = kMaxWaiting / 4;
  // Clients an operation. Deferrals wait for a commit in which up to 32 operations ride along.
  static constexpr std::size_t kBatch = 20;

 private:
  struct Waiting;
  template <class Change>
  void Note(const IpAddress& client, Change change);

  const Clock& clock_;
  store::Environment& environment_;
  store::Writer& writer_;
  const std::unique_ptr<Waiting> waiting_;
  Counter dropped_;
};

}  // namespace mxward
