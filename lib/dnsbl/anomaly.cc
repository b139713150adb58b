// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/anomaly.h"

#include <fmt/format.h>

#include <algorithm>

namespace mxward::dnsbl {
namespace {

using Share = ShareWindow::Share;

constexpr std::size_t kEnoughGood = 10;
constexpr std::size_t kEnoughAll = 50;
constexpr std::size_t kWitnesses = 5;       // of good standing, against (b)
constexpr std::size_t kEnoughToLearn = 20;  // clients in a window that tells what is usual
constexpr unsigned kWindowsToKnow = 3;
constexpr double kUsualBelow = 0.6;
constexpr double kSlowness = 0.1;  // what the newest window weighs at least

// In whole numbers: 3 of 10 are exactly 30 %.
bool AtLeast(const Share& share, std::size_t percent) {
  return share.having * 100 >= share.distinct * percent;
}
bool MoreThan(const Share& share, std::size_t percent) {
  return share.having * 100 > share.distinct * percent;
}

}  // namespace

Anomaly::Anomaly(const DnsblConfig& list)
    : judges_good_(list.MaxScore() > 0 && list.MinScore() == 0) {}

void Anomaly::NoteClient(std::uint64_t client, bool listed, bool good_standing, MonoTime now) {
  all_.Add(client, listed, now);
  if (good_standing) good_.Add(client, listed, now);
  Judge(now);
}

void Anomaly::NoteCleanTest(bool proves, MonoTime now) {
  if (!suspect()) return;
  tested_ = true;
  if (proves && !proven_since_) proven_since_ = now;
  const bool wave = kind_ == Kind::kAlmostAll && proves && now - *proven_since_ >= kPatience;
  if (wave) {
    armed_ = false;
    End(now);
  }
  Judge(now);
}

void Anomaly::Forget() {
  all_.Clear();
  good_.Clear();
  window_began_.reset();
  kind_ = Kind::kNone;
}

void Anomaly::Judge(MonoTime now) {
  const Shares shares{all_.Get(now), good_.Get(now)};
  if (shares.all.distinct >= kEnoughAll && !AtLeast(shares.all, 60)) armed_ = true;
  if (!suspect()) {
    const Kind abnormal = Abnormal(shares);
    if (abnormal != Kind::kNone) Begin(abnormal, shares);
  }
  if (!suspect()) {
    Learn(shares, now);
    return;
  }
  FollowCalm(shares, now);
  if (Over(now)) End(now);
}

void Anomaly::End(MonoTime now) {
  kind_ = Kind::kNone;
  window_began_ = now;  // what was usual is not learned from a window like that
}

Anomaly::Kind Anomaly::Abnormal(const Shares& shares) const {
  if (judges_good_ && shares.good.distinct >= kEnoughGood && MoreThan(shares.good, 30)) {
    return Kind::kGoodListed;
  }
  const bool known = windows_ >= kWindowsToKnow && usual_ < kUsualBelow;
  const bool witnessed = shares.good.distinct >= kWitnesses && !MoreThan(shares.good, 30);
  if (armed_ && known && !witnessed && shares.all.distinct >= kEnoughAll &&
      AtLeast(shares.all, 90)) {
    return Kind::kAlmostAll;
  }
  return Kind::kNone;
}

void Anomaly::Begin(Kind kind, const Shares& shares) {
  kind_ = kind;
  const bool good = kind == Kind::kGoodListed;
  const Share& share = good ? shares.good : shares.all;
  why_ = fmt::format("it lists {} of {} clients {}seen in ten minutes", share.having,
                     share.distinct, good ? "of good standing " : "");
  if (!good) why_ += fmt::format(", where {:.0f} % were usual", usual_ * 100);
  calm_since_.reset();
  told_since_.reset();
  tested_ = false;
  proven_since_.reset();
}

void Anomaly::Learn(const Shares& shares, MonoTime now) {
  if (!window_began_) window_began_ = now;
  if (now - *window_began_ < kSpan) return;
  window_began_ = now;
  if (shares.all.distinct < kEnoughToLearn) return;
  ++windows_;
  // The plain average at first, later the newest window weighs a tenth.
  usual_ += (shares.all.fraction() - usual_) * std::max(1.0 / windows_, kSlowness);
}

void Anomaly::FollowCalm(const Shares& shares, MonoTime now) {
  const bool enough_good = judges_good_ && shares.good.distinct >= kEnoughGood;
  const bool enough_all = shares.all.distinct >= kEnoughAll;
  const bool calm =
      (!enough_good || !AtLeast(shares.good, 20)) && (!enough_all || !AtLeast(shares.all, 60));
  const bool told = calm && (kind_ == Kind::kGoodListed ? enough_good : enough_all);
  if (!calm) calm_since_.reset();
  if (calm && !calm_since_) calm_since_ = now;
  if (!told) told_since_.reset();
  if (told && !told_since_) told_since_ = now;
}

bool Anomaly::Over(MonoTime now) const {
  if (told_since_ && now - *told_since_ >= kSpan) return true;
  return calm_since_ && tested_ && now - *calm_since_ >= kPatience;
}

}  // namespace mxward::dnsbl
