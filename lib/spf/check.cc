// SPDX-License-Identifier: Apache-2.0
#include "spf/check.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mxward::spf {

std::shared_ptr<Check> Check::Start(const Request& request, const Limits& limits,
                                    dns::Resolver& resolver, const Clock& clock, MonoTime deadline,
                                    Done done, CheckOptions options) {
  std::shared_ptr<Check> check(
      new Check(request, limits, resolver, clock, deadline, std::move(done), std::move(options)));
  check->Advance();
  return check;
}

Check::Check(const Request& request, const Limits& limits, dns::Resolver& resolver,
             const Clock& clock, MonoTime deadline, Done done, CheckOptions options)
    : resolver_(resolver),
      clock_(clock),
      deadline_(deadline),
      options_(std::move(options)),
      evaluator_(request, limits, options_.mode),
      done_(std::move(done)) {}

void Check::Cancel() {
  Done dropped;  // may hold what must not go away under the lock
  const MutexLock lock(mutex_);
  dropped.swap(done_);
}

// Asks for all that is needed now; or reports.
void Check::Advance() {
  std::vector<dns::Question> questions;
  Report report;
  Done done;
  {
    const MutexLock lock(mutex_);
    if (!done_) return;
    questions = NextQuestions();
    under_way_ = questions.size();
    if (evaluator_.done()) {
      report = evaluator_.TakeReport();
      done.swap(done_);
    }
  }
  if (done) return done(std::move(report));
  for (const dns::Question& question : questions) {
    if (HasReported()) return;
    const MonoTime asked = clock_.Monotonic();
    resolver_.Ask(question, options_.freshness,
                  [self = shared_from_this(), question, asked](const dns::AnswerPtr& answer,
                                                               bool from_cache) {
                    const auto took =
                        std::chrono::duration_cast<Millis>(self->clock_.Monotonic() - asked);
                    self->Hear(question, answer, from_cache, took);
                  });
  }
}

std::vector<dns::Question> Check::NextQuestions() {
  while (!evaluator_.done()) {
    if (clock_.Monotonic() >= deadline_) {
      evaluator_.GiveUp("time limit exceeded", /*late=*/true);
      break;
    }
    std::vector<dns::Question> questions = evaluator_.needed();
    const auto cannot = std::partition(questions.begin(), questions.end(), [](const auto& one) {
      return dns::CleanName(one.name) == one.name;
    });
    const std::vector<dns::Question> refused(cannot, questions.end());
    for (const dns::Question& one : refused) evaluator_.Feed(one, nullptr);
    questions.erase(cannot, questions.end());
    // Without any that can be asked, feeding has led on to others.
    if (!questions.empty()) return questions;
  }
  return {};
}

void Check::Hear(const dns::Question& question, const dns::AnswerPtr& answer, bool from_cache,
                 Millis took) {
  {
    const MutexLock lock(mutex_);
    if (!done_) return;
    evaluator_.Feed(question, answer, from_cache, took);
    if (--under_way_ > 0 && !evaluator_.done()) return;
  }
  Advance();
}

bool Check::HasReported() {
  const MutexLock lock(mutex_);
  return !done_;
}

}  // namespace mxward::spf
