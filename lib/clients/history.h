// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/counter.h"
#include "base/guarded.h"
#include "base/ip_address.h"
#include "clients/client_record.h"
#include "store/environment.h"
#include "store/writer.h"

namespace mxward {

// The memory of every client, IPv6 by /64. What happens is counted in memory and written in the
// background, so a crash costs the last kFlushEvery at most. Thread-safe; no call waits.
class History {
 public:
  // All outlive it.
  History(const Clock& clock, store::Environment& environment, store::Writer& writer);
  ~History();

  void NoteConnection(const IpAddress& client, NameClass name_class);
  enum class Recipient : std::uint8_t { kPassed, kDeferred, kRejected, kBad };
  // kRejected: by its score or a block. kBad: the MTA refused it as unknown.
  void NoteRecipient(const IpAddress& client, Recipient what);
  void NoteHarvest(const IpAddress& client);  // beyond a limit of bad recipients
  void NoteListed(const IpAddress& client, std::string_view list);

  // All that is known of a client, what is not yet written included.
  Result<std::optional<ClientRecord>> Get(const IpAddress& client) const;

  // Hands what has been counted to the writer: all of it when kFlushEvery has passed since the last
  // time, or when half of kMaxWaiting clients wait. `all`: now. To be called every second. privacy:
  // greylist.privacy, no addresses are stored.
  void Flush(bool privacy, bool all = false);

  // Removes all that is known of the client; returns when it is submitted.
  std::unique_ptr<store::Ticket> Forget(const IpAddress& client);

  std::uint64_t dropped() const {
    return dropped_.value();
  }  // counts lost: too many clients at once

  static constexpr Seconds kFlushEvery{20};
  static constexpr std::size_t kMaxWaiting = 8192;  // clients whose counts are not yet written

 private:
  struct Waiting;
  const Clock& clock_;
  store::Environment& environment_;
  store::Writer& writer_;
  std::unique_ptr<Waiting> waiting_;
  Counter dropped_;
};

}  // namespace mxward
