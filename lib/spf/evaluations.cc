// SPDX-License-Identifier: Apache-2.0
#include "spf/evaluations.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/ip_address.h"
#include "base/mutex.h"

namespace mxward::spf {

// Shared with the callbacks of what is under way.
class Evaluations::Table : public std::enable_shared_from_this<Table> {
 public:
  explicit Table(const Clock& clock) : clock_(clock) {}

  Waiter Start(const Request& request, const std::string& domain, const Limits& limits,
               std::shared_ptr<dns::Resolver> resolver, MonoTime deadline, Check::Done done) {
    const Key key{request.client, request.sender, request.helo};
    Waiter waiter = 0;
    Evaluation given_up;
    Check::Done refused;
    {
      const MutexLock lock(mutex_);
      waiter = ++waiters_;
      const auto found = evaluations_.find(key);
      if (found != evaluations_.end()) {
        found->second.waiters.emplace(waiter, std::move(done));
        return waiter;
      }
      if (MakeRoom(domain, request.client, given_up)) {
        ++domains_[domain];
        Evaluation& evaluation = evaluations_[key];
        evaluation.number = waiter;
        evaluation.domain = domain;
        evaluation.waiters.emplace(waiter, std::move(done));
      } else {
        refused = std::move(done);
      }
    }
    if (given_up.check != nullptr) given_up.check->Cancel();
    for (const auto& [other, told] : given_up.waiters) told(TooMany());
    if (refused) {
      refused(TooMany());
    } else {
      Begin(key, waiter, request, limits, std::move(resolver), deadline);
    }
    return waiter;
  }

  void Cancel(Waiter waiter) {
    std::shared_ptr<Check> ended;
    Check::Done dropped;  // what it holds goes away without the lock
    {
      const MutexLock lock(mutex_);
      for (auto one = evaluations_.begin(); one != evaluations_.end(); ++one) {
        const auto place = one->second.waiters.find(waiter);
        if (place == one->second.waiters.end()) continue;
        dropped = std::move(place->second);
        one->second.waiters.erase(place);
        if (!one->second.waiters.empty()) return;
        ended = one->second.check;
        Forget(one);
        break;
      }
    }
    if (ended != nullptr) ended->Cancel();
  }

  std::size_t under_way() const {
    const MutexLock lock(mutex_);
    return evaluations_.size();
  }

  // Nobody is told any more.
  void Clear() {
    std::map<Key, Evaluation> all;
    {
      const MutexLock lock(mutex_);
      all.swap(evaluations_);
      domains_.clear();
    }
    for (auto& [key, evaluation] : all) {
      if (evaluation.check != nullptr) evaluation.check->Cancel();
    }
  }

 private:
  using Key = std::tuple<IpAddress, std::string, std::string>;
  struct Evaluation {
    Waiter number = 0;  // of who began it
    std::string domain;
    std::shared_ptr<Check> check;  // null while Start() is at it
    std::map<Waiter, Check::Done> waiters;
  };

  static Report TooMany() {
    Report report;
    report.problem = "too many evaluations of this domain at once";
    return report;
  }

  static Prefix NetworkOf(const IpAddress& client) { return {client, client.is_v4() ? 24 : 48}; }

  // Whether there is room for one more of the domain, and what was given up for it.
  bool MakeRoom(const std::string& domain, const IpAddress& client, Evaluation& given_up)
      MXWARD_REQUIRES(mutex_) {
    const auto of_domain = domains_.find(domain);
    if (of_domain == domains_.end() || of_domain->second < kMostOfDomain) return true;
    std::map<Prefix, std::size_t> networks;
    for (const auto& [key, one] : evaluations_) {
      if (one.domain == domain) ++networks[NetworkOf(std::get<0>(key))];
    }
    const auto largest = std::max_element(
        networks.begin(), networks.end(),
        [](const auto& one, const auto& other) { return one.second < other.second; });
    if (networks[NetworkOf(client)] + 1 >= largest->second) return false;
    auto newest = evaluations_.end();
    for (auto one = evaluations_.begin(); one != evaluations_.end(); ++one) {
      if (one->second.domain != domain || NetworkOf(std::get<0>(one->first)) != largest->first) {
        continue;
      }
      if (newest == evaluations_.end() || one->second.number > newest->second.number) newest = one;
    }
    given_up.check = newest->second.check;
    given_up.waiters.swap(newest->second.waiters);
    Forget(newest);
    return true;
  }

  void Begin(const Key& key, Waiter number, const Request& request, const Limits& limits,
             std::shared_ptr<dns::Resolver> resolver, MonoTime deadline) {
    dns::Resolver& asked = *resolver;
    auto check = Check::Start(request, limits, asked, clock_, deadline,
                              [self = shared_from_this(), key, number](const Report& report) {
                                self->Reported(key, number, report);
                              },
                              {.keep = std::move(resolver)});
    {
      const MutexLock lock(mutex_);
      const auto started = evaluations_.find(key);
      // It may have reported already, or been given up, and another one begun.
      if (started != evaluations_.end() && started->second.number == number) {
        started->second.check = std::move(check);
        return;
      }
    }
    check->Cancel();
  }

  void Reported(const Key& key, Waiter number, const Report& report) {
    std::map<Waiter, Check::Done> waiters;
    {
      const MutexLock lock(mutex_);
      const auto found = evaluations_.find(key);
      if (found == evaluations_.end() || found->second.number != number) return;
      waiters.swap(found->second.waiters);
      Forget(found);
    }
    for (const auto& [waiter, done] : waiters) done(report);
  }

  void Forget(std::map<Key, Evaluation>::iterator one) MXWARD_REQUIRES(mutex_) {
    const auto of_domain = domains_.find(one->second.domain);
    if (--of_domain->second == 0) domains_.erase(of_domain);
    evaluations_.erase(one);
  }

  const Clock& clock_;
  mutable Mutex mutex_;
  Waiter waiters_ MXWARD_GUARDED_BY(mutex_) = 0;
  std::map<Key, Evaluation> evaluations_ MXWARD_GUARDED_BY(mutex_);
  std::map<std::string, std::size_t> domains_ MXWARD_GUARDED_BY(mutex_);
};

Evaluations::Evaluations(const Clock& clock) : table_(std::make_shared<Table>(clock)) {}

Evaluations::~Evaluations() { table_->Clear(); }

Evaluations::Waiter Evaluations::Start(const Request& request, const std::string& domain,
                                       const Limits& limits,
                                       std::shared_ptr<dns::Resolver> resolver, MonoTime deadline,
                                       Check::Done done) {
  return table_->Start(request, domain, limits, std::move(resolver), deadline, std::move(done));
}

void Evaluations::Cancel(Waiter waiter) { table_->Cancel(waiter); }

std::size_t Evaluations::under_way() const { return table_->under_way(); }

}  // namespace mxward::spf
