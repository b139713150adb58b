// SPDX-License-Identifier: Apache-2.0
#include "engine/helo_lookup.h"

#include <algorithm>
#include <utility>

namespace mxward {

HeloLookup::HeloLookup(std::string name, const IpAddress& client, MonoTime asked,
                       std::shared_ptr<dns::Progress> progress)
    : name_(std::move(name)), client_(client), asked_(asked), progress_(std::move(progress)) {}

std::shared_ptr<HeloLookup> HeloLookup::Start(const std::string& name, const IpAddress& client,
                                              dns::Resolver& resolver, const Clock& clock,
                                              Trouble* trouble,
                                              std::shared_ptr<dns::Progress> progress) {
  std::shared_ptr<HeloLookup> self(
      new HeloLookup(name, client, clock.Monotonic(), std::move(progress)));
  const auto questions = std::make_shared<ClientsQuestions>(resolver, trouble, clock, client);
  const dns::RecordType type = client.is_v4() ? dns::RecordType::kA : dns::RecordType::kAaaa;
  questions->Ask(
      {name, type}, dns::Freshness::kCached,
      [self](const dns::AnswerPtr& answer, bool from_cache) { self->Hear(*answer, from_cache); });
  return self;
}

void HeloLookup::Hear(const dns::Answer& answer, bool from_cache) {
  policy::Evidence::HeloAddress known;
  known.asked = true;
  known.name = name_;
  known.resolves = std::find(answer.addresses.begin(), answer.addresses.end(), client_) !=
                   answer.addresses.end();
  known.origin = from_cache ? Origin::kCache : Origin::kDns;
  {
    const MutexLock lock(mutex_);
    known_ = std::move(known);
  }
  progress_->Add();
}

policy::Evidence::HeloAddress HeloLookup::Current() const {
  const MutexLock lock(mutex_);
  if (known_) return *known_;
  policy::Evidence::HeloAddress pending;
  pending.asked = true;
  pending.pending = true;
  pending.name = name_;
  return pending;
}

std::optional<MonoTime> HeloLookup::LastAskedPending() const {
  const MutexLock lock(mutex_);
  if (known_) return std::nullopt;
  return asked_;
}

}  // namespace mxward
