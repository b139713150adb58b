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

constexpr std::uint64_t kFloodMap = 2 << 20;
constexpr int kFloodPerSecond = 125;
constexpr int kPerMail = 25;
constexpr std::uint64_t kPerClient = 500;  // recipients of one client of the flood
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
                                          .no_sync = true,
                                          // Tags of 16 bits may by chance be those of the flood.
                                          .hash_key = HashKey{1, 2, 3, 4}});
  REQUIRE(opened);
  return *std::move(opened);
}

Config FloodConfig() {
  Config config = TestConfig();
  config.greylist.apply = GreylistApply::kAll;
  return config;
}

class Flood {
 public:
  explicit Flood(const Config& config = FloodConfig()) : shared_(Shared(config)) { Start(); }

  // So many recipients of clients that `client` names, and beside them honest newcomers of
  // networks of their own, each of whom comes back in time.
  void Run(int recipients, const std::function<IpAddress(int)>& client) {
    for (int i = 0; i < recipients; i += kPerMail) {
      Session session(*engine_);
      session.Connect(FactsOf(client(i)));
      // No two alike once their digits are folded.
      session.Mail({"flood-" + Letters(tried_) + "@" + std::string(40, 'x') + ".example", "", ""});
      for (int n = 0; n < kPerMail; ++n) {
        const Answer answer = session.Recipient("victim-" + Letters(tried_++) + "@here.test", "");
        if (answer.verdict != Verdict::kDefer) ++passed_;
      }
      clock_.Advance(Millis(1000 * kPerMail / kFloodPerSecond));
      if (i % kPerTrim == 0) engine_->pending_room().Trim(*environment_, writer_);
      if (i % (10 * kPerTrim) == 0) sweep_->Step(shared_, clock_.Now(), clock_.Monotonic());
      if (i % (kPerMail * 12) == 0) Newcomer(IpAddress::V4(0x0b000001U + (honest_++ << 12)));
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
  Engine& engine() { return *engine_; }
  std::uint64_t folded() const { return folded_; }

  // What is counted in memory is lost, and counted afresh as the sweep does it.
  void Restart() {
    sweep_.reset();
    folded_ += engine_->counters().folded.value();
    engine_.reset();
    Start();
    while (!sweep_->Step(shared_, clock_.Now(), clock_.Monotonic())) {
    }
  }

  // Of the map, in percent, what waits of this client's wide network takes.
  double PercentOf(const IpAddress& client) {
    const HashKey& key = environment_->hash_key();
    const std::uint16_t wide = greylist::HolderOf(key, client).wide;
    std::uint64_t room = 0;
    const auto add = [&](const greylist::Holder& holder, std::size_t bytes) {
      if (holder.wide == wide) room += greylist::PendingCounts::RoomOf(bytes);
      return true;
    };
    auto read = environment_->Read();
    REQUIRE(read);
    REQUIRE(read->Scan(store::Table::kTuples, "", [&](std::string_view, std::string_view bytes) {
      return add(greylist::TupleRecord::Decode(bytes)->holder(key), bytes.size());
    }));
    REQUIRE(read->Scan(store::Table::kFolded, "", [&](std::string_view at, std::string_view bytes) {
      const auto block = greylist::FoldedBlock::Decode(bytes);
      return add(block->holder(*greylist::FoldedKey::Decode(at), key), bytes.size());
    }));
    return 100.0 * static_cast<double>(room * greylist::PendingCounts::kUnit) /
           static_cast<double>(kFloodMap);
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
    Session session(*engine_);
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

  void Start() {
    engine_ =
        std::make_unique<Engine>(Engine::Services{clock_, *environment_, writer_, log_}, shared_);
    sweep_ = std::make_unique<greylist::Sweep>(*environment_, writer_, engine_->pending_counts());
  }

  TempDir dir_;
  FakeClock clock_;
  MemoryLog log_;
  std::shared_ptr<const Config> shared_;
  std::unique_ptr<store::Environment> environment_ = FloodedEnvironment(dir_.path());
  store::InlineWriter writer_{*environment_};
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<greylist::Sweep> sweep_;
  std::uint64_t folded_ = 0;
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

IpAddress FloodingClient(int i) { return InSlash32(static_cast<std::uint32_t>(i / kPerClient)); }

// The flood, the start of another process in its midst, and a neighbour.
void FloodFromSlash32(Flood& flood, int recipients) {
  recipients /= kFloodScale;
  flood.Run(recipients / 4 * 3, FloodingClient);
  flood.Restart();
  flood.Run(recipients / 8, FloodingClient);
  flood.Newcomer(InSlash32(60000));  // of a /48 that floods
  flood.Run(recipients / 8, FloodingClient);
  CHECK(flood.passed() == 0);
  CHECK(flood.newcomers() > 100 / kFloodScale);
  CHECK(flood.refused() == 0);
  CHECK(flood.PercentOf(InSlash32(0)) <= 25);
  CHECK(flood.PercentUsed() <= 30);
  CHECK(flood.engine().counters().store_failures.value() == 0);
}

TEST_CASE("an IPv6 /32 takes a quarter of the database at most, and a neighbour still passes",
          "[engine][large]") {
  Flood flood;
  FloodFromSlash32(flood, 40000);
  if (kFloodScale == 1) CHECK(flood.engine().pending_room().stats().turned_away > 0);
}

TEST_CASE("neither is it more where no addresses are stored", "[engine]") {
  Config config = FloodConfig();
  config.greylist.privacy = true;
  Flood flood(config);
  FloodFromSlash32(flood, 40000);
  if (kFloodScale == 1) CHECK(flood.engine().pending_room().stats().turned_away > 0);
}

TEST_CASE("nor where most of what a client tries is folded", "[engine]") {
  Config config = FloodConfig();
  config.greylist.privacy = GENERATE(false, true);
  CAPTURE(config.greylist.privacy);
  config.greylist.max_pending = 20;
  Flood flood(config);
  FloodFromSlash32(flood, 80000);
  CHECK(flood.folded() > 0);
}

TEST_CASE("an IPv4 /24 takes a quarter of the database at most, and a neighbour still passes",
          "[engine][large]") {
  Flood flood;
  const auto attacker = [](int i) {
    return IpAddress::V4(0xc6336401U + static_cast<std::uint32_t>(i / kPerMail) % 250);
  };
  flood.Run(15000 / kFloodScale, attacker);
  flood.Newcomer(IpAddress::V4(0xc63364fb));
  flood.Run(5000 / kFloodScale, attacker);
  CHECK(flood.passed() == 0);
  CHECK(flood.refused() == 0);
  CHECK(flood.PercentOf(IpAddress::V4(0xc6336401U)) <= 25);
  CHECK(flood.engine().counters().store_failures.value() == 0);
}

}  // namespace
}  // namespace mxward
