// SPDX-License-Identifier: Apache-2.0
#include "engine/store_trouble.h"

#include <string>

namespace mxward {
namespace {

std::string MoreTimes(std::uint64_t skipped) {
  return skipped > 0 ? " (" + std::to_string(skipped) + " more times)" : "";
}

}  // namespace

void StoreTrouble::Failed(const Error& error, OnFailure on_failure) {
  counters_.store_failures.Add();
  failed_at_.store(clock_.Monotonic(), std::memory_order_relaxed);
  std::uint64_t skipped = 0;
  if (!log_failure_.Allow(clock_.Monotonic(), &skipped)) return;
  const bool accepts = on_failure == OnFailure::kAccept;
  log_.Error((accepts ? "mail passes unjudged: " : "mail is deferred unjudged: ") + error.message +
             MoreTimes(skipped));
}

void StoreTrouble::DeferredWithoutRecord(const Error& error) {
  counters_.deferrals_without_record.Add();
  deferred_without_record_at_.store(clock_.Monotonic(), std::memory_order_relaxed);
  std::uint64_t skipped = 0;
  if (!log_without_record_.Allow(clock_.Monotonic(), &skipped)) return;
  log_.Warning("deferrals are sent before they are recorded: " + error.message +
               MoreTimes(skipped));
}

bool StoreTrouble::Within(const std::atomic<MonoTime>& at, Millis time) const {
  const MonoTime when = at.load(std::memory_order_relaxed);
  return when != MonoTime::min() && clock_.Monotonic() - when < time;
}

}  // namespace mxward
