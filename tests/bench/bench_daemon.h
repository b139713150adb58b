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
// Suspicious for their HELO, and therefore greylisted.
inline constexpr MessageLayout kFill{0, 10, 4, true};          // 40 tuples of a client
inline constexpr MessageLayout kKnown{1'000'000, 1, 1, true};  // a client for each tuple
inline constexpr MessageLayout kNew{2'000'000, 1, 1, true};
// Such as pass at once.
inline constexpr MessageLayout kRepeated{2'900'000, 1, 1};
inline constexpr MessageLayout kDistinct{3'000'000, 1, 1};
inline constexpr MessageLayout kUnsuspicious{4'000'000, 1, 1};
}  // namespace supply

// The default configuration, but for a delay of a second, and the DNS server of this machine at
// the address. Sender domains are looked up.
std::string DefaultSettings(const std::string& dns_server, bool privacy);

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
  // A message of each of so many suspicious clients, those of supply::kNew.
  Result<void> Meet(std::uint64_t clients, std::uint64_t seed);
  // Messages 0 to count-1 of supply::kKnown: tried, tried again after the delay, and now known.
  Result<void> MakeKnown(std::uint64_t count, std::uint64_t seed);

  std::uint64_t StoreBytes() const;  // what the store occupies on disk
  void TruncateLog();

 private:
  BenchDaemon(std::string program, std::string directory);
  Result<void> Launch();
  Result<LoadResult> SendAll(const MessageLayout& layout, std::uint64_t first,
                             std::uint64_t messages, std::uint64_t seed);

  std::string program_;
  std::string directory_;
  std::string socket_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace mxward
