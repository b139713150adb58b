// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_words.h"
#include "base/log.h"
#include "clients/standing.h"
#include "config/config.h"
#include "dnsbl/anomaly.h"
#include "dnsbl/breaker.h"
#include "dnsbl/meaning.h"

namespace mxward::dnsbl {

// Whether a list can be trusted now. Every state but kHealthy ends automatically.
enum class Condition : std::uint8_t {
  kHealthy,
  kUnproven,  // has not passed a test yet: adds nothing
  kBroken,    // its breaker is open: it did not answer. Not asked, except by a test now and then
  kRefusing,  // it answers with refusal codes: adds nothing
  kFalsePositives,  // it lists its unlisted test point, or answers outside 127/8: adds nothing
  kSuspect,         // it suddenly lists almost everybody, or clients of good standing: adds nothing
};
constexpr auto EnumWordsOf(Condition) {
  return EnumWords<Condition>({{Condition::kHealthy, "healthy"},
                               {Condition::kUnproven, "unproven"},
                               {Condition::kBroken, "broken"},
                               {Condition::kRefusing, "refusing"},
                               {Condition::kFalsePositives, "lying"},
                               {Condition::kSuspect, "suspect"}});
}

// What the self-test of a list found (RFC 5782 5). Nothing: the list has no such point; kUnknown:
// no answer.
struct TestResult {
  std::optional<Meaning> unlisted;  // of the point that must not be listed
  std::optional<Meaning> listed;    // of the point that must be
  Millis latency{};                 // the slowest of all
  // Of the points that must be listed none is, of no address family: listings do not come through.
  bool blind = false;
  std::optional<Meaning> zone{};  // of a list without points: kNotListed: there is such a zone
};

// What `status` shows of one list.
struct ListStatus {
  std::string name;
  Condition condition = Condition::kUnproven;
  WallTime since{};                   // of this condition
  std::string detail;                 // why, for people; "" when healthy
  bool listed_point_missing = false;  // only a warning: many lists lack it
  bool blind = false;                 // by the last test, see TestResult
  std::optional<WallTime> last_test;
  Millis latency{};         // of the last test
  std::uint64_t asked = 0;  // answers to lookups, by meaning; since start
  std::uint64_t listed = 0;
  std::uint64_t refused = 0;
  std::uint64_t bogus = 0;
  std::uint64_t failed = 0;
};

struct Moment {
  MonoTime monotonic;
  WallTime wall;
};

// A line for the administrator.
struct Notice {
  LogLevel level;
  std::string text;
};
using Notices = std::vector<Notice>;

// How one list behaves, and what follows from it. A list can have several faults at once; its
// condition is the first of these, and each ends by its own rule:
//
//   broken    See Breaker. Tests count as lookups.
//   lying     Begins when a test finds the unlisted point listed, or with any answer outside
//             127.0.0.0/8, in a test or in a lookup of a list of clients. Ends after two clean
//             tests in a row without such an answer in between. A test is clean when the unlisted
//             point was answered and is not listed; one that nobody answered counts neither way.
//             Suspicion ends with it: there is certainty then.
//   refusing  Begins with a refusal code, in a test or in a lookup. Ends with a test that is
//             answered without a refusal, five minutes after the last refusal at the soonest. A
//             lookup of a list of names only calls for a test, whatever it says, for there a
//             stranger chooses what is asked and could make a list refuse.
//   suspect   See Anomaly. What clients are listed is not looked at while the list is lying or
//   refusing. unproven  Until it has passed a test: a clean one (of a list without points, one that
//   found its
//             zone, too). A test that was passed within the hour before a restart will do. No
//             notice. A lookup may wait for the test that is under way (testing).
//
// A listed point that is not listed is reported once, and otherwise harmless.
//
// Tests are due at start; then every ten minutes, at a time within them that differs by list;
// every minute while anything but the listed point is wrong (a test without an answer is), while
// broken as the Breaker has it; and at once when a fault other than broken begins. They are at
// least ten seconds apart. A run of listed clients calls for one, a minute after the last at the
// soonest.
//
// Pure: time comes as an argument. Not thread-safe.
class ListHealth {
 public:
  static constexpr Seconds kRoutine{600};
  static constexpr Seconds kTrouble{60};
  static constexpr Seconds kTestsApart{10};
  static constexpr Seconds kRefusalLasts{300};
  static constexpr Seconds kRunTestsApart{60};
  static constexpr int kCleanTests = 2;
  static constexpr Seconds kPassedLasts{3600};

  ListHealth(DnsblConfig list, Moment now);

  const DnsblConfig& list() const { return list_; }
  bool MayAsk() const { return !breaker_.open(); }
  bool Counts() const { return proven_ && !false_positives_ && !refusing_ && !anomaly_.suspect(); }
  bool proven() const { return proven_; }
  // A test is under way, and the first one that is passed will make the list count.
  bool Awaited() const { return testing_ && !proven_; }
  // When a test was last passed. Restore: one before a restart.
  std::optional<WallTime> passed() const { return passed_; }
  void Restore(WallTime passed, Moment now);
  // What the list said before this is not to be relied on; MonoTime() when it was always trusted.
  MonoTime trusted_since() const { return trusted_since_; }

  Notices NoteAnswer(const Meaning& meaning, Moment now);
  // witness: WitnessOf() the client, its listings by this list left out.
  Notices NoteClient(const Voter& client, bool witness, bool listed, Moment now);
  Notices NoteTest(const TestResult& result, Moment now);

  // True once for each test; then one is to be made and its result noted. A result that never comes
  // is a test forgotten: the next one is due as if it had come.
  bool TestDue(MonoTime now);

  const ListStatus& status() const { return status_; }

 private:
  Condition Judge() const;
  std::string Why(Condition condition) const;
  std::string Announcement(Condition fault) const;
  void Conclude(Moment now, Notices& notices);

  void NoteFalsePositive(const Meaning& meaning, MonoTime now);
  void NoteRefusal(const Meaning& meaning, MonoTime now);
  void NoteCleanTest(MonoTime now);
  void NotePoint(const Meaning& listed, Notices& notices);

  MonoTime NextRoutine(MonoTime now) const;
  MonoTime NextTest(MonoTime now) const;
  void Hurry(Seconds apart, MonoTime now);

  const DnsblConfig list_;
  ListStatus status_;
  MonoTime since_;  // of the condition, as status_.since
  MonoTime trusted_since_{};

  Breaker breaker_;
  Anomaly anomaly_;
  ListedRun run_;
  bool proven_ = false;
  std::optional<WallTime> passed_;
  std::string unproven_;  // why, if it is
  bool testing_ = false;
  bool false_positives_ = false;
  std::string false_positive_;
  int clean_tests_ = 0;  // in a row, since the last false positive
  bool refusing_ = false;
  std::string refusal_;
  MonoTime last_refusal_{};

  bool silent_ = false;  // the last test had no answer
  MonoTime next_test_;
  std::optional<MonoTime> last_test_;  // begun
};

}  // namespace mxward::dnsbl
