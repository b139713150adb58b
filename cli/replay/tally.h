// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/enum_words.h"
#include "engine/counters.h"
#include "facts/decision.h"

namespace mxward::cli {

// How long mails were held up. Constant memory: kept to three digits, so that a figure is off by
// half a percent at most, and none of up to 1000 s at all.
class Delays {
 public:
  void Add(Seconds delay) {
    std::int64_t value = delay.count() > 0 ? delay.count() : 0;
    std::int64_t step = 1;
    while (value / step >= 1000) step *= 10;
    value = (value + step / 2) / step * step;
    ++counts_[value];
    ++total_;
  }
  std::uint64_t total() const { return total_; }
  // The least delay that so many percent did not exceed (nearest rank). REQUIRES: total() > 0
  Seconds Percentile(std::uint64_t percent) const {
    const std::uint64_t rank = (total_ * percent + 99) / 100;
    std::uint64_t seen = 0;
    for (const auto& [value, count] : counts_) {
      seen += count;
      if (seen >= rank) return Seconds(value);
    }
    return Seconds(counts_.rbegin()->first);
  }
  Seconds Longest() const { return Percentile(100); }

 private:
  std::map<std::int64_t, std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

// What the log's own server made of a recipient that is judged here.
enum class LogFate : std::uint8_t {
  kTaken,
  kDeferred,         // by a greylister or another milter, at RCPT
  kRejected,         // by a milter, at RCPT
  kContentDeferred,  // later, because of the content
  kContentRejected,
};
inline constexpr std::size_t kLogFateCount = 5;
constexpr auto EnumWordsOf(LogFate) {
  return EnumWords<LogFate>({{LogFate::kTaken, "taken"},
                             {LogFate::kDeferred, "deferred"},
                             {LogFate::kRejected, "rejected"},
                             {LogFate::kContentDeferred, "content-deferred"},
                             {LogFate::kContentRejected, "content-rejected"}});
}

// What came of a replay. A try is one recipient of one message that was not refused by the log's
// server itself.
class Tally {
 public:
  // A try of the log. organisation: who sends.
  void NoteTry(const Decision& decision, LogFate fate, const std::string& organisation);
  // Whether it was decided by whom the client is trusted as: it is no stranger.
  static bool IsTrust(Reason reason);
  // One that was assumed to follow a deferral.
  void NoteRetry(const Decision& decision);
  // A mail that was deferred is in, after so long.
  void NoteDelay(Seconds delay, const std::string& organisation);

  struct Organisation {
    std::uint64_t tries = 0;
    std::uint64_t deferred = 0;
    std::uint64_t rejected = 0;
    Delays delays;
  };
  // Those with the most deferred and rejected tries, at most so many; only such as have any.
  std::vector<std::pair<std::string, const Organisation*>> Top(std::size_t most) const;

  const std::unordered_map<std::string, Organisation>& organisations() const {
    return organisations_;
  }

  // Tries by what was decided; of `strangers`, those that were not trusted beforehand.
  using ByReason = std::array<std::array<std::uint64_t, kReasonCount>, kVerdictCount>;
  const ByReason& tries() const { return tries_; }
  const ByReason& retries() const { return retries_; }
  std::uint64_t total() const { return total_; }
  std::uint64_t trusted() const { return trusted_; }
  std::uint64_t strangers(Verdict verdict) const {
    return strangers_[static_cast<std::size_t>(verdict)];
  }
  std::uint64_t against(Verdict verdict, LogFate fate) const {
    return against_[static_cast<std::size_t>(verdict)][static_cast<std::size_t>(fate)];
  }
  const Delays& delays() const { return delays_; }

  // Mails (recipients of messages) that were deferred, by how that ended.
  struct Deferred {
    std::uint64_t mails = 0;
    std::uint64_t assumed_back = 0;    // in after a retry that was assumed
    std::uint64_t back_in_log = 0;     // in after one that is in the log
    std::uint64_t never_back = 0;      // the log's server deferred it, too, and nobody came back
    std::uint64_t open = 0;            // likewise, and the log ends before the time is over
    std::uint64_t turned_away = 0;     // the log's server took it neither: no retry is assumed
    std::uint64_t rejected_later = 0;  // a retry was rejected
    std::uint64_t given_up = 0;        // deferred until the sender gave up
    std::uint64_t not_followed = 0;    // too many at once
  };
  Deferred deferred;

  std::uint64_t helo_known = 0;  // tries of which the log has the HELO

  // Further ones are counted together.
  static constexpr std::size_t kMostOrganisations = 100000;
  static constexpr const char* kOthers = "(others)";

 private:
  Organisation& Of(const std::string& organisation);

  ByReason tries_{};
  ByReason retries_{};
  std::uint64_t total_ = 0;
  std::uint64_t trusted_ = 0;
  std::array<std::uint64_t, kVerdictCount> strangers_{};
  std::array<std::array<std::uint64_t, kLogFateCount>, kVerdictCount> against_{};
  Delays delays_;
  std::unordered_map<std::string, Organisation> organisations_;
};

}  // namespace mxward::cli
