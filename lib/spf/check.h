// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "dns/resolver.h"
#include "spf/evaluator.h"

namespace mxward::spf {

struct CheckOptions {
  Mode mode = Mode::kCheck;
  dns::Freshness freshness = dns::Freshness::kCached;
  std::shared_ptr<const void>
      keep{};  // lives as long as the check: the resolver, where it is its own
};

// One evaluation that is under way: asks a resolver whatever an Evaluator needs. Sessions go
// through Evaluations.
//
//   const auto check = spf::Check::Start({client, sender, helo}, limits, resolver, clock,
//                                        clock.Monotonic() + config.dns.deadline,
//                                        [](spf::Report report) { ... });
//   check->Cancel();  // when nobody wants to know any more
//
// The report comes once, on the resolver's thread, or inside Start() when the cache knows all.
// After the deadline nothing more is asked: what was under way is still heard, at most
// dns.deadline later, and what comes of it may settle the matter; otherwise the result is unknown
// (Report::late). So who waits keeps his own time, and cancels.
//
// Names that a resolver cannot ask for (other bytes than letters, digits, '-' and '_') are not
// asked: see Evaluator::Feed(). Whoever counts a client's questions hands in a resolver that does
// (ClientsQuestions). Thread-safe. Its callbacks keep it alive; resolver and clock outlive it.
class Check : public std::enable_shared_from_this<Check> {
 public:
  // Brief, does not throw; no lock is held while it runs.
  using Done = std::function<void(Report)>;

  static std::shared_ptr<Check> Start(const Request& request, const Limits& limits,
                                      dns::Resolver& resolver, const Clock& clock,
                                      MonoTime deadline, Done done, CheckOptions options = {});
  // Nothing more is asked, and the report does not come, unless it is on its way already.
  void Cancel();

 private:
  Check(const Request& request, const Limits& limits, dns::Resolver& resolver, const Clock& clock,
        MonoTime deadline, Done done, CheckOptions options);
  void Advance();
  void Hear(const dns::Question& question, const dns::AnswerPtr& answer, bool from_cache,
            Millis took);
  std::vector<dns::Question> NextQuestions() MXWARD_REQUIRES(mutex_);
  bool HasReported();

  dns::Resolver& resolver_;
  const Clock& clock_;
  const MonoTime deadline_;
  const CheckOptions options_;
  Mutex mutex_;
  Evaluator evaluator_ MXWARD_GUARDED_BY(mutex_);
  std::size_t under_way_ MXWARD_GUARDED_BY(mutex_) = 0;  // questions
  Done done_ MXWARD_GUARDED_BY(mutex_);  // empty once it was called, and when cancelled
};

}  // namespace mxward::spf
