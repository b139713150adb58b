// SPDX-License-Identifier: Apache-2.0
#include "dns/upstream.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/siphash.h"
#include "base/units.h"

namespace mxward::dns {
namespace {

constexpr Millis kProbeInterval{60000};
constexpr Millis kProbeIntervalSuspected{1000};
constexpr Millis kProbeIntervalNotUp{500};
constexpr Millis kLeastProbeWait{500};
constexpr std::size_t kMaxProbes = 16;
// Beside the zones: NS of the root, a random label.
constexpr std::size_t kNamesBesideZones = 2;

// A name that nobody can have asked for before, so no cache below the root has it.
std::string RandomLabel() {
  std::string label;
  for (const std::uint8_t byte : NewHashKey()) label += static_cast<char>('a' + byte % 26);
  return label;
}

std::string CodeName(unsigned code) {
  switch (code) {
    case 1:
      return "FORMERR";
    case 2:
      return "SERVFAIL";
    case 4:
      return "NOTIMP";
    case 5:
      return "REFUSED";
    default:
      return "error code " + std::to_string(code);
  }
}

// "" without an error. REQUIRES: a message that belongs to a question.
std::string ErrorOf(std::string_view message) {
  constexpr unsigned kNoError = 0;
  constexpr unsigned kNoName = 3;
  const unsigned code = message.size() < 4 ? 1 : static_cast<unsigned char>(message[3]) & 0xFU;
  return code == kNoError || code == kNoName ? std::string() : CodeName(code);
}

}  // namespace

Millis Upstream::ProbeWait(Millis deadline) { return std::max(deadline, kLeastProbeWait); }

Upstream::Upstream(const Clock& clock, Log& log, const ServerAddress& server,
                   std::unique_ptr<ChannelPool> channel, std::unique_ptr<AresChannel> probes)
    : clock_(clock),
      log_(log),
      address_(server),
      channel_(std::move(channel)),
      probes_(std::move(probes)),
      next_probe_(clock.Monotonic() + kProbeInterval) {
  auto status = status_->Lock();
  status->address = server.ToString();
  status->since = clock.Now();
}

void Upstream::CloseChannels() {
  channel_.reset();
  probes_.reset();
}

void Upstream::NoteReply(MonoTime sent, bool failed) {
  heard_ = clock_.Monotonic();
  if (failed) NoteFailure();
  status_->Lock()->latency = std::chrono::ceil<Millis>(*heard_ - sent);
}

void Upstream::NoteFailure() {
  ++status_->Lock()->failures;
  Suspect();
}

void Upstream::Suspect() {
  if (std::exchange(suspected_, true)) return;
  MonoTime soon = clock_.Monotonic();
  if (last_probe_) soon = std::max(soon, *last_probe_ + kProbeIntervalSuspected);
  next_probe_ = std::min(next_probe_, soon);
}

std::optional<Question> Upstream::NextProbe(const std::vector<std::string>& zones) {
  const MonoTime now = clock_.Monotonic();
  if (now < next_probe_ || probes_->under_way() >= kMaxProbes) return std::nullopt;
  last_probe_ = now;
  next_probe_ = now + (!up()        ? kProbeIntervalNotUp
                       : suspected_ ? kProbeIntervalSuspected
                                    : kProbeInterval);
  const std::size_t turn = probes_made_++ % (zones.size() + kNamesBesideZones);
  if (turn == 0) return Question{".", RecordType::kNs};
  if (turn <= zones.size()) return Question{zones[turn - 1], RecordType::kSoa};
  return Question{RandomLabel(), RecordType::kA};
}

bool Upstream::NoteProbe(MonoTime sent, const ServerReply& reply, std::size_t zones) {
  const MonoTime now = clock_.Monotonic();
  bool changed = false;
  switch (reply.kind) {
    case ServerReply::Kind::kMessage: {
      heard_ = now;
      const std::string error = ErrorOf(reply.message);
      changed = health_.NoteReply(now, error, zones + kNamesBesideZones);
      if (error.empty()) {
        suspected_ = false;
        next_probe_ = now + kProbeInterval;
      } else if (health_.undecided()) {
        next_probe_ = now;
      }
      break;
    }
    case ServerReply::Kind::kSilence:
    case ServerReply::Kind::kUnreachable:
      suspected_ = true;
      next_probe_ = std::min(next_probe_, now + kProbeIntervalSuspected);
      changed = health_.NoteSilence(sent, now, reply.failure);
      break;
    case ServerReply::Kind::kOther:
      break;
  }
  if (changed) Show();
  return changed;
}

void Upstream::Show() {
  const WallTime now = clock_.Now();
  WallTime before;
  {
    auto status = status_->Lock();
    before = std::exchange(status->since, now);
    status->state = state();
    status->reason = health_.reason();
  }
  const std::string server = "dns: server " + address_.ToString();
  switch (state()) {
    case ServerState::kUp:
      log_.Info(server + " answers again, after " +
                HumanDuration(std::max(now - before, Seconds(0))));
      break;
    case ServerState::kFailing:
      log_.Warning(server + " fails (" + health_.reason() + ")");
      break;
    case ServerState::kDown:
      log_.Warning(server + " is down (" + health_.reason() + ")");
      break;
  }
}

}  // namespace mxward::dns
