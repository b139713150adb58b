// SPDX-License-Identifier: Apache-2.0
#include "store/expiry.h"

#include <utility>

#include "store/scan_slice.h"

namespace mxward::store {

ExpiryPass::ExpiryPass(Environment& environment, Writer& writer, std::vector<Rule> rules)
    : environment_(environment), writer_(writer), rules_(std::move(rules)) {}

ExpiryPass::Progress ExpiryPass::Step(WallTime now, MonoTime monotonic) {
  const bool trusted = clock_guard_.InStep(now, monotonic);
  const Rule& rule = rules_[rule_];
  std::vector<std::string> keys;
  bool last = false;
  auto next = ScanSlice(environment_, rule.table, next_, kSlice,
                        [&](std::string_view key, std::string_view value) {
                          const Fate fate = rule.judge(key, value, now, trusted);
                          if (fate == Fate::kGoes) keys.emplace_back(key);
                          last = fate == Fate::kLastOne;
                          return !last && keys.size() < kDeletions;
                        });
  // With no read transaction open: a writer that commits at once may have to grow the map.
  if (!keys.empty()) writer_.Submit(rule.remove(std::move(keys), now), Priority::kLow);
  if (!next) {
    StartOver();
    return Progress::kFailed;
  }
  if (*next && !last) {
    next_ = *std::move(*next);
    return Progress::kMore;
  }
  next_.clear();
  if (++rule_ < rules_.size()) return Progress::kMore;
  StartOver();
  return Progress::kDone;
}

void ExpiryPass::StartOver() {
  rule_ = 0;
  next_.clear();
}

ExpiryRound::ExpiryRound(std::vector<Step> passes, Millis rest)
    : passes_(std::move(passes)), rest_(rest) {}

bool ExpiryRound::TakeStep(WallTime now, MonoTime monotonic) {
  if (monotonic < again_) return false;
  if (!passes_[pass_](now, monotonic) || ++pass_ < passes_.size()) return false;
  pass_ = 0;
  again_ = monotonic + rest_;
  return true;
}

}  // namespace mxward::store
