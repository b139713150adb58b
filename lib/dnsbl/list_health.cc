// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/list_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/units.h"

namespace mxward::dnsbl {
namespace {

bool Answered(const std::optional<Meaning>& point) {
  return point && point->state != State::kUnknown;
}

bool NotQueried(const std::optional<Meaning>& point) { return !point || point->not_queried; }

const std::string& DetailOf(const TestResult& result) {
  static const std::string nothing;
  for (const auto* point : {&result.unlisted, &result.listed, &result.zone}) {
    if (*point) return (*point)->detail;
  }
  return nothing;
}

bool Is(const std::optional<Meaning>& point, State state) { return point && point->state == state; }

bool IsFault(Condition condition) {
  return condition != Condition::kHealthy && condition != Condition::kUnproven;
}

// Spreads the lists' tests over the ten minutes. FNV-1a: any hash that is the same each time.
std::uint32_t HashOf(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

}  // namespace

ListHealth::ListHealth(DnsblConfig list, Moment now)
    : list_(std::move(list)),
      since_(now.monotonic),
      anomaly_(list_),
      unproven_("not tested yet"),
      next_test_(now.monotonic) {
  status_.name = list_.name;
  status_.since = now.wall;
  status_.detail = Why(Condition::kUnproven);
}

Notices ListHealth::NoteAnswer(const Meaning& meaning, Moment now) {
  ++status_.asked;
  breaker_.NoteLookup(meaning.state != State::kUnknown, meaning.detail, now.monotonic);
  switch (meaning.state) {
    case State::kListed:
      ++status_.listed;
      break;
    case State::kNotListed:
    case State::kUnlistedCode:
      break;
    case State::kRefused:
      ++status_.refused;
      if (list_.AboutClients()) {
        NoteRefusal(meaning, now.monotonic);
      } else {
        Hurry(kTestsApart, now.monotonic);
      }
      break;
    case State::kBogus:
      ++status_.bogus;
      if (list_.AboutClients()) {
        NoteFalsePositive(meaning, now.monotonic);
      } else {
        Hurry(kTestsApart, now.monotonic);
      }
      break;
    case State::kUnknown:
      ++status_.failed;
      break;
  }
  Notices notices;
  Conclude(now, notices);
  return notices;
}

Notices ListHealth::NoteClient(const Voter& client, bool witness, bool listed, Moment now) {
  Notices notices;
  if (false_positives_ || refusing_) return notices;
  if (run_.Note(client, listed)) Hurry(kRunTestsApart, now.monotonic);
  if (witness) anomaly_.NoteWitness(client, listed, now.monotonic);
  Conclude(now, notices);
  return notices;
}

void ListHealth::Restore(WallTime passed, Moment now) {
  if (proven_ || passed > now.wall || now.wall - passed > kPassedLasts) return;
  proven_ = true;
  passed_ = passed;
  Notices none;  // unproven is not a fault whose end is announced
  Conclude(now, none);
}

Notices ListHealth::NoteTest(const TestResult& result, Moment now) {
  const MonoTime at = now.monotonic;
  testing_ = false;
  const bool answered =
      Answered(result.unlisted) || Answered(result.listed) || Answered(result.zone);
  const std::string& detail = DetailOf(result);
  if (!answered && NotQueried(result.unlisted) && NotQueried(result.listed) &&
      NotQueried(result.zone)) {
    // No server, or too much to do: that is not the list's fault. The breaker stays as it is.
    silent_ = true;
    unproven_ = "its test could not be made: " + detail;
    next_test_ = at + kTrouble;
    Notices none;
    Conclude(now, none);
    return none;
  }
  status_.last_test = now.wall;
  status_.latency = result.latency;
  silent_ = !answered;
  breaker_.NoteTest(answered, detail, at);

  const bool false_positive = Is(result.unlisted, State::kListed) ||
                              Is(result.unlisted, State::kBogus) ||
                              Is(result.listed, State::kBogus);
  const bool refusal = Is(result.unlisted, State::kRefused) || Is(result.listed, State::kRefused);
  if (false_positive) {
    NoteFalsePositive(Is(result.listed, State::kBogus) ? *result.listed : *result.unlisted, at);
  }
  if (refusal) {
    NoteRefusal(Is(result.unlisted, State::kRefused) ? *result.unlisted : *result.listed, at);
  }
  if (refusing_ && !refusal && !silent_ && at - last_refusal_ >= kRefusalLasts) refusing_ = false;
  // Who refuses says nothing about who is listed.
  const bool judged = result.unlisted ? Answered(result.unlisted) : !silent_;
  const bool clean = judged && !false_positive && !refusal;
  if (clean) NoteCleanTest(at);
  if (clean && (!result.zone || Answered(result.zone))) {
    proven_ = true;
    passed_ = now.wall;
  } else if (result.zone && !Answered(result.zone)) {
    unproven_ = "its zone: " + result.zone->detail;
  } else {
    unproven_ = "no test was passed yet: " + detail;
  }

  Notices notices;
  if (result.listed) NotePoint(*result.listed, notices);
  if (Answered(result.listed)) status_.blind = result.blind;
  Conclude(now, notices);
  next_test_ = NextTest(at);
  return notices;
}

void ListHealth::NoteFalsePositive(const Meaning& meaning, MonoTime now) {
  clean_tests_ = 0;
  anomaly_.Forget();
  if (std::exchange(false_positives_, true)) return;
  false_positive_ = meaning.state == State::kBogus
                        ? "it answers " + meaning.detail
                        : "it lists the test point that must not be listed: " + meaning.detail;
  Hurry(kTestsApart, now);
}

void ListHealth::NoteRefusal(const Meaning& meaning, MonoTime now) {
  last_refusal_ = now;
  if (std::exchange(refusing_, true)) return;
  refusal_ = "it answers " + meaning.detail;
  Hurry(kTestsApart, now);
}

void ListHealth::NoteCleanTest(MonoTime now) {
  if (false_positives_ && ++clean_tests_ >= kCleanTests) false_positives_ = false;
  anomaly_.NoteCleanTest(now);
}

void ListHealth::NotePoint(const Meaning& listed, Notices& notices) {
  if (listed.state == State::kListed) status_.listed_point_missing = false;
  if (listed.state != State::kNotListed && listed.state != State::kUnlistedCode) return;
  if (std::exchange(status_.listed_point_missing, true)) return;
  notices.push_back(
      {LogLevel::kWarning,
       fmt::format(
           "DNS list {}: its test point, which it should always list, returns: {}. It may have "
           "none, or may have been closed down; it is used as before",
           list_.name, listed.detail)});
}

Condition ListHealth::Judge() const {
  if (breaker_.open()) return Condition::kBroken;
  if (false_positives_) return Condition::kFalsePositives;
  if (refusing_) return Condition::kRefusing;
  if (anomaly_.suspect()) return Condition::kSuspect;
  return proven_ ? Condition::kHealthy : Condition::kUnproven;
}

std::string ListHealth::Why(Condition condition) const {
  switch (condition) {
    case Condition::kHealthy:
      return "";
    case Condition::kUnproven:
      return unproven_;
    case Condition::kBroken:
      return breaker_.why();
    case Condition::kRefusing:
      return refusal_;
    case Condition::kFalsePositives:
      return false_positive_;
    case Condition::kSuspect:
      return anomaly_.why();
  }
  return "";
}

std::string ListHealth::Announcement(Condition fault) const {
  const std::string why = Why(fault);
  static constexpr std::string_view kSuspended = "its answers add nothing to the score until";
  switch (fault) {
    case Condition::kHealthy:
    case Condition::kUnproven:
      break;
    case Condition::kBroken:
      return fmt::format(
          "DNS list {} does not answer: {}; it is not queried until a test succeeds, the next in "
          "{}",
          list_.name, why, HumanDuration(breaker_.wait()));
    case Condition::kRefusing:
      return fmt::format(
          "DNS list {} refuses to answer: {}; {} it has not refused for {} and passes a test",
          list_.name, why, kSuspended, HumanDuration(kRefusalLasts));
    case Condition::kFalsePositives:
      return fmt::format("DNS list {} cannot be right: {}; {} two tests in a row succeed",
                         list_.name, why, kSuspended);
    case Condition::kSuspect:
      return fmt::format("DNS list {} is suspect: {}; {} that is over", list_.name, why,
                         kSuspended);
  }
  return "";
}

void ListHealth::Conclude(Moment now, Notices& notices) {
  const Condition before = status_.condition;
  const Condition condition = Judge();
  if (condition == Condition::kUnproven) status_.detail = unproven_;
  if (condition == before) return;
  status_.condition = condition;
  status_.since = now.wall;
  status_.detail = Why(condition);
  const auto lasted =
      std::chrono::floor<Seconds>(now.monotonic - std::exchange(since_, now.monotonic));
  if (condition == Condition::kSuspect) Hurry(kTestsApart, now.monotonic);
  if (condition == Condition::kBroken) next_test_ = now.monotonic + breaker_.wait();
  // A broken list was not asked, so it has said nothing wrong.
  if (IsFault(before) && before != Condition::kBroken && Counts()) {
    trusted_since_ = now.monotonic;
  }
  if (!IsFault(condition)) {
    if (!IsFault(before)) return;
    notices.push_back(
        {LogLevel::kInfo, fmt::format("DNS list {} is healthy again, after it was {} for {}: it is "
                                      "queried and counts as before",
                                      list_.name, WordOf(before), HumanDuration(lasted))});
  } else {
    notices.push_back({LogLevel::kWarning, Announcement(condition)});
  }
}

bool ListHealth::TestDue(MonoTime now) {
  if (now < next_test_) return false;
  last_test_ = now;
  next_test_ = NextTest(now);
  testing_ = true;
  return true;
}

MonoTime ListHealth::NextRoutine(MonoTime now) const {
  const Seconds offset(HashOf(list_.name) % static_cast<std::uint32_t>(kRoutine.count()));
  const MonoTime soonest = now + kTestsApart;
  return soonest + kRoutine - (soonest.time_since_epoch() + kRoutine - offset) % kRoutine;
}

MonoTime ListHealth::NextTest(MonoTime now) const {
  if (breaker_.open()) return now + breaker_.wait();
  const bool trouble = silent_ || Judge() != Condition::kHealthy;
  return trouble ? now + kTrouble : NextRoutine(now);
}

void ListHealth::Hurry(Seconds apart, MonoTime now) {
  if (breaker_.open()) return;
  const MonoTime soonest = last_test_ ? std::max(now, *last_test_ + apart) : now;
  next_test_ = std::min(next_test_, soonest);
}

}  // namespace mxward::dnsbl
