// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "dnsbl/meaning.h"

namespace mxward::dnsbl {

// Whether a list can be trusted just now. Every state but kHealthy ends by itself.
enum class Condition : std::uint8_t {
  kHealthy,
  kUnproven,  // not yet tested since start; used as if healthy
  kBroken,    // its breaker is open: it did not answer. Not asked, except by a test now and then
  kRefusing,  // it answers with refusal codes: adds nothing
  kLying,     // it lists its unlisted test point, or answers outside 127/8: adds nothing
  kSuspect,   // it suddenly lists almost everybody, or clients of good standing: adds nothing
};
std::string_view ConditionName(Condition condition);  // "healthy", "unproven", "broken", ...

// What the self-test of a list found (RFC 5782 5).
struct TestResult {
  Meaning unlisted;               // of the point that must not be listed; kUnknown: no answer
  std::optional<Meaning> listed;  // of the point that must be; nothing: the list has none
  Millis latency{};               // the slower of the two
};

// What `status` shows of one list.
struct ListStatus {
  std::string name;
  Condition condition = Condition::kUnproven;
  WallTime since{};                   // of this condition
  std::string detail;                 // why, for people
  bool listed_point_missing = false;  // only a warning: many lists lack it
  std::optional<WallTime> last_test;
  Millis latency{};         // of the last test
  std::uint64_t asked = 0;  // answers, by meaning; since start
  std::uint64_t listed = 0;
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;
};

// Remembers how each list behaves and decides whether it is asked and whether it counts, with a log
// line at each change. Knows lists by their name; one that is configured differently under the same
// name begins anew. Thread-safe; the log must not call back.
class Health {
 public:
  Health(const Clock& clock, Log& log);
  ~Health();

  // The lists there are from now on. The others are forgotten.
  void SetLists(const std::vector<DnsblConfig>& lists);

  // False while the breaker is open: the list is not to be asked, it is unknown at once.
  bool MayAsk(std::string_view list) const;
  // False while what the list says adds nothing to a score ("warn-only").
  bool Counts(std::string_view list) const;

  // One lookup of the list has come to this. Feeds the breaker and the counters.
  void NoteAnswer(std::string_view list, const Meaning& meaning);
  // A client was judged: feeds the anomaly stop. client_hash tells clients apart; good_standing is
  // one that has earned trust here (known or auto-allowed by greylisting).
  void NoteClient(std::string_view list, std::uint64_t client_hash, bool listed,
                  bool good_standing);
  void NoteTest(std::string_view list, const TestResult& result);

  // Whether a self-test is due: at start, every ten minutes, sooner while something is wrong, and
  // at once when an anomaly raises the question. Marks it as begun.
  bool TestDue(std::string_view list);

  std::vector<ListStatus> Status() const;  // in the order of the config

 private:
  struct Entry;
  const Clock& clock_;
  Log& log_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Entry>> entries_;  // guarded by mutex_
};

}  // namespace mxward::dnsbl
