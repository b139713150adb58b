// SPDX-License-Identifier: Apache-2.0
#include "clients/name_monitor.h"

#include <fmt/format.h>

#include <utility>

namespace mxward {
namespace {

bool IsNameless(NameClass name_class) {
  return name_class == NameClass::kNone || name_class == NameClass::kTempfail;
}

std::string Describe(ShareWindow::Share share) {
  return fmt::format("{:.0f} % of {} clients in the last 10 minutes had no reverse name",
                     share.fraction() * 100, share.distinct);
}

}  // namespace

NameMonitor::NameMonitor(const Clock& clock, Log& log)
    : clock_(clock), log_(log), window_(kSpan, kMaxClients) {}

void NameMonitor::Note(std::uint64_t client_hash, NameClass name_class) {
  if (name_class == NameClass::kUnknown) return;
  const MonoTime now = clock_.Monotonic();
  std::optional<Notice> line;
  {
    const std::lock_guard lock(mutex_);
    line = ResumeAfterSilence(now);
    heard_ = now;
    window_.Add(client_hash, IsNameless(name_class), now);
    auto change = Update(now);
    if (change) line = std::move(change);
  }
  Say(line);
}

NameMonitor::Status NameMonitor::GetStatus() {
  const MonoTime now = clock_.Monotonic();
  Status status;
  std::optional<Notice> line;
  {
    const std::lock_guard lock(mutex_);
    line = ResumeAfterSilence(now);
    const ShareWindow::Share share = window_.Get(now);
    status.suspended = Suspended();
    if (status.suspended) status.since = since_;
    status.clients = share.distinct;
    status.share = share.fraction();
  }
  Say(line);
  return status;
}

std::optional<NameMonitor::Notice> NameMonitor::Update(MonoTime now) {
  const ShareWindow::Share share = window_.Get(now);
  if (!Suspended()) {
    if (share.distinct < kClientsToSuspend || share.fraction() <= kShareToSuspend) return {};
    return Suspend(share, now);
  }
  const bool enough = share.distinct >= kClientsToResume || now - suspended_at_ >= kPatience;
  if (!enough || share.fraction() >= kShareToResume) return {};
  return Resume(Describe(share));
}

std::optional<NameMonitor::Notice> NameMonitor::ResumeAfterSilence(MonoTime now) {
  if (!Suspended() || now - heard_ < kSpan) return {};
  window_.Clear();
  return Resume("no client has come for 10 minutes");
}

NameMonitor::Notice NameMonitor::Suspend(ShareWindow::Share share, MonoTime now) {
  suspended_at_ = now;
  since_ = clock_.Now();
  suspended_.store(true, std::memory_order_relaxed);
  return {LogLevel::kWarning,
          Describe(share) +
              ": the mail server's resolver seems to be broken. Findings about reverse names are "
              "suspended until most clients have names again; look at the resolver that the mail "
              "server uses"};
}

NameMonitor::Notice NameMonitor::Resume(std::string why) {
  suspended_.store(false, std::memory_order_relaxed);
  return {LogLevel::kInfo, "findings about reverse names count again: " + std::move(why)};
}

void NameMonitor::Say(const std::optional<Notice>& line) {
  if (!line) return;
  if (line->level == LogLevel::kInfo) {
    log_.Info(line->text);
  } else {
    log_.Warning(line->text);
  }
}

}  // namespace mxward
