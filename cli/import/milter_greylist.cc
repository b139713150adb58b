// SPDX-License-Identifier: Apache-2.0
// milter-greylist's dump file (dumpfile "..." of its configuration, usually greylist.db).
//
//   ADDRESS SENDER RECIPIENT TIME [# ...]        waits: when it will be accepted
//   ADDRESS SENDER RECIPIENT TIME AUTO [# ...]   passed: when it will be forgotten
//
// with tabs or blanks between, times in seconds since 1970, and comments from # on. Addresses are
// whole ones, senders and recipients usually in angle brackets.
#include <algorithm>
#include <utility>
#include <vector>

#include "base/mail_address.h"
#include "base/text.h"
#include "cli/import/format.h"

namespace mxward::cli {
namespace {

// Its GLDELAY and AUTOWHITE: what its configuration says is not in the file.
constexpr Seconds kMilterGreylistDelay{1800};
constexpr Seconds kAutoWhite{86400};
// A moment further ahead than somebody may have configured is none.
constexpr Seconds kLongestDelay{2 * 86400};
constexpr Seconds kLongestAutoWhite{400 * 86400};

// The words of a line, at most `most`; what is in angle brackets is one. Comments end it.
std::vector<std::string_view> WordsOf(std::string_view line, std::size_t most) {
  std::vector<std::string_view> words;
  while (words.size() < most) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    if (line.empty() || line.front() == '#') break;
    std::size_t end = 0;
    if (line.front() == '<') end = std::min(line.find('>'), line.size());
    end = std::min(line.find_first_of(" \t\r", end), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

class MilterGreylistReader : public ImportReader {
 public:
  explicit MilterGreylistReader(const ImportTerms& terms)
      : now_(terms.now), delay_(terms.delay.value_or(kMilterGreylistDelay)) {}

  void Read(std::string_view line, const ImportSink& sink) override {
    const auto words = WordsOf(line, kWords + 1);
    if (!words.empty()) sink(ReadWords(words));
  }

 private:
  static constexpr std::size_t kWords = 5;

  Imported ReadWords(const std::vector<std::string_view>& words) const {
    if (words.size() < 4) return Garbage("does not have address, sender, recipient and time");
    const auto client = IpAddress::Parse(words[0]);
    const auto time = ParseEpoch(words[3]);
    if (!client) return Garbage("does not begin with an address");
    if (!time) return Garbage("the fourth word is not a time");
    ImportedTuple tuple;
    tuple.client = Prefix(*client, client->bits());
    tuple.sender = StripAngles(words[1]);
    tuple.recipient = StripAngles(words[2]);
    if (words.size() == 4) return Waiting(std::move(tuple), *time);
    if (words.size() == kWords && words[4] == "AUTO") return Passed(std::move(tuple), *time);
    return Garbage("the fifth word is not AUTO");
  }

  Imported Waiting(ImportedTuple tuple, WallTime accepted) const {
    // A longer delay than the one we know of does not make it younger than now.
    WallTime first = accepted - delay_;
    if (accepted <= now_ + kLongestDelay) first = std::min(first, now_);
    tuple.first_seen = tuple.last_seen = first;
    tuple.tries = 1;
    return PendingTuple(tuple);
  }

  Imported Passed(ImportedTuple tuple, WallTime ends) const {
    if (ends <= now_) return {Imported::Kind::kExpired, ""};
    WallTime seen = ends - kAutoWhite;
    if (ends <= now_ + kLongestAutoWhite) seen = std::min(seen, now_);
    tuple.first_seen = tuple.last_seen = seen;
    return PassedTuple(tuple);
  }

  WallTime now_;
  Seconds delay_;
};

}  // namespace

bool LooksLikeMilterGreylist(std::string_view line) {
  if (line.starts_with("# milter-greylist")) return true;
  const auto words = WordsOf(line, 4);
  return words.size() == 4 && IpAddress::Parse(words[0]) && ParseEpoch(words[3]) &&
         words[2].find('@') != std::string_view::npos;
}

std::unique_ptr<ImportReader> NewMilterGreylistReader(const ImportTerms& terms) {
  return std::make_unique<MilterGreylistReader>(terms);
}

}  // namespace mxward::cli
