// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/tally.h"

#include <algorithm>

namespace mxward::cli {

bool Tally::IsTrust(Reason reason) {
  return reason == Reason::kTrustedNetwork || reason == Reason::kTrustedRelay ||
         reason == Reason::kTrustedCertificate || reason == Reason::kAuthenticated;
}

Tally::Organisation& Tally::Of(const std::string& organisation) {
  const auto found = organisations_.find(organisation);
  if (found != organisations_.end()) return found->second;
  if (organisations_.size() >= kMostOrganisations) return organisations_[kOthers];
  return organisations_[organisation];
}

void Tally::NoteTry(const Decision& decision, LogFate fate, const std::string& organisation) {
  const auto verdict = static_cast<std::size_t>(decision.verdict);
  ++total_;
  ++tries_[verdict][static_cast<std::size_t>(decision.reason)];
  if (IsTrust(decision.reason)) {
    ++trusted_;
    return;
  }
  ++strangers_[verdict];
  ++against_[verdict][static_cast<std::size_t>(fate)];
  Organisation& of = Of(organisation);
  ++of.tries;
  if (decision.verdict == Verdict::kDefer) ++of.deferred;
  if (decision.verdict == Verdict::kReject) ++of.rejected;
}

void Tally::NoteRetry(const Decision& decision) {
  ++retries_[static_cast<std::size_t>(decision.verdict)][static_cast<std::size_t>(decision.reason)];
}

void Tally::NoteDelay(Seconds delay, const std::string& organisation) {
  delays_.Add(delay);
  Of(organisation).delays.Add(delay);
}

std::vector<std::pair<std::string, const Tally::Organisation*>> Tally::Top(std::size_t most) const {
  std::vector<std::pair<std::string, const Organisation*>> top;
  for (const auto& [name, organisation] : organisations_) {
    if (organisation.deferred + organisation.rejected > 0) top.emplace_back(name, &organisation);
  }
  const std::size_t count = std::min(most, top.size());
  std::partial_sort(top.begin(), top.begin() + static_cast<std::ptrdiff_t>(count), top.end(),
                    [](const auto& a, const auto& b) {
                      const auto weight = [](const Organisation& one) {
                        return one.deferred + one.rejected;
                      };
                      if (weight(*a.second) != weight(*b.second)) {
                        return weight(*a.second) > weight(*b.second);
                      }
                      return a.first < b.first;
                    });
  top.resize(count);
  return top;
}

}  // namespace mxward::cli
