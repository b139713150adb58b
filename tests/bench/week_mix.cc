// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/week_mix.h"

#include <algorithm>
#include <cmath>
#include <queue>
#include <random>
#include <string>
#include <utility>

namespace mxward {
namespace {

// Of a whole week.
constexpr std::uint64_t kSendersOfKnown = 1'000;
constexpr std::uint64_t kOrdinarySenders = 4'000;
constexpr std::uint64_t kNewcomers = 3'000;
constexpr std::uint64_t kBots = 46'000;

constexpr std::uint64_t kHammerers = 4;
constexpr std::uint32_t kBotsOfOneHarvester = 150;

// A bot of rank r comes with weight (r + kFlatness)^-(1 + kSteepness).
constexpr double kSteepness = 0.1;
constexpr double kFlatness = 200;

// In thousandths of the sessions that are no retries; the rest is kFresh.
constexpr std::pair<WeekMix::Kind, unsigned> kShares[] = {
    {WeekMix::Kind::kKnown, 133}, {WeekMix::Kind::kOrdinary, 82}, {WeekMix::Kind::kFirst, 31},
    {WeekMix::Kind::kHammer, 20}, {WeekMix::Kind::kHarvest, 31},  {WeekMix::Kind::kLeaves, 62},
    {WeekMix::Kind::kRepeat, 82}};
constexpr unsigned kThousand = 1000;
constexpr double kComesBack = 0.9;
constexpr std::size_t kRepeatedWithin = 64;  // fresh sessions

constexpr std::uint64_t kUsers = 3'000;  // mailboxes of the site

// What of a mail or a client is chosen by a number of its own.
enum class Choice : std::uint64_t { kName, kHelo, kRecipients, kSecond, kRefused, kUser, kDomain };

// A random number for each number and choice, always the same (splitmix64).
std::uint64_t Pick(std::uint64_t seed, std::uint64_t number, Choice choice) {
  std::uint64_t z = seed * 0x9e3779b97f4a7c15 + number * 16 + static_cast<std::uint64_t>(choice);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return (z ^ (z >> 31)) >> 11;
}

double Unit(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

std::uint64_t Scaled(std::uint64_t of_whole_week, std::uint64_t sessions) {
  return std::max<std::uint64_t>(1, of_whole_week * sessions / WeekMix::kWholeWeek);
}

std::string User(std::uint64_t number) {
  return "<" + Letters(number % kUsers, 6) + "@hq.example.org>";
}

std::string DynamicName(const std::string& address, const std::string& domain) {
  std::string name = "dsl-" + address + ".pool." + domain;
  std::replace(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(4 + address.size()), '.',
               '-');
  return name;
}

}  // namespace

// Draws the week session by session.
class WeekMix::Planner {
 public:
  Planner(WeekMix& mix, std::uint64_t seed, std::uint64_t sessions, std::uint64_t retry_after)
      : mix_(mix), random_(seed), retry_after_(retry_after) {
    const double scale = static_cast<double>(sessions) / static_cast<double>(kWholeWeek);
    flatness_ = kFlatness * scale;
    most_ = std::pow(flatness_, -kSteepness);
    least_ = std::pow(flatness_ + static_cast<double>(mix_.bots_), -kSteepness);
    mix_.plan_.reserve(sessions);
    while (mix_.plan_.size() < sessions) mix_.plan_.push_back(Next());
  }

 private:
  struct Retry {
    std::uint64_t due;
    Entry entry;
    bool operator>(const Retry& other) const { return due > other.due; }
  };

  Entry Next() {
    if (!retries_.empty() && retries_.top().due <= mix_.plan_.size()) {
      const Entry retry = retries_.top().entry;
      retries_.pop();
      return retry;
    }
    Entry entry{0, ++serial_, DrawKind()};
    switch (entry.kind) {
      case Kind::kKnown:
        entry.serial = static_cast<std::uint32_t>(random_() % mix_.known_tuples());
        entry.client = static_cast<std::uint32_t>(entry.serial / kTuplesOfSender);
        break;
      case Kind::kOrdinary:
        entry.client = Client(mix_.first_ordinary_, mix_.first_newcomer_);
        break;
      case Kind::kFirst:
        entry.client = Client(mix_.first_newcomer_, mix_.first_bot_);
        ComeBack(entry);
        break;
      case Kind::kHammer:
        // Beyond the ranks of the others; none of them has a good name.
        entry.client =
            Client(mix_.first_bot_ + mix_.bots_, mix_.first_bot_ + mix_.bots_ + kHammerers);
        break;
      case Kind::kHarvest:
        entry.client = Client(0, std::max<std::uint64_t>(1, mix_.bots_ / kBotsOfOneHarvester));
        entry.client *= kBotsOfOneHarvester;
        entry.client += static_cast<std::uint32_t>(mix_.first_bot_);
        break;
      case Kind::kRepeat:
        if (!fresh_.empty()) {
          const Entry& before = fresh_[random_() % fresh_.size()];
          return {before.client, before.serial, Kind::kRepeat};
        }
        entry.kind = Kind::kFresh;
        [[fallthrough]];
      case Kind::kLeaves:
      case Kind::kFresh:
      case Kind::kRetry:
        entry.client = static_cast<std::uint32_t>(mix_.first_bot_) + Bot();
        break;
    }
    if (entry.kind == Kind::kFresh) Remember(entry);
    return entry;
  }

  Kind DrawKind() {
    auto draw = static_cast<unsigned>(random_() % kThousand);
    for (const auto& [kind, share] : kShares) {
      if (draw < share) return kind;
      draw -= share;
    }
    return Kind::kFresh;
  }

  std::uint32_t Client(std::uint64_t first, std::uint64_t end) {
    return static_cast<std::uint32_t>(first + random_() % (end - first));
  }

  // The rank of a bot, by the inverse of the power law's distribution.
  std::uint32_t Bot() {
    const double place = std::pow(most_ - Unit(random_) * (most_ - least_), -1 / kSteepness);
    const auto rank = static_cast<std::uint64_t>(std::max(0.0, place - flatness_));
    return static_cast<std::uint32_t>(std::min(rank, mix_.bots_ - 1));
  }

  void ComeBack(Entry entry) {
    if (Unit(random_) >= kComesBack) return;
    entry.kind = Kind::kRetry;
    retries_.push({mix_.plan_.size() + retry_after_ + random_() % (4 * retry_after_ + 1), entry});
  }

  void Remember(const Entry& entry) {
    if (fresh_.size() < kRepeatedWithin) {
      fresh_.push_back(entry);
    } else {
      fresh_[random_() % kRepeatedWithin] = entry;
    }
  }

  WeekMix& mix_;
  std::mt19937_64 random_;
  std::uint64_t retry_after_;
  double flatness_ = 0, most_ = 0, least_ = 0;
  std::uint32_t serial_ = 0;
  std::vector<Entry> fresh_;  // of late
  std::priority_queue<Retry, std::vector<Retry>, std::greater<>> retries_;
};

WeekMix::WeekMix(std::uint64_t sessions, std::uint64_t seed, std::uint64_t retry_after)
    : seed_(seed),
      senders_of_known_(Scaled(kSendersOfKnown, sessions)),
      first_ordinary_(senders_of_known_),
      first_newcomer_(first_ordinary_ + Scaled(kOrdinarySenders, sessions)),
      first_bot_(first_newcomer_ + Scaled(kNewcomers, sessions)),
      bots_(Scaled(kBots, sessions)) {
  Planner(*this, seed, sessions, retry_after);
}

BenchSession WeekMix::At(std::uint64_t number) const {
  const Entry& entry = plan_[number];
  if (entry.kind == Kind::kKnown) {
    BenchSession session = KnownTuple(entry.serial);
    if (Pick(seed_, number, Choice::kSecond) % 12 == 0) {
      const std::uint64_t other = entry.client * kTuplesOfSender + number % kTuplesOfSender;
      session.messages.push_back(KnownTuple(other).messages.front());
    }
    return session;
  }
  BenchSession session = From(entry.client);
  if (entry.kind == Kind::kLeaves) return session;
  if (entry.kind == Kind::kHarvest) {
    const auto recipients = 5 + static_cast<unsigned>(number % 6);
    session.messages.push_back(BotMessage(entry.serial, recipients, recipients - 1));
    return session;
  }
  session.messages.push_back(MessageOf(entry.client, entry.serial));
  if (Pick(seed_, entry.serial, Choice::kSecond) % 12 == 0) {
    // Serials of second messages lie beyond those of first ones.
    const auto second = static_cast<std::uint32_t>(entry.serial + plan_.size());
    session.messages.push_back(MessageOf(entry.client, second));
  }
  return session;
}

BenchSession WeekMix::KnownTuple(std::uint64_t number) const {
  const auto client = static_cast<std::uint32_t>(number / kTuplesOfSender);
  BenchSession session = From(client);
  BenchMessage& message = session.messages.emplace_back();
  message.sender = "<office." + Letters(number, 6) + "@o" + Letters(client, 7) + ".example>";
  message.recipients.push_back({User(Pick(seed_, number, Choice::kUser))});
  return session;
}

// The client itself: address, names, HELO.
BenchSession WeekMix::From(std::uint32_t client) const {
  BenchSession session;
  session.client_address = AddressOf(client, seed_);
  const std::string domain = "o" + Letters(client, 7) + ".example";
  const std::string good = "mail." + domain;
  const std::uint64_t draw = Pick(seed_, client, Choice::kName) % 100;
  const bool is_good = IsBot(client) ? draw < 8 && client < first_bot_ + bots_
                                     : client >= first_ordinary_ && client < first_newcomer_;
  if (is_good) {
    session.client_name = session.claimed_name = good;
  } else if (draw < 60) {
    session.client_name = session.claimed_name = DynamicName(session.client_address, domain);
  } else {
    session.resolved = draw < 70 ? "FORGED" : "FAIL";
    if (draw < 70) session.claimed_name = good;
  }
  const std::uint64_t said = IsBot(client) ? Pick(seed_, client, Choice::kHelo) % 10 : 9;
  session.helo = said < 2 ? session.client_address : said < 5 ? "localhost" : good;
  return session;
}

BenchMessage WeekMix::MessageOf(std::uint32_t client, std::uint32_t serial) const {
  const std::uint64_t draw = Pick(seed_, serial, Choice::kRecipients) % 15;
  const unsigned recipients = draw < 3 ? 2 + static_cast<unsigned>(draw) : 1;
  if (IsBot(client)) {
    const bool refused = Pick(seed_, serial, Choice::kRefused) % 7 < recipients;
    return BotMessage(serial, recipients, refused ? 1 : 0);
  }
  BenchMessage message;
  message.sender = "<info." + Letters(serial, 7) + "@o" + Letters(client, 7) + ".example>";
  for (unsigned i = 0; i < recipients; ++i) {
    message.recipients.push_back({User(Pick(seed_, serial, Choice::kUser) + i)});
  }
  return message;
}

// The last `refused` of its recipients do not exist.
BenchMessage WeekMix::BotMessage(std::uint64_t serial, unsigned recipients,
                                 unsigned refused) const {
  BenchMessage message;
  const std::uint64_t domain = Pick(seed_, serial, Choice::kDomain) % 200'000;
  // Every fiftieth is a bounce that some other site sends for forged mail.
  message.sender =
      domain % 50 == 0 ? "<>" : "<" + Letters(serial, 7) + "@f" + Letters(domain, 5) + ".example>";
  for (unsigned i = 0; i < recipients; ++i) {
    if (i + refused < recipients) {
      message.recipients.push_back({User(Pick(seed_, serial, Choice::kUser) + i)});
    } else {
      message.recipients.push_back(
          {"<no." + Letters(serial * 10 + i, 8) + "@hq.example.org>", /*refused=*/true});
    }
  }
  return message;
}

}  // namespace mxward
