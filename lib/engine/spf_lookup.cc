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

// The domain's servers failed or were silent.
bool IsFailure(const spf::Report& report) {
  return report.result == spf::ResultCode::kTemperror ||
         (report.result == spf::ResultCode::kUnknown && report.late);
}

}  // namespace

SpfLookup::SpfLookup(const Services& services, const spf::Request& request, Millis deadline,
                     std::shared_ptr<dns::Progress> progress)
    : services_(services),
      client_(request.client),
      domain_(DomainOf(request)),
      asked_(services.clock.Monotonic()),
      deadline_(asked_ + deadline),
      progress_(std::move(progress)),
      questions_(std::make_shared<ClientsQuestions>(services.resolver, services.trouble,
                                                    services.clock, request.client)) {}

SpfLookup::~SpfLookup() {
  services_.evaluations.Cancel(waiter_);
  // Whoever hangs up at the deadline does not spare the domain its failure.
  const MonoTime now = services_.clock.Monotonic();
  const MutexLock lock(mutex_);
  if (report_ == nullptr && now >= deadline_ && services_.trouble != nullptr &&
      services_.failures != nullptr && services_.resolver.IsWell()) {
    services_.failures->Note(client_, domain_, now);
  }
}

std::shared_ptr<SpfLookup> SpfLookup::Start(const Services& services, const spf::Request& request,
                                            const Config& config,
                                            std::shared_ptr<dns::Progress> progress,
                                            const std::string& counted_as) {
  std::shared_ptr<SpfLookup> self(
      new SpfLookup(services, request, config.dns.deadline, std::move(progress)));
  spf::Limits limits;
  limits.questions = static_cast<std::size_t>(config.spf.questions);
  // Weak, or an evaluation that nobody waits for any more would keep itself.
  self->waiter_ = services.evaluations.Start(
      request, counted_as.empty() ? self->domain_ : counted_as, limits, self->questions_,
      self->deadline_, [weak = std::weak_ptr<SpfLookup>(self)](spf::Report report) {
        if (const auto lookup = weak.lock()) lookup->Hear(std::move(report));
      });
  return self;
}

void SpfLookup::Hear(spf::Report report) {
  const MonoTime now = services_.clock.Monotonic();
  const bool notes = services_.trouble != nullptr;
  bool again = false;
  if (services_.failures != nullptr && IsFailure(report) && !questions_->left_out() &&
      services_.resolver.IsWell()) {
    again = notes ? services_.failures->Note(client_, domain_, now)
                  : services_.failures->HasFailed(client_, domain_, now);
  }
  {
    const MutexLock lock(mutex_);
    failed_again_ = again;
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
  spf.failed_again =
      failed_again_ || (report_ == nullptr && FailedAgain(services_.clock.Monotonic()));
  // What was not asked because of the client's trouble may be why nothing is known.
  spf.left_out = questions_->left_out() && report_ != nullptr &&
                 (report_->result == spf::ResultCode::kTemperror ||
                  report_->result == spf::ResultCode::kUnknown);
  return spf;
}

bool SpfLookup::FailedAgain(MonoTime now) const {
  return services_.failures != nullptr && now >= deadline_ && services_.resolver.IsWell() &&
         services_.failures->HasFailed(client_, domain_, now);
}

std::optional<MonoTime> SpfLookup::LastAskedPending() const {
  const MutexLock lock(mutex_);
  if (report_ != nullptr) return std::nullopt;
  return asked_;
}

}  // namespace mxward
