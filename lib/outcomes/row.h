// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "outcomes/delay_counts.h"

namespace mxward::outcomes {

// What became of the mail of one day is kept in Table::kOutcomes as rows of counters, for `report`.
// A day is one of UTC. What happens to a tuple counts for the day on which it was first deferred,
// so that the counts of a day belong together.

using Day = std::uint32_t;  // since 1970
Day DayOf(WallTime time);
WallTime StartOf(Day day);

// What a row is about.
// NOTE: do not change the values of existing entries, they are part of the persistent format.
enum class Kind : std::uint8_t {
  kTotals = 0,        // all of the day; no name
  kOrganisation = 1,  // the sender's: "example.org", "<>" for the null sender
  kFinding = 2,       // "rdns-none", "dnsbl:NAME", of those that changed the score
  kPair = 3,          // two findings in one message, in order: "A\0B"
  kMissed = 4,        // mail with good evidence, lost or late: "ORGANISATION\0CLIENT", missed.h
  kNewFinding = 5,    // "tls-none": what findings did that an older version did not have
  kNewClient = 6,     // and to whom: "FINDING\0CLIENT", new_findings.h
};
inline constexpr std::size_t kKinds = 7;

// Key in Table::kOutcomes: the day, 4 bytes big-endian; the kind, 1 byte; the name. An empty name
// of a kind that has names stands for all those for which there was no room.
struct Key {
  Day day = 0;
  Kind kind = Kind::kTotals;
  std::string name;

  static constexpr std::size_t kMaxName = 400;

  std::string Encode() const;  // the name cut at kMaxName
  static std::optional<Key> Decode(std::string_view bytes);
  auto operator<=>(const Key&) const = default;
};

// The counters of a row, by kind.
// NOTE: part of the persistent format; new ones are appended.
// Kind::kTotals, Kind::kOrganisation, of tuples:
enum : std::size_t {
  kDeferred,   // a recipient was deferred
  kCameBack,   // in time; the delays are theirs
  kNeverBack,  // not within the retry window
  kTooLate,    // of those, seen again after it
  kObserved,   // would have been deferred
  kFolded,     // tries beyond greylist.max_pending
};
// Kind::kFinding, of messages: judged with it, with no other one that scored, and with another
// verdict without it; then by verdict. Kind::kPair has the first alone.
enum : std::size_t { kMessages, kAlone, kDecisive, kAccepted, kPutOff, kRejected };
// Kind::kMissed: tuples; of the last two the largest counts: seconds, and seconds since 1970.
enum : std::size_t { kLost, kLate, kLongest, kLast };
// Kind::kNewFinding, Kind::kNewClient: tuples that were deferred because of it, of which came back;
// messages that it would have made suspicious while it waited. Then, of a finding: messages while
// it was suspended, 2^32 - 1 less the first second of that, and the last; the largest counts of
// both. Of a client: when it was seen last.
enum : std::size_t {
  kNewDeferred,
  kNewBack,
  kNewWaiting,
  kSuspended,
  kSuspendedFrom,
  kSuspendedUntil
};
inline constexpr std::size_t kNewLast = kSuspendedUntil;

// Value in Table::kOutcomes. Layout, integers big-endian:
//
//   0      format 1
//   1      number of counters, then 4 bytes each; those that are missing are 0
//   then   number of delays, 1 byte; for each bucket of DelayCounts that is not 0: its number,
//          1 byte, and its count, 4 bytes
struct Row {
  std::array<std::uint32_t, 6> counts{};  // saturating
  DelayCounts delays;

  // REQUIRES: kind is what both rows are of
  void Add(Kind kind, const Row& other);

  std::string Encode() const;
  static std::optional<Row> Decode(std::string_view bytes);
  bool operator==(const Row&) const = default;
};

using Rows = std::map<Key, Row>;

// rows[key].Add(row)
void AddTo(Rows& rows, const Key& key, const Row& row);

// Names of two parts.
std::string Joined(std::string_view first, std::string_view second);
std::pair<std::string_view, std::string_view> Split(std::string_view name);

}  // namespace mxward::outcomes
