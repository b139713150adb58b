// SPDX-License-Identifier: Apache-2.0
#include "engine/permission_lookups.h"

#include <algorithm>
#include <utility>

#include "base/client_network.h"
#include "clients/sender_domain.h"

namespace mxward {
namespace {

using policy::Permissions;

std::optional<SpfResult> ResultOf(spf::ResultCode code) {
  switch (code) {
    case spf::ResultCode::kPass:
      return SpfResult::kPass;
    case spf::ResultCode::kNone:
      return SpfResult::kNone;
    case spf::ResultCode::kNeutral:
      return SpfResult::kNeutral;
    case spf::ResultCode::kSoftfail:
      return SpfResult::kSoftfail;
    case spf::ResultCode::kFail:
      return SpfResult::kFail;
    case spf::ResultCode::kPermerror:
      return SpfResult::kPermerror;
    case spf::ResultCode::kTemperror:
    case spf::ResultCode::kUnknown:
      break;
  }
  return std::nullopt;
}

bool IsUnderWay(const SpfLookup* lookup) {
  return lookup != nullptr && lookup->LastAskedPending().has_value();
}

// The record of a big provider may be evaluated for hundreds of clients at once: a network has a
// share of its own.
std::string CountedAs(const std::string& domain, const IpAddress& client) {
  constexpr int kV4 = 24;
  constexpr int kV6 = 48;
  return domain + " " + Prefix(client, client.is_v4() ? kV4 : kV6).ToString();
}

}  // namespace

void PermissionLookups::Ask(const policy::PermissionRequest& request, const SessionFacts& session,
                            const MessageFacts& message, const Config& config,
                            const std::shared_ptr<SpfLookup>& senders,
                            const std::shared_ptr<dns::Progress>& progress) {
  const auto services_with = [&](Trouble& trouble) {
    return SpfLookup::Services{*services_.resolver, services_.budgets.evaluations, services_.clock,
                               services_.leaves_trace ? &trouble : nullptr};
  };
  if (request.sender && !std::exchange(sender_asked_, true)) {
    const std::string domain =
        message.sender.empty() ? session.helo : SenderDomainOf(message.sender);
    const bool may_ask = senders_.contains(domain) || senders_.size() < kMostSenders;
    if (senders != nullptr) {
      sender_ = senders;
    } else if (may_ask) {
      senders_.insert(domain);
      sender_ = SpfLookup::Start(services_with(services_.budgets.of_senders),
                                 {*session.client, message.sender, session.helo}, config, progress);
    }
  }
  for (const std::string& domain : request.domains) {
    if (domains_.contains(domain) || domains_.size() >= kMostDomains) continue;
    domains_[domain] = SpfLookup::Start(services_with(services_.budgets.of_domains),
                                        {*session.client, "postmaster@" + domain, session.helo},
                                        config, progress, CountedAs(domain, *session.client));
  }
}

std::optional<MonoTime> PermissionLookups::LastAskedPending(
    const policy::PermissionRequest& request) const {
  std::optional<MonoTime> last;
  const auto consider = [&last](const SpfLookup* lookup) {
    if (lookup == nullptr) return;
    if (const auto asked = lookup->LastAskedPending())
      last = std::max(last.value_or(*asked), *asked);
  };
  // What is unknown for this message stays so.
  if (request.sender && known_.sender.state == Permissions::State::kNotAsked) {
    consider(sender_.get());
  }
  for (const std::string& domain : request.domains) {
    const auto found = domains_.find(domain);
    if (found == domains_.end() || known_.domains.contains(domain)) continue;
    consider(found->second.get());
  }
  return last;
}

policy::Permissions PermissionLookups::Take(const policy::PermissionRequest& request) {
  if (request.sender && known_.sender.state == Permissions::State::kNotAsked) {
    known_.sender = AnswerOf(sender_.get());
  }
  for (const std::string& domain : request.domains) {
    if (known_.domains.contains(domain)) continue;
    const auto found = domains_.find(domain);
    known_.domains[domain] = AnswerOf(found == domains_.end() ? nullptr : found->second.get());
    // Another message may have more time.
    if (found != domains_.end() && !IsUnderWay(found->second.get()) &&
        known_.domains[domain].state != Permissions::State::kKnown) {
      domains_.erase(found);
    }
  }
  return known_;
}

policy::Permissions PermissionLookups::Unknown(const policy::PermissionRequest& request) {
  policy::Permissions permissions;
  permissions.sender.state = Permissions::State::kUnknown;
  for (const std::string& domain : request.domains) {
    permissions.domains[domain].state = Permissions::State::kUnknown;
  }
  return permissions;
}

PermissionLookups::Answer PermissionLookups::AnswerOf(const SpfLookup* lookup) {
  Answer answer;
  answer.state = Permissions::State::kUnknown;
  if (lookup == nullptr) return answer;
  const policy::Evidence::Spf spf = lookup->Current();
  if (spf.report == nullptr) return answer;
  if (const auto result = ResultOf(spf.report->result)) {
    answer.state = Permissions::State::kKnown;
    answer.result = *result;
  }
  return answer;
}

bool PermissionLookups::SenderPasses() const { return known_.sender.Is(SpfResult::kPass); }

void PermissionLookups::EndMessage() {
  sender_.reset();
  sender_asked_ = false;
  known_ = {};
}

void PermissionLookups::Reset() {
  EndMessage();
  domains_.clear();
  senders_.clear();
}

}  // namespace mxward
