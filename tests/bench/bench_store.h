// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "tests/bench/bench_daemon.h"
#include "tests/bench/bench_options.h"

namespace mxward {

// Fills the daemon's empty store with options.records pending tuples and prints what that shows:
// memory before and after, speed of the filling, bytes on disk a tuple, time of a start on it.
// The daemon is left running on the filled store.
Result<void> MeasureStore(BenchDaemon& daemon, const BenchOptions& options);

// RssAnon in MB after a message each of options.clients clients, in a daemon and a store of its own
// that are gone afterwards.
Result<double> MeasureClients(const std::string& program, const BenchOptions& options,
                              const std::string& settings);

// Bytes on disk a tuple with greylist.privacy, in a daemon and a store of its own that are gone
// afterwards.
Result<void> MeasurePrivacy(const BenchOptions& options, const std::string& dns_server);

}  // namespace mxward
