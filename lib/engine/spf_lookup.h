// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "config/config.h"
#include "dns/resolver.h"
#include "engine/spf_failures.h"
#include "engine/trouble.h"
#include "policy/evidence.h"
#include "spf/evaluations.h"

namespace mxward {

// One message's SPF (RFC 7208), evaluated beside its other lookups. Its questions are the client's:
// they take from its budget (Trouble). Nobody waits for it any more once it is gone. Thread-safe;
// answers come on the resolver's thread.
class SpfLookup : public std::enable_shared_from_this<SpfLookup> {
 public:
  // All outlive it.
  struct Services {
    dns::Resolver& resolver;
    spf::Evaluations& evaluations;
    const Clock& clock;
    Trouble* trouble;                 // null: it leaves no trace
    SpfFailures* failures = nullptr;  // null where no score asks
  };

  // progress is told of the result. counted_as: see spf::Evaluations; "": the organisational domain
  // of whom is judged.
  static std::shared_ptr<SpfLookup> Start(const Services& services, const spf::Request& request,
                                          const Config& config,
                                          std::shared_ptr<dns::Progress> progress,
                                          const std::string& counted_as = {});
  ~SpfLookup();
  SpfLookup(const SpfLookup&) = delete;
  SpfLookup& operator=(const SpfLookup&) = delete;

  policy::Evidence::Spf Current() const;
  // While its result is not there.
  std::optional<MonoTime> LastAskedPending() const;

 private:
  SpfLookup(const Services& services, const spf::Request& request, Millis deadline,
            std::shared_ptr<dns::Progress> progress);
  void Hear(spf::Report report);
  // Without a report: whether the deadline is over, as it was when it was evaluated before.
  bool FailedAgain(MonoTime now) const;

  const Services services_;
  const IpAddress client_;
  const std::string domain_;  // what evaluations are counted by
  const MonoTime asked_;
  const MonoTime deadline_;
  const std::shared_ptr<dns::Progress> progress_;
  const std::shared_ptr<ClientsQuestions> questions_;
  spf::Evaluations::Waiter waiter_ = 0;
  mutable Mutex mutex_;
  std::shared_ptr<const spf::Report> report_ MXWARD_GUARDED_BY(mutex_);
  bool failed_again_ MXWARD_GUARDED_BY(mutex_) = false;
};

}  // namespace mxward
