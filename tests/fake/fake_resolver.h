// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/units.h"
#include "config/config.h"
#include "dns/answer_cache.h"
#include "dns/resolver.h"
#include "tests/fake/fake_clock.h"

namespace mxward::dns {

// Answers for tests to give away.
namespace answers {

inline constexpr Seconds kTtl{300};

// {"127.0.0.2", "127.0.0.4"}; what is no address is left out.
inline Answer Addresses(const std::vector<std::string>& addresses, Seconds ttl = kTtl) {
  Answer answer{.outcome = Outcome::kFound, .ttl = ttl};
  for (const std::string& text : addresses) {
    if (const auto address = IpAddress::Parse(text)) answer.addresses.push_back(*address);
  }
  return answer;
}
inline Answer Exchanges(std::vector<MailExchange> exchanges, Seconds ttl = kTtl) {
  return {.outcome = Outcome::kFound, .exchanges = std::move(exchanges), .ttl = ttl};
}
inline Answer Texts(std::vector<std::string> texts, Seconds ttl = kTtl) {
  return {.outcome = Outcome::kFound, .texts = std::move(texts), .ttl = ttl};
}
inline Answer Names(std::vector<std::string> names, Seconds ttl = kTtl) {
  return {.outcome = Outcome::kFound, .names = std::move(names), .ttl = ttl};
}
inline Answer NoName(Seconds ttl = kTtl) { return {.outcome = Outcome::kNoName, .ttl = ttl}; }
inline Answer NoData(Seconds ttl = kTtl) { return {.outcome = Outcome::kNoData, .ttl = ttl}; }
inline Answer Failed(std::string why = "SERVFAIL") { return {.failure = std::move(why)}; }

}  // namespace answers

// A resolver on fake time for tests: what it answers, and after how long, is told beforehand.
//
// Nothing happens but when it is called: Ask(), Settle() and Wait() run the callbacks that are due
// by the clock, Wait() moves the clock on to them. Answers are kept in the real cache for their
// TTL. Not thread-safe.
class FakeResolver final : public Resolver {
 public:
  static constexpr Millis kLatency{1};

  // config: deadline (2 s when 0) and cache_entries (1000 when 0) count.
  explicit FakeResolver(FakeClock& clock, const DnsConfig& config = {})
      : clock_(clock),
        deadline_(config.deadline > Millis(0) ? config.deadline : Millis(2000)),
        max_entries_(config.cache_entries > 0 ? static_cast<std::size_t>(config.cache_entries)
                                              : 1000) {}

  // What this question gets from now on.
  void Set(const std::string& name, RecordType type, Answer answer, Millis latency = kLatency) {
    questions_[{name, type}] = {std::move(answer), latency};
  }
  // What every question about the zone's name and those below it gets, unless Set() or a longer
  // zone says otherwise: of the answer, the records of the type that is asked for, or NODATA. "" is
  // everything; at first that is NXDOMAIN.
  void SetZone(const std::string& zone, Answer answer = answers::NoName(),
               Millis latency = kLatency) {
    zones_[zone] = {std::move(answer), latency};
  }
  // No answer ever comes: "no answer in 2s" when the deadline is over.
  void SetSilent(const std::string& name, RecordType type) { questions_[{name, type}] = {}; }
  void SetZoneSilent(const std::string& zone) { zones_[zone] = {}; }
  // What its zone says counts again.
  void Unset(const std::string& name, RecordType type) { questions_.erase({name, type}); }
  void set_deadline(Millis deadline) { deadline_ = deadline; }

  AnswerPtr GetCached(const Question& question) override {
    Settle();
    return cache_.Find(question, clock_.Monotonic());
  }

  void Ask(const Question& question, Freshness freshness, Callback callback) override {
    Settle();
    const MonoTime now = clock_.Monotonic();
    if (freshness == Freshness::kCached) {
      if (const AnswerPtr known = cache_.Find(question, now)) {
        callback(known, /*from_cache=*/true);
        return;
      }
    }
    auto& under_way = under_way_[question];
    if (!under_way) {
      under_way = std::make_shared<UnderWay>(question);
      asked_.push_back(question);
      const Reply& reply = ReplyTo(question);
      if (reply.answer) {
        Answer answer = OfType(question.type, *reply.answer);
        answer.answered = now + reply.latency;
        At(answer.answered, [this, job = under_way, answer] { Deliver(*job, answer); });
      }
    }
    auto asker = std::make_shared<Callback>(std::move(callback));
    under_way->askers.push_back(asker);
    At(now + deadline_, [this, job = under_way, asker] { GiveUp(*job, *asker); });
  }

  bool Wait(Progress& progress, std::uint64_t seen, MonoTime until) override {
    Settle();
    while (progress.count() == seen && clock_.Monotonic() < until) {
      AdvanceTo(events_.empty() ? until : std::min(until, events_.begin()->first.first));
      Settle();
    }
    return progress.count() != seen;
  }

  // As probes would say: a name that nothing is set for gets an answer.
  bool IsWell() const override {
    const Reply& reply = ReplyTo({"probe.invalid", RecordType::kSoa});
    return reply.answer && reply.answer->outcome != Outcome::kFailed;
  }

  // Runs all callbacks that are due by now; for tests that have moved the clock themselves.
  void Settle() {
    if (std::exchange(settling_, true)) return;  // a callback asks
    while (!events_.empty() && events_.begin()->first.first <= clock_.Monotonic()) {
      const auto event = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      event();
    }
    settling_ = false;
  }

  // Forgets the cache, not what was set.
  void ForgetAnswers() {
    cache_.SetMaxEntries(0);
    cache_.SetMaxEntries(max_entries_);
  }

  // How often the DNS was really asked: not for what came from the cache or was asked already.
  std::size_t asked() const { return asked_.size(); }
  std::size_t asked(std::string_view name, RecordType type) const {
    return Count([&](const Question& one) { return one.name == name && one.type == type; });
  }
  std::size_t asked_below(std::string_view zone) const {
    return Count([&](const Question& one) { return IsBelow(one.name, zone); });
  }
  // In the order they were asked.
  const std::vector<Question>& questions() const { return asked_; }

 private:
  struct Reply {
    std::optional<Answer> answer;  // nothing: silence
    Millis latency{};
  };
  struct UnderWay {
    explicit UnderWay(Question what) : question(std::move(what)) {}
    Question question;
    std::vector<std::shared_ptr<Callback>> askers;  // an empty function: told already
  };

  static bool IsBelow(std::string_view name, std::string_view zone) {
    if (zone.empty() || name == zone) return true;
    return name.size() > zone.size() && name.ends_with(zone) &&
           name[name.size() - zone.size() - 1] == '.';
  }

  template <class Predicate>
  std::size_t Count(Predicate predicate) const {
    return static_cast<std::size_t>(std::count_if(asked_.begin(), asked_.end(), predicate));
  }

  const Reply& ReplyTo(const Question& question) const {
    const auto exact = questions_.find(question);
    if (exact != questions_.end()) return exact->second;
    const Reply* best = nullptr;
    std::size_t length = 0;
    for (const auto& [zone, reply] : zones_) {
      if (!IsBelow(question.name, zone) || (best != nullptr && zone.size() < length)) continue;
      best = &reply;
      length = zone.size();
    }
    return *best;  // "" is always there
  }

  // A zone is told one answer for questions of all types: who has an address has no MX for it.
  static Answer OfType(RecordType type, Answer answer) {
    if (answer.outcome != Outcome::kFound) return answer;
    // Of these only that there are some is told, or may be.
    const bool bare =
        type == RecordType::kNs || type == RecordType::kSoa || type == RecordType::kPtr;
    if (bare && IsEmpty(answer)) return answer;
    const bool v4 = type == RecordType::kA;
    if (!v4 && type != RecordType::kAaaa) answer.addresses.clear();
    std::erase_if(answer.addresses, [v4](const IpAddress& one) { return one.is_v4() != v4; });
    if (type != RecordType::kMx) answer.exchanges.clear();
    if (type != RecordType::kTxt) answer.texts.clear();
    if (type != RecordType::kPtr) answer.names.clear();
    if (IsEmpty(answer)) answer.outcome = Outcome::kNoData;
    return answer;
  }

  static bool IsEmpty(const Answer& answer) {
    return answer.addresses.empty() && answer.exchanges.empty() && answer.texts.empty() &&
           answer.names.empty();
  }

  void At(MonoTime when, std::function<void()> event) {
    events_.emplace(std::pair(when, ++events_made_), std::move(event));
  }

  void AdvanceTo(MonoTime when) {
    const auto left = std::chrono::ceil<Millis>(when - clock_.Monotonic());
    if (left > Millis(0)) clock_.Advance(left);
  }

  // The callback of somebody who has not been told yet; nothing for the others.
  static void Tell(Callback& asker, const AnswerPtr& answer) {
    if (const Callback callback = std::exchange(asker, nullptr)) callback(answer, false);
  }

  void Deliver(UnderWay& job, const Answer& answer) {
    auto told = std::make_shared<Answer>(answer);
    if (told->outcome == Outcome::kFailed) told->ttl = Seconds(0);
    cache_.Put(job.question, *told);
    Forget(job);
    for (const auto& asker : std::exchange(job.askers, {})) Tell(*asker, told);
  }

  void GiveUp(UnderWay& job, Callback& asker) {
    if (!asker) return;
    Answer answer = answers::Failed("no answer in " + FormatDuration(deadline_));
    answer.answered = clock_.Monotonic();
    const bool last = std::all_of(job.askers.begin(), job.askers.end(), [&](const auto& other) {
      return other.get() == &asker || *other == nullptr;
    });
    // Who asks again after silence asks anew.
    if (last && !ReplyTo(job.question).answer) Forget(job);
    Tell(asker, std::make_shared<const Answer>(std::move(answer)));
  }

  void Forget(const UnderWay& job) {
    const auto found = under_way_.find(job.question);
    if (found != under_way_.end() && found->second.get() == &job) under_way_.erase(found);
  }

  FakeClock& clock_;
  Millis deadline_;
  const std::size_t max_entries_;
  AnswerCache cache_{max_entries_};
  std::map<Question, Reply> questions_;
  std::map<std::string, Reply> zones_{{"", {answers::NoName(), kLatency}}};
  std::map<Question, std::shared_ptr<UnderWay>> under_way_;
  std::map<std::pair<MonoTime, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t events_made_ = 0;
  std::vector<Question> asked_;
  bool settling_ = false;
};

}  // namespace mxward::dns
