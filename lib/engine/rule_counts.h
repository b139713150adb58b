// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "config/config.h"
#include "policy/rules.h"

namespace mxward {

// How often each rule has matched, by its name: over reloads, as long as a rule of that name stays,
// and since start. Thread-safe.
class RuleCounts {
 public:
  struct Count {
    std::uint64_t hits = 0;      // recipients, of a rule in force
    std::uint64_t observed = 0;  // while it only observed
    std::optional<WallTime> last;
  };

  void Add(const std::vector<policy::RuleResult::Hit>& hits, WallTime now);
  Count Of(const std::string& name);
  // Forgets rules that no longer exist.
  void Keep(const std::vector<RuleConfig>& rules);

 private:
  Guarded<std::map<std::string, Count>> counts_;
};

}  // namespace mxward
