// SPDX-License-Identifier: Apache-2.0
#include "maillog/open_sessions.h"

#include <algorithm>
#include <vector>

namespace mxward::maillog {

Process& OpenSessions::Get(std::uint64_t key, WallTime now) {
  if (processes_.size() >= kMost && !processes_.contains(key)) {
    // Halved until there is room: each process is looked at a few times over its life.
    for (Seconds silence = kSilence; processes_.size() >= kMost && silence.count() > 0;
         silence /= 2) {
      DropSilentFor(silence, std::min<Seconds>(silence, kSilenceWithoutEnd), now);
    }
    if (processes_.size() >= kMost) DropSilentFor(Seconds(0), Seconds(0), now);
  }
  Process& process = processes_[key];
  process.last = now;
  return process;
}

void OpenSessions::DropSilent(WallTime now) { DropSilentFor(kSilence, kSilenceWithoutEnd, now); }

void OpenSessions::DropSilentFor(Seconds silence, Seconds silence_without_end, WallTime now) {
  std::vector<Process> dropped;
  std::erase_if(processes_, [&](const auto& one) {
    const Process& process = one.second;
    const Seconds limit = process.silent_end ? silence_without_end : silence;
    if (now - process.last < limit) return false;
    if (process.session != 0) dropped.push_back(process);
    return true;
  });
  // In the order in which they began, whatever that of the table is.
  std::sort(dropped.begin(), dropped.end(),
            [](const Process& a, const Process& b) { return a.session < b.session; });
  for (const Process& process : dropped) dropped_(process);
}

}  // namespace mxward::maillog
