// SPDX-License-Identifier: Apache-2.0
#include "dns/upstream.h"

#include <chrono>
#include <utility>

#include "base/units.h"

namespace mxward::dns {
namespace {

constexpr Millis kProbeInterval{500};
// Each lives for as long as c-ares repeats it.
constexpr std::size_t kMaxProbes = 16;

}  // namespace

Upstream::Upstream(const Clock& clock, Log& log, const ServerAddress& server,
                   std::unique_ptr<AresChannel> channel)
    : clock_(clock), log_(log), address_(server), channel_(std::move(channel)) {
  auto status = status_->Lock();
  status->address = server.ToString();
  status->since = clock.Now();
}

bool Upstream::NoteAnswer(const Question& question, MonoTime sent) {
  last_answered_ = question;
  NoteLatency(sent);
  return Show(health_.NoteAnswer(clock_.Monotonic()));
}

bool Upstream::NoteError(const std::string& error, MonoTime sent) {
  NoteLatency(sent);
  NoteFailure();
  return Show(health_.NoteError(clock_.Monotonic(), error));
}

bool Upstream::NoteSilence(MonoTime sent) {
  NoteFailure();
  return Show(health_.NoteSilence(sent));
}

bool Upstream::NoteUnreachable(const std::string& error) {
  NoteFailure();
  return Show(health_.NoteUnreachable(error));
}

std::optional<Question> Upstream::NextProbe(MonoTime now) {
  if (up() || now < next_probe_ || channel_->under_way() >= kMaxProbes) return std::nullopt;
  next_probe_ = now + kProbeInterval;
  probe_with_answered_ = !probe_with_answered_;
  return probe_with_answered_ && last_answered_ ? last_answered_ : last_asked_;
}

bool Upstream::Show(bool changed) {
  if (!changed) return false;
  const WallTime now = clock_.Now();
  WallTime before;
  {
    auto status = status_->Lock();
    before = std::exchange(status->since, now);
    status->up = up();
    status->reason = health_.reason();
  }
  if (up()) {
    log_.Info("dns: server " + address_.ToString() + " answers again, after " +
              HumanDuration(std::max(now - before, Seconds(0))));
    return false;
  }
  next_probe_ = clock_.Monotonic() + kProbeInterval;
  log_.Warning("dns: server " + address_.ToString() + " is down (" + health_.reason() +
               "); it is only probed until it answers");
  return true;
}

void Upstream::NoteLatency(MonoTime sent) {
  status_->Lock()->latency = std::chrono::ceil<Millis>(clock_.Monotonic() - sent);
}

void Upstream::NoteFailure() { ++status_->Lock()->failures; }

}  // namespace mxward::dns
