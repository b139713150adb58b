// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "config/config.h"
#include "milter/notify.h"

namespace mxward {

// Exit statuses (sysexits(3) where they exist).
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 64;
inline constexpr int kExitDamaged = 65;
inline constexpr int kExitTempfail = 75;  // it ended unasked: started again, it serves
inline constexpr int kExitConfig = 78;

// The running service: builds every object, runs libmilter, and takes everything down in order.
struct DaemonOptions {
  std::string config_path;
  std::shared_ptr<const Config> config;
};

// Returns the exit status; the caller ends the process with _exit(), because libmilter's threads
// may still be there. REQUIRES: signals::Block() was called; this is the first thread, and the only
// one.
int RunDaemon(const DaemonOptions& options, const Clock& clock, const ServiceManager& manager);

}  // namespace mxward
