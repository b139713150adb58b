// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <string>
#include <utility>

#include "base/units.h"
#include "cli/commands/commands.h"
#include "cli/commands/top_screen.h"
#include "cli/exit_status.h"
#include "cli/output/terminal.h"

namespace mxward::cli {
namespace {

constexpr Millis kUsual{2000};
constexpr Millis kShortest{200};
constexpr Millis kLongest{3600000};
// Of a screen that is printed: as wide as it gets, and no longer than most terminals.
constexpr Terminal::Size kPrinted{24, std::numeric_limits<std::size_t>::max()};

Result<TopSample> TakeSample(Backend& backend, const Clock& clock) {
  TopSample sample;
  const auto ask = [&](Json& into, const std::string& path, int limit = 0) -> Result<void> {
    auto reply = backend.Ask("GET", path, {{"limit", limit > 0 ? std::to_string(limit) : ""}});
    if (!reply) return Fail(reply.error());
    into = std::move(reply->json);
    return {};
  };
  MXWARD_TRY(ask(sample.status, "/v1/status"));
  MXWARD_TRY(ask(sample.limits, "/v1/limits", kTopLimits));
  if (auto done = ask(sample.recent, "/v1/clients/recent", kTopClients); !done) {
    return Fail(done.error());
  }
  MXWARD_TRY(ask(sample.stats, "/v1/stats"));
  sample.taken = clock.Monotonic();
  return sample;
}

std::string Painted(const std::vector<TopLine>& lines, const Output& output) {
  std::string text;
  for (const TopLine& line : lines) {
    for (const Piece& piece : line) text += output.Paint(piece.text, piece.color);
    text += '\n';
  }
  return text;
}

std::string Plain(const std::vector<TopLine>& lines) {
  std::string text;
  for (const TopLine& line : lines) {
    for (const Piece& piece : line) text += piece.text;
    text += '\n';
  }
  return text;
}

Result<void> PrintOnce(Context& context, Backend& backend, Millis every) {
  MXWARD_TRY(auto before, TakeSample(backend, context.clock()));
  context.Sleep(every);
  MXWARD_TRY(auto now, TakeSample(backend, context.clock()));
  context.output().Write(Plain(TopScreen(before, now, context.clock().Now(), kPrinted)));
  return {};
}

// Until somebody has seen enough.
Result<void> Watch(Context& context, Backend& backend, Millis every) {
  auto now = TakeSample(backend, context.clock());
  if (!now) return Fail(now.error());
  TopSample before = *now;
  Terminal terminal;
  for (;;) {
    const auto lines = TopScreen(before, *now, context.clock().Now(), terminal.size());
    if (!terminal.Show(Painted(lines, context.output()))) return {};
    const MonoTime next = now->taken + every;
    const auto wait = std::chrono::ceil<Millis>(next - context.clock().Monotonic());
    const auto event = terminal.Await(std::max(wait, Millis(0)));
    if (event == Terminal::Event::kQuit) return {};
    if (context.clock().Monotonic() < next) continue;
    before = *std::move(now);
    now = TakeSample(backend, context.clock());
    if (!now) return Fail(now.error());
  }
}

}  // namespace

int RunTop(Context& context, const Words& words) {
  if (context.output().format() != Format::kTable) {
    return context.UsageError("top has no json or tsv output; use stats, limits or clients");
  }
  Millis every = kUsual;
  if (words.Has("--every")) {
    const auto duration = ParseDuration(words.Get("--every"));
    if (!duration) return context.UsageError("--every: " + duration.error().message);
    every = *duration;
    if (every < kShortest || every > kLongest) {
      return context.UsageError("--every: must be from 200ms to 1h");
    }
  }
  const auto backend = context.OpenBackend(Context::Needs::kDaemon);
  if (backend == nullptr) return kExitTrouble;
  const bool once = words.Has("--once") || !Terminal::Usable();
  const auto done = once ? PrintOnce(context, *backend, every) : Watch(context, *backend, every);
  if (done) return kExitOk;
  context.output().Say("the daemon stopped responding: " + done.error().message);
  return kExitTrouble;
}

}  // namespace mxward::cli
