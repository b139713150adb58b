// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/self_test.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "config/dnsbl_section.h"
#include "dnsbl/query_name.h"

namespace mxward::dnsbl {
namespace {

struct Planned {
  TestPoint point;
  dns::Question question;
};

void Plan(const DnsblConfig& list, std::string what, const std::string& point, bool listed,
          std::vector<Planned>& plan) {
  if (point.empty()) return;
  auto name = PointName(list, point);
  if (!name) return;
  std::string asked = list.AboutClients() ? PointAddress(point) : point;
  Planned one{TestPoint(), {*std::move(name), dns::RecordType::kA}};
  one.point.what = std::move(what);
  one.point.asked = std::move(asked);
  one.point.should_be_listed = listed;
  plan.push_back(std::move(one));
}

// RFC 5782 5: never listed by a list of names. It is not an address, either.
constexpr const char* kNobody = "invalid";

void PlanWithoutPoints(const DnsblConfig& list, std::vector<Planned>& plan) {
  if (plan.empty()) {
    Planned zone{TestPoint(), {list.zone, dns::RecordType::kSoa}};
    zone.point.what = "zone";
    zone.point.asked = "SOA";
    zone.point.is_zone = true;
    plan.push_back(std::move(zone));
  }
  const bool tells = std::any_of(plan.begin(), plan.end(), [](const Planned& one) {
    return !one.point.should_be_listed && !one.point.is_zone;
  });
  if (tells) return;
  auto name = PointName(list, kNobody);
  if (!name) return;
  Planned nobody{TestPoint(), {*std::move(name), dns::RecordType::kA}};
  nobody.point.what = "unlisted name";
  nobody.point.asked = kNobody;
  plan.push_back(std::move(nobody));
}

Meaning MeaningOfZone(const dns::Answer& answer) {
  Meaning meaning;
  meaning.detail = answer.failure;
  meaning.not_queried = answer.not_queried;
  switch (answer.outcome) {
    case dns::Outcome::kFound:
    case dns::Outcome::kNoData:  // a server that has no SOA record of its zone
      meaning.state = State::kNotListed;
      meaning.detail = "it exists";
      break;
    case dns::Outcome::kNoName:
      meaning.detail = "there is no such zone";
      break;
    case dns::Outcome::kFailed:
      break;
  }
  return meaning;
}

std::vector<Planned> PlanOf(const DnsblConfig& list) {
  std::vector<Planned> plan;
  if (!list.AboutClients()) {
    Plan(list, "listed name", list.listed_name, true, plan);
    Plan(list, "unlisted name", list.unlisted_name, false, plan);
  }
  if (list.AboutClients() && list.ipv4) {
    Plan(list, "listed IPv4", list.listed_v4, true, plan);
    Plan(list, "unlisted IPv4", list.unlisted_v4, false, plan);
  }
  if (list.AboutClients() && list.ipv6) {
    Plan(list, "listed IPv6", list.listed_v6, true, plan);
    Plan(list, "unlisted IPv6", list.unlisted_v6, false, plan);
  }
  PlanWithoutPoints(list, plan);
  return plan;
}

// A test under way: kept by the callbacks that it still waits for.
class Running {
 public:
  Running(const DnsblConfig& list, const Clock& clock,
          std::function<void(std::vector<TestPoint>)> done)
      : list_(list), clock_(clock), done_(std::move(done)) {}

  void Begin(std::vector<Planned> plan) {
    const MutexLock lock(mutex_);
    for (Planned& one : plan) points_.push_back(std::move(one.point));
    missing_ = points_.size();
    began_ = clock_.Monotonic();
  }

  void Answered(std::size_t index, const dns::Answer& answer) {
    const MonoTime now = clock_.Monotonic();
    std::vector<TestPoint> points;
    {
      const MutexLock lock(mutex_);
      TestPoint& point = points_[index];
      point.meaning = point.is_zone ? MeaningOfZone(answer) : Interpret(list_, answer);
      point.latency = std::chrono::duration_cast<Millis>(now - began_);
      if (--missing_ > 0) return;
      points = std::move(points_);
    }
    done_(std::move(points));
  }

 private:
  const DnsblConfig list_;
  const Clock& clock_;
  const std::function<void(std::vector<TestPoint>)> done_;
  Mutex mutex_;
  MonoTime began_ MXWARD_GUARDED_BY(mutex_){};
  std::vector<TestPoint> points_ MXWARD_GUARDED_BY(mutex_);
  std::size_t missing_ MXWARD_GUARDED_BY(mutex_) = 0;
};

// The higher, the worse; 0: nobody knows.
int Badness(State state, bool should_be_listed) {
  switch (state) {
    case State::kUnknown:
      return 0;
    case State::kNotListed:
      return should_be_listed ? 3 : 1;
    case State::kUnlistedCode:
      return 2;
    case State::kListed:
      return should_be_listed ? 1 : 6;
    case State::kRefused:
      return 4;
    case State::kBogus:
      return 5;
  }
  return 0;
}

}  // namespace

void Test(const DnsblConfig& list, dns::Resolver& resolver, const Clock& clock,
          std::function<void(std::vector<TestPoint>)> done) {
  std::vector<Planned> plan = PlanOf(list);
  std::vector<dns::Question> questions;
  questions.reserve(plan.size());
  for (Planned& one : plan) questions.push_back(std::move(one.question));
  const auto running = std::make_shared<Running>(list, clock, std::move(done));
  running->Begin(std::move(plan));
  for (std::size_t i = 0; i < questions.size(); ++i) {
    resolver.Ask(questions[i], dns::Freshness::kBypassCache,
                 [running, i](const dns::AnswerPtr& answer, bool /*from_cache*/) {
                   running->Answered(i, *answer);
                 });
  }
}

TestResult Summarise(const std::vector<TestPoint>& points) {
  TestResult result;
  const auto missed = [](const TestPoint& point) {
    return !point.should_be_listed || point.meaning.state == State::kNotListed;
  };
  for (const TestPoint& point : points) {
    result.latency = std::max(result.latency, point.latency);
    if (point.is_zone) {
      result.zone = point.meaning;
      continue;
    }
    const bool listed = point.should_be_listed;
    std::optional<Meaning>& worst = listed ? result.listed : result.unlisted;
    if (!worst || Badness(point.meaning.state, listed) > Badness(worst->state, listed)) {
      worst = point.meaning;
    }
  }
  result.blind = result.listed && std::all_of(points.begin(), points.end(), missed);
  return result;
}

}  // namespace mxward::dnsbl
