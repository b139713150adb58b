// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/replay_resolver.h"

#include <chrono>
#include <memory>
#include <utility>

namespace mxward::cli {

dns::AnswerPtr ReplayResolver::At(const dns::AnswerPtr& answer, MonoTime time) {
  if (answer == nullptr) return nullptr;
  auto moved = std::make_shared<dns::Answer>(*answer);
  moved->answered = time;
  return moved;
}

dns::AnswerPtr ReplayResolver::Recall(const dns::Question& question) {
  return At(resolver_.Recall(question), log_.Monotonic());
}

void ReplayResolver::Ask(const dns::Question& question, dns::Freshness freshness,
                         dns::Callback callback) {
  resolver_.Ask(question, freshness,
                [this, told = std::move(callback)](const dns::AnswerPtr& answer, bool from_cache) {
                  told(At(answer, log_.Monotonic()), from_cache);
                });
}

bool ReplayResolver::Wait(dns::Progress& progress, std::uint64_t seen, MonoTime until) {
  return resolver_.Wait(progress, seen, real_.Monotonic() + (until - log_.Monotonic()));
}

}  // namespace mxward::cli
