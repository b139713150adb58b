// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bench_store.h"

#include <cstdio>
#include <filesystem>
#include <thread>
#include <vector>

#include "tests/bench/bench_figure.h"

namespace mxward {
namespace {

void PrintMemory(const char* when, ChildProcess& process) {
  const ProcessMemory memory = process.Memory();
  std::printf("  %-44s %8.1f MB RSS, %.1f MB RssAnon\n", when,
              static_cast<double>(memory.rss_kib) / 1024,
              static_cast<double>(memory.anon_kib) / 1024);
  std::fflush(stdout);
}

// Returns bytes a tuple.
Result<double> FillAndWeigh(BenchDaemon& daemon, const BenchOptions& options) {
  const std::uint64_t before = daemon.StoreBytes();
  auto seconds = daemon.Fill(options.records, options.seed);
  if (!seconds) return Fail(seconds.error());
  std::printf("  filled %llu pending tuples in %.0f s, %.0f a second\n",
              static_cast<unsigned long long>(options.records), *seconds,
              static_cast<double>(options.records) / *seconds);
  // The daemon syncs when it has been idle for a second.
  std::this_thread::sleep_for(std::chrono::seconds(2));
  return static_cast<double>(daemon.StoreBytes() - before) / static_cast<double>(options.records);
}

}  // namespace

Result<void> MeasureStore(BenchDaemon& daemon, const BenchOptions& options) {
  std::printf("\nstore\n");
  PrintMemory("after start, store empty", daemon.Process());
  auto bytes = FillAndWeigh(daemon, options);
  if (!bytes) return Fail(bytes.error());
  std::printf("  %-44s %8.0f bytes\n", "on disk, a pending tuple of 60 address bytes", *bytes);
  PrintMemory("after filling", daemon.Process());
  std::vector<double> starts;
  for (int i = 0; i < options.restarts; ++i) {
    auto took = daemon.Restart();
    if (!took) return Fail(took.error());
    starts.push_back(std::chrono::duration<double, std::milli>(*took).count());
  }
  std::printf("  %-44s %8.1f ms (median of %d)\n", "start to first answer, store full",
              Median(starts), options.restarts);
  PrintMemory("after start, store full", daemon.Process());
  return {};
}

Result<double> MeasureClients(const std::string& program, const BenchOptions& options,
                              const std::string& settings) {
  const std::string directory = options.directory + "/clients";
  std::filesystem::create_directories(directory);
  auto daemon = BenchDaemon::Start(program, directory, settings);
  if (!daemon) return Fail(daemon.error());
  if (auto met = (*daemon)->Meet(options.clients, options.seed); !met) return Fail(met.error());
  const double megabytes = static_cast<double>((*daemon)->Process().Memory().anon_kib) / 1024;
  daemon->reset();
  std::filesystem::remove_all(directory);
  return megabytes;
}

Result<void> MeasurePrivacy(const BenchOptions& options, const std::string& dns_server) {
  std::printf("\nstore, greylist.privacy\n");
  const std::string directory = options.directory + "/privacy";
  std::filesystem::create_directories(directory);
  auto daemon =
      BenchDaemon::Start(options.daemon, directory, DefaultSettings(dns_server, /*privacy=*/true));
  if (!daemon) return Fail(daemon.error());
  auto bytes = FillAndWeigh(**daemon, options);
  if (!bytes) return Fail(bytes.error());
  std::printf("  %-44s %8.0f bytes\n", "on disk, a pending tuple", *bytes);
  std::fflush(stdout);
  daemon->reset();
  std::filesystem::remove_all(directory);
  return {};
}

}  // namespace mxward
