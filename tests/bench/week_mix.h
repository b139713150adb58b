// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tests/bench/bench_message.h"

namespace mxward {

// The mail of one week at an MX that much spam is sent to: 1.4 million sessions of 53,000 clients,
// modelled after the log summaries of one university's server in 2006, of which 60 % of the
// rejections said "dynamic name", a third "no name". Fewer sessions make a smaller week of as many
// sessions a client. The same for the same seed.
//
// Who comes, in shares of the sessions and counts of a whole week:
//
//   what       share   from           what it does
//   known       13 %   1,000 senders  their name is bad, but their 20,000 tuples are known
//   ordinary     8 %   4,000 senders  a good name, new mail: not suspicious, nobody greylists
//   first        3 %   3,000 senders  a bad name, a new tuple ...
//   retry      2.6 %                  ... of which nine in ten come back, 1 to 5 retry_after later
//   hammer       2 %   4 bots         far over the limit of connections
//   harvest      3 %   300 bots       5 to 10 recipients, most of which the MTA refuses
//   leaves       6 %   bots           goes after HELO
//   repeat       8 %   bots           the same mail as just before: an early retry
//   fresh    54.4 %    46,000 bots    a new sender; dynamic names 52 %, none 30, forged 10, good 8
//
// Bots come by a power law: 3,000 of them make more than half of their sessions, the last 20,000
// three visits each. Of senders each is as likely as the other. One session in five has several
// recipients in a message, one in twelve a second message; the MTA refuses every seventh recipient
// of bots.
//
// Time is not scaled, only the order is a week's: what is a week there are minutes here.
class WeekMix {
 public:
  enum class Kind : std::uint8_t {
    kKnown,
    kOrdinary,
    kFirst,
    kRetry,
    kHammer,
    kHarvest,
    kLeaves,
    kRepeat,
    kFresh
  };
  static constexpr std::size_t kKinds = 9;
  static constexpr std::array<std::string_view, kKinds> kNames = {
      "known", "ordinary", "first", "retry", "hammer", "harvest", "leaves", "repeat", "fresh"};
  static constexpr std::uint64_t kWholeWeek = 1'400'000;

  // retry_after: sessions between a first try and its retry, at least.
  WeekMix(std::uint64_t sessions, std::uint64_t seed, std::uint64_t retry_after);

  std::uint64_t size() const { return plan_.size(); }
  Kind KindOf(std::uint64_t number) const { return plan_[number].kind; }
  std::uint32_t ClientOf(std::uint64_t number) const { return plan_[number].client; }
  BenchSession At(std::uint64_t number) const;

  // The tuples that kKnown comes from have to be made known first, by these sessions.
  std::uint64_t known_tuples() const { return senders_of_known_ * kTuplesOfSender; }
  BenchSession KnownTuple(std::uint64_t number) const;

 private:
  static constexpr std::uint64_t kTuplesOfSender = 20;

  struct Entry {
    std::uint32_t client;
    std::uint32_t serial;  // which mail of all there are
    Kind kind;
  };
  class Planner;

  BenchSession From(std::uint32_t client) const;
  BenchMessage MessageOf(std::uint32_t client, std::uint32_t serial) const;
  BenchMessage BotMessage(std::uint64_t serial, unsigned recipients, unsigned refused) const;
  bool IsBot(std::uint32_t client) const { return client >= first_bot_; }

  std::uint64_t seed_;
  std::uint64_t senders_of_known_;
  // Clients are numbered: senders of known tuples, ordinary ones, those of first tries, bots.
  std::uint64_t first_ordinary_;
  std::uint64_t first_newcomer_;
  std::uint64_t first_bot_;
  std::uint64_t bots_;
  std::vector<Entry> plan_;
};

}  // namespace mxward
