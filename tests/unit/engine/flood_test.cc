// SPDX-License-Identifier: Apache-2.0
// A flood against a small database, with the ratios of a large one: many times what fits is tried.
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "catch.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "greylist/record.h"
#include "greylist/sweep.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/memory_log.h"
#include "tests/fake/temp_dir.h"
#include "tests/fake/test_config.h"
#include "tests/fake/times.h"

namespace mxward {
namespace {

constexpr std::uint64_t kFloodMap = 16 << 20;
constexpr int kFloodPerSecond = 1000;
constexpr int kPerMail = 50;
constexpr int kPerTrim = kFloodPerSecond / 5;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kFloodScale = 10;  // they look for other mistakes, and take their time
#else
constexpr int kFloodScale = 1;
#endif

std::unique_ptr<store::Environment> FloodedEnvironment(const std::string& path) {
  auto opened = store::Environment::Open({.path = path,
                                          .map_size = kFloodMap,
                                          .map_size_max = kFloodMap,
                                          .throw_away = true,
                                          // Tags of 16 bits may by chance be those of the flood.
                                          .hash_key = HashKey{1, 2, 3, 4}});
  REQUIRE(opened);
  return *std::move(opened);
}

Config FloodConfig(bool privacy) {
  Config config = TestConfig();
  config.greylist.apply = GreylistApply::kAll;
  config.greylist.privacy = privacy;
  return config;
}

class Flood {
 public:
  explicit Flood(bool privacy) : config_(FloodConfig(privacy)) {}

  // So many recipients of clients that `client` names, and beside them honest newcomers of
  // networks of their own, each of whom comes back in time.
  void Run(int recipients, const std::function<IpAddress(int)>& client) {
    for (int i = 0; i < recipients; i += kPerMail) {
      Session session(engine_);
      session.Connect(FactsOf(client(i)));
      // No two alike once their digits are folded.
      session.Mail({"flood-" + Letters(tried_) + "@" + std::string(40, 'x') + ".example", "", ""});
      for (int n = 0; n < kPerMail; ++n) {
        const Answer answer = session.Recipient("victim-" + Letters(tried_++) + "@here.test", "");
        if (answer.verdict != Verdict::kDefer) ++passed_;
      }
      clock_.Advance(Millis(1000 * kPerMail / kFloodPerSecond));
      if (i % kPerTrim == 0) engine_.pending_room().Trim(*environment_, writer_);
      if (i % (10 * kPerTrim) == 0) sweep_.Step(shared_, clock_.Now(), clock_.Monotonic());
      if (i % (kPerMail * 50) == 0) Newcomer(IpAddress::V4(0x0b000001U + (honest_++ << 12)));
      Retry();
    }
    clock_.Advance(6 * kMinute);
    Retry();
  }
  // Tries now and comes back after five minutes.
  void Newcomer(const IpAddress& client) {
    waiting_.push_back({client, ++newcomers_, clock_.Monotonic() + 5 * kMinute});
    CHECK(Try(waiting_.back()) == Verdict::kDefer);
  }

  std::uint64_t passed() const { return passed_; }
  std::size_t refused() const { return refused_; }  // newcomers that did not pass at their retry
  std::size_t newcomers() const { return newcomers_; }
  Engine& engine() { return engine_; }

  // Of the map, in percent, what pending records of a network take.
  double PercentOf(const Prefix& network) {
    std::uint64_t room = 0;
    auto read = environment_->Read();
    REQUIRE(read);
    REQUIRE(read->Scan(store::Table::kTuples, "", [&](std::string_view, std::string_view bytes) {
      const auto record = greylist::TupleRecord::Decode(bytes);
      if (record && record->client && network.Contains(*record->client)) {
        room += greylist::PendingCounts::RoomOf(bytes.size()) * greylist::PendingCounts::kUnit;
      }
      return true;
    }));
    return 100.0 * static_cast<double>(room) / static_cast<double>(kFloodMap);
  }
  double PercentUsed() {
    const auto usage = environment_->GetUsage();
    REQUIRE(usage);
    return 100.0 * static_cast<double>(usage->used_bytes) / static_cast<double>(usage->limit_bytes);
  }

 private:
  struct Waiter {
    IpAddress client;
    std::size_t number;
    MonoTime due;
  };
  static SessionFacts FactsOf(const IpAddress& client) {
    SessionFacts facts;
    facts.client = client;
    return facts;
  }
  static std::string Letters(std::uint64_t number) {
    std::string letters;
    for (; number > 0; number /= 26) letters += static_cast<char>('a' + number % 26);
    return letters;
  }
  Verdict Try(const Waiter& waiter) {
    Session session(engine_);
    session.Connect(FactsOf(waiter.client));
    session.Mail({"friend-" + Letters(waiter.number) + "@example.org", "", ""});
    return session.Recipient("user@here.test", "").verdict;
  }
  void Retry() {
    while (!waiting_.empty() && waiting_.front().due <= clock_.Monotonic()) {
      if (Try(waiting_.front()) != Verdict::kAccept) ++refused_;
      waiting_.pop_front();
    }
  }

  TempDir dir_;
  FakeClock clock_;
  MemoryLog log_;
  Config config_;
  std::shared_ptr<const Config> shared_ = Shared(config_);
  std::unique_ptr<store::Environment> environment_ = FloodedEnvironment(dir_.path());
  store::InlineWriter writer_{*environment_};
  Engine engine_{{clock_, *environment_, writer_, log_}, Shared(config_)};
  greylist::Sweep sweep_{*environment_, writer_, engine_.pending_counts()};
  std::deque<Waiter> waiting_;
  std::uint64_t tried_ = 0;
  std::uint64_t passed_ = 0;
  std::uint32_t honest_ = 0;
  std::size_t newcomers_ = 0;
  std::size_t refused_ = 0;
};

IpAddress InSlash32(std::uint32_t network) {
  std::array<std::uint8_t, 16> bytes = {0x20, 0x01, 0x0d, 0xb8};
  // Over /48s, too.
  bytes[5] = static_cast<std::uint8_t>(network % 7);
  bytes[6] = static_cast<std::uint8_t>(network >> 8);
  bytes[7] = static_cast<std::uint8_t>(network);
  bytes[15] = 1;
  return IpAddress::V6(bytes);
}

TEST_CASE("an IPv6 /32 takes a quarter of the database at most, and a neighbour still passes",
          "[engine]") {
  Flood flood(/*privacy=*/false);
  const auto attacker = [](int i) { return InSlash32(static_cast<std::uint32_t>(i / 500)); };
  flood.Run(400000 / kFloodScale, attacker);
  flood.Newcomer(InSlash32(60000));  // of a /48 that floods
  flood.Run(100000 / kFloodScale, attacker);
  CHECK(flood.passed() == 0);
  CHECK(flood.newcomers() > 100 / kFloodScale);
  CHECK(flood.refused() == 0);
  CHECK(flood.PercentOf(*Prefix::Parse("2001:db8::/32")) <= 25);
  CHECK(flood.PercentUsed() <= 30);
  CHECK(flood.engine().counters().store_failures.value() == 0);
  if (kFloodScale == 1) CHECK(flood.engine().pending_room().stats().turned_away > 0);
}

TEST_CASE("an IPv4 /24 takes a quarter of the database at most, and a neighbour still passes",
          "[engine]") {
  Flood flood(/*privacy=*/false);
  const auto attacker = [](int i) {
    return IpAddress::V4(0xc6336401U + static_cast<std::uint32_t>(i / kPerMail) % 250);
  };
  flood.Run(100000 / kFloodScale, attacker);
  flood.Newcomer(IpAddress::V4(0xc63364fb));
  flood.Run(20000 / kFloodScale, attacker);
  CHECK(flood.passed() == 0);
  CHECK(flood.refused() == 0);
  CHECK(flood.PercentOf(*Prefix::Parse("198.51.0.0/16")) <= 25);
  CHECK(flood.engine().counters().store_failures.value() == 0);
}

}  // namespace
}  // namespace mxward
