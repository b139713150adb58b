// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "cli/replay/log_clock.h"
#include "dns/resolver.h"

namespace mxward::cli {

// A real resolver for who lives on the log's time: what it answers has come now by that, and waits
// last as long as they would. The log's time stands still meanwhile.
class ReplayResolver : public dns::Resolver {
 public:
  // All outlive it. real: the clock of the resolver.
  ReplayResolver(dns::Resolver& resolver, const Clock& real, const LogClock& log)
      : resolver_(resolver), real_(real), log_(log) {}

  dns::AnswerPtr Recall(const dns::Question& question) override;
  void Ask(const dns::Question& question, dns::Freshness freshness,
           dns::Callback callback) override;
  bool Wait(dns::Progress& progress, std::uint64_t seen, MonoTime until) override;

 private:
  static dns::AnswerPtr At(const dns::AnswerPtr& answer, MonoTime time);

  dns::Resolver& resolver_;
  const Clock& real_;
  const LogClock& log_;
};

}  // namespace mxward::cli
