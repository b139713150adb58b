// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "facts/decision.h"
#include "interference/trace.h"

namespace mxward::interference {

// What became of one recipient, as its sender learned it in the end.
struct Heard {
  std::string sender;
  std::string recipient;
  Verdict verdict = Verdict::kAccept;
  Reason reason = Reason::kFailure;
  std::string findings;
};

// What the site answered to one event, a recipient after the other.
using Answers = std::vector<Heard>;

// A site that has run for weeks: its servers of standing are known, and the adversary has earned
// kAllowances allowances. Made once for each kind of site, and copied for each trace.
class Past {
 public:
  // In this directory, which must exist.
  explicit Past(const std::string& directory);
  const std::string& data_file(const Site& site) const { return data_files_[site.index]; }
  Millis length() const { return length_; }

 private:
  std::vector<std::string> data_files_;
  Millis length_{};
};

// Plays the trace against a site of its own. Events of which left_out[i] is true do not happen;
// time goes on without them. left_out is empty or as long as the trace. Throws std::logic_error
// where an event took longer than its place in time allows: a fault of the trace.
struct Played {
  std::vector<Answers> answers;         // by event
  std::vector<std::string> violations;  // of what holds for each run by itself (invariant 13)
  std::vector<std::string> log;         // lines other than decisions
};
Played Play(const std::vector<Event>& trace, const std::vector<bool>& left_out, const Site& site,
            const Past& past);

}  // namespace mxward::interference
