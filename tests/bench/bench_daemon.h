// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "tests/bench/child_process.h"
#include "tests/bench/milter_load.h"

namespace mxward {

// Which numbers of the message supply are used for what; the clients of the parts are distinct.
namespace supply {
inline constexpr MessageLayout kFill{0, 10, 4};          // 40 tuples of a client, in 4 messages
inline constexpr MessageLayout kKnown{1'000'000, 1, 1};  // a client for each tuple
inline constexpr MessageLayout kNew{2'000'000, 1, 1};
inline constexpr MessageLayout kDistinct{3'000'000, 1, 1};
inline constexpr MessageLayout kRepeated{2'900'000, 1, 1};
}  // namespace supply

// Settings for greylisting alone: everybody, and no question to the DNS.
std::string GreylistAll(bool privacy);

// The daemon under test, with a configuration and a store of its own in `directory`, and ways to
// fill the store from outside, through its milter socket only.
class BenchDaemon {
 public:
  // The directory must exist and the path of a socket in it fit; log goes to
  // `directory`/mxward.log. settings: the sections of the configuration that the figures are about
  // (score, greylist, dns, dnsbl); sockets, store and log are seen to.
  static Result<std::unique_ptr<BenchDaemon>> Start(const std::string& program,
                                                    const std::string& directory,
                                                    const std::string& settings);

  // Stops it and starts it again on the same store; the time from fork to its first answer.
  Result<std::chrono::nanoseconds> Restart();

  ChildProcess& Process() { return *process_; }
  const std::string& Socket() const { return socket_; }
  std::string ControlSocket() const { return directory_ + "/control.sock"; }

  // At least so many pending tuples that nobody will retry. Returns the seconds it took.
  Result<double> Fill(std::uint64_t tuples, std::uint64_t seed);
  // Messages 0 to count-1 of supply::kKnown: tried, tried again after the delay, and now known.
  Result<void> MakeKnown(std::uint64_t count, std::uint64_t seed);

  std::uint64_t StoreBytes() const;  // what the store occupies on disk
  void TruncateLog();

 private:
  BenchDaemon(std::string program, std::string directory);
  Result<void> Launch();
  Result<LoadResult> SendAll(const MessageLayout& layout, std::uint64_t messages,
                             std::uint64_t seed);

  std::string program_;
  std::string directory_;
  std::string socket_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace mxward
