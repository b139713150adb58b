// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bench_daemon.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

namespace mxward {
namespace {

using std::chrono::steady_clock;

constexpr int kFillConnections = 128;
constexpr std::chrono::seconds kDelay{1};  // as in DefaultSettings()

std::string ConfigText(const std::string& directory, const std::string& settings) {
  return "mode = \"enforce\"\n"
         "[milter]\nlisten = \"unix:" +
         directory +
         "/mxward.sock\"\n"
         "[trust]\nnetworks = []\n"
         "[store]\npath = \"" +
         directory +
         "/store\"\nmap_size = \"4G\"\n"
         "[log]\ntarget = \"stderr\"\n"
         "[control]\nsocket = \"" +
         directory + "/control.sock\"\n" + settings;
}

}  // namespace

std::string DefaultSettings(const std::string& dns_server, bool privacy) {
  return "[dns]\nservers = [\"" + dns_server +
         "\"]\n[greylist]\ndelay = \"1s\"\nprivacy = " + (privacy ? "true\n" : "false\n");
}

BenchDaemon::BenchDaemon(std::string program, std::string directory)
    : program_(std::move(program)),
      directory_(std::move(directory)),
      socket_(directory_ + "/mxward.sock") {}

Result<std::unique_ptr<BenchDaemon>> BenchDaemon::Start(const std::string& program,
                                                        const std::string& directory,
                                                        const std::string& settings) {
  std::unique_ptr<BenchDaemon> daemon(new BenchDaemon(program, directory));
  std::filesystem::create_directories(directory + "/store");
  std::ofstream(directory + "/mxward.toml") << ConfigText(directory, settings);
  if (auto launched = daemon->Launch(); !launched) return Fail(launched.error());
  return daemon;
}

Result<void> BenchDaemon::Launch() {
  auto process = ChildProcess::Start({program_, "--config", directory_ + "/mxward.toml"},
                                     directory_ + "/mxward.log");
  if (!process) return Fail(process.error());
  process_ = std::move(*process);
  auto ready = AwaitFilter(*process_, socket_, std::chrono::seconds(30));
  if (!ready) return Fail("mxward, see " + directory_ + "/mxward.log", ready.error());
  return {};
}

Result<std::chrono::nanoseconds> BenchDaemon::Restart() {
  if (!process_->Stop(std::chrono::seconds(20))) {
    return Fail(ErrorCode::kTimeout, "mxward: does not stop");
  }
  const auto began = steady_clock::now();
  if (auto launched = Launch(); !launched) return Fail(launched.error());
  return steady_clock::now() - began;
}

Result<LoadResult> BenchDaemon::SendAll(const MessageLayout& layout, std::uint64_t first,
                                        std::uint64_t messages, std::uint64_t seed) {
  LoadSpec spec;
  spec.socket = socket_;
  spec.connections = kFillConnections;
  spec.layout = layout;
  spec.first_message = first;
  spec.messages = messages;
  spec.seed = seed;
  auto result = RunLoad(spec);
  if (result && result->failures > 0) {
    return Fail(ErrorCode::kUnavailable,
                "filling: " + std::to_string(result->failures) + " broken sessions");
  }
  return result;
}

Result<double> BenchDaemon::Fill(std::uint64_t tuples, std::uint64_t seed) {
  const std::uint64_t messages = (tuples + supply::kFill.recipients - 1) / supply::kFill.recipients;
  auto result = SendAll(supply::kFill, 0, messages, seed);
  if (!result) return Fail(result.error());
  if (result->deferred != messages * supply::kFill.recipients) {
    return Fail(ErrorCode::kInternal, "filling: only " + std::to_string(result->deferred) +
                                          " of the new tuples were deferred");
  }
  TruncateLog();
  return std::chrono::duration<double>(result->elapsed).count();
}

Result<void> BenchDaemon::Meet(std::uint64_t clients, std::uint64_t seed) {
  auto met = SendAll(supply::kNew, 0, clients, seed);
  if (!met) return Fail(met.error());
  TruncateLog();
  if (met->deferred == clients) return {};
  return Fail(ErrorCode::kInternal, "meeting clients: only " + std::to_string(met->deferred) +
                                        " of " + std::to_string(clients) + " were deferred");
}

Result<void> BenchDaemon::MakeKnown(std::uint64_t count, std::uint64_t seed) {
  if (auto tried = SendAll(supply::kKnown, 0, count, seed); !tried) return Fail(tried.error());
  // Records hold whole seconds: one more makes sure that the delay is over.
  std::this_thread::sleep_for(kDelay + std::chrono::seconds(1));
  auto passed = SendAll(supply::kKnown, 0, count, seed);
  if (!passed) return Fail(passed.error());
  TruncateLog();
  if (passed->passed == count) return {};
  return Fail(ErrorCode::kInternal, "making tuples known: only " + std::to_string(passed->passed) +
                                        " of " + std::to_string(count) + " passed");
}

std::uint64_t BenchDaemon::StoreBytes() const {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_ + "/store")) {
    struct stat status {};
    if (::stat(entry.path().c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
    }
  }
  return bytes;
}

void BenchDaemon::TruncateLog() { std::filesystem::resize_file(directory_ + "/mxward.log", 0); }

}  // namespace mxward
