// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "tests/bench/evidence_figures.h"

namespace mxward {
namespace {

constexpr double kGoalMb = 20;  // of 100 000 answers
constexpr double kGoalAnswers = 1e5;
constexpr double kMb = 1024 * 1024;

struct Weight {
  double anon_bytes;
  EvidenceStatus status;
};

Result<Weight> Weigh(BenchDaemon& daemon) {
  AwaitQuiet(daemon.Process());
  const auto status = StatusOf(daemon);
  if (!status) return Fail(status.error());
  return Weight{static_cast<double>(daemon.Process().Memory().anon_kib) * 1024, *status};
}

Result<void> SendAll(EvidenceRig& rig, BenchDaemon& daemon, std::uint64_t sessions) {
  LoadSpec spec = DistinctClients(rig, daemon);
  spec.messages = sessions;
  auto result = RunLoad(spec);
  if (!result) return Fail(result.error());
  PrintUnlessAllPassed(*result);
  rig.next_client += sessions;
  return {};
}

}  // namespace

Result<void> MeasureMemory(EvidenceRig& rig) {
  std::printf("\nmemory of cached answers\n");
  auto daemon = StartEvidenceDaemon(rig, "memory", Lists::kEight);
  if (!daemon) return Fail(daemon.error());
  // The threads and buffers that any load needs are no matter of the cache.
  LoadSpec warm = DistinctClients(rig, **daemon);
  warm.layout = supply::kRepeated;
  warm.first_message = 0;
  warm.messages = rig.options.repeated;
  warm.random = true;
  warm.window = std::chrono::seconds(2);
  if (auto warmed = RunLoad(warm); !warmed) return Fail(warmed.error());
  const auto before = Weigh(**daemon);
  if (!before) return Fail(before.error());

  const std::uint64_t lists = NameServer::kZones;
  const std::uint64_t sessions = (rig.options.answers + lists - 1) / lists;
  if (auto sent = SendAll(rig, **daemon, sessions); !sent) return sent;
  const auto after = Weigh(**daemon);
  if (!after) return Fail(after.error());

  const auto entries =
      static_cast<double>(after->status.cache_entries - before->status.cache_entries);
  const double bytes = (after->anon_bytes - before->anon_bytes) / entries;
  std::printf(
      "  RssAnon %.1f MB with %llu answers in the cache, %.1f MB with %llu\n",
      before->anon_bytes / kMb, static_cast<unsigned long long>(before->status.cache_entries),
      after->anon_bytes / kMb, static_cast<unsigned long long>(after->status.cache_entries));
  std::printf(
      "  an answer %.0f bytes of RssAnon; %.0f of the cache's own account\n", bytes,
      static_cast<double>(after->status.cache_bytes - before->status.cache_bytes) / entries);
  std::fflush(stdout);
  rig.goals.Add("memory: 100 000 cached answers", "MB", bytes * kGoalAnswers / kMb, kGoalMb,
                /*at_most=*/true);
  return {};
}

}  // namespace mxward
