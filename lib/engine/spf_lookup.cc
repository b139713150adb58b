// SPDX-License-Identifier: Apache-2.0
#include "engine/spf_lookup.h"

#include <utility>

#include "clients/organisation.h"
#include "clients/sender_domain.h"

namespace mxward {
namespace {

// What evaluations are counted by: names below a domain cost nothing.
std::string DomainOf(const spf::Request& request) {
  const std::string domain = request.sender.empty() ? request.helo : SenderDomainOf(request.sender);
  return OrganisationalDomain(domain);
}

}  // namespace

SpfLookup::SpfLookup(const Services& services, const IpAddress& client,
                     std::shared_ptr<dns::Progress> progress)
    : evaluations_(services.evaluations),
      asked_(services.clock.Monotonic()),
      progress_(std::move(progress)),
      questions_(std::make_shared<ClientsQuestions>(services.resolver, services.trouble,
                                                    services.clock, client)) {}

SpfLookup::~SpfLookup() { evaluations_.Cancel(waiter_); }

std::shared_ptr<SpfLookup> SpfLookup::Start(const Services& services, const spf::Request& request,
                                            const Config& config,
                                            std::shared_ptr<dns::Progress> progress,
                                            const std::string& counted_as) {
  std::shared_ptr<SpfLookup> self(new SpfLookup(services, request.client, std::move(progress)));
  spf::Limits limits;
  limits.questions = static_cast<std::size_t>(config.spf.questions);
  // Weak, or an evaluation that nobody waits for any more would keep itself.
  self->waiter_ =
      services.evaluations.Start(request, counted_as.empty() ? DomainOf(request) : counted_as,
                                 limits, self->questions_, self->asked_ + config.dns.deadline,
                                 [weak = std::weak_ptr<SpfLookup>(self)](spf::Report report) {
                                   if (const auto lookup = weak.lock())
                                     lookup->Hear(std::move(report));
                                 });
  return self;
}

void SpfLookup::Hear(spf::Report report) {
  {
    const MutexLock lock(mutex_);
    report_ = std::make_shared<const spf::Report>(std::move(report));
  }
  progress_->Add();
}

policy::Evidence::Spf SpfLookup::Current() const {
  policy::Evidence::Spf spf;
  spf.asked = true;
  const MutexLock lock(mutex_);
  spf.report = report_;
  spf.pending = report_ == nullptr;
  // What was not asked because of the client's trouble may be why nothing is known.
  spf.left_out = questions_->left_out() && report_ != nullptr &&
                 (report_->result == spf::ResultCode::kTemperror ||
                  report_->result == spf::ResultCode::kUnknown);
  return spf;
}

std::optional<MonoTime> SpfLookup::LastAskedPending() const {
  const MutexLock lock(mutex_);
  if (report_ != nullptr) return std::nullopt;
  return asked_;
}

}  // namespace mxward
