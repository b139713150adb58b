// SPDX-License-Identifier: Apache-2.0
#include "dnsbl/anomaly.h"

#include <fmt/format.h>

#include <algorithm>

namespace mxward::dnsbl {

Anomaly::Anomaly(const DnsblConfig& list) : judges_(list.MaxScore() > 0 && list.MinScore() == 0) {}

void Anomaly::NoteWitness(const Voter& witness, bool listed, MonoTime now) {
  if (!judges_) return;
  votes_.Add(witness, listed, now);
  Judge(now);
}

void Anomaly::NoteCleanTest(MonoTime now) {
  if (!suspect_) return;
  tested_ = true;
  Judge(now);
}

void Anomaly::Forget() {
  votes_.Clear();
  suspect_ = false;
}

void Anomaly::Judge(MonoTime now) {
  if (!suspect_ && !votes_.MayCarry()) return;
  const VoteWindow::Votes votes = votes_.Get(now);
  if (!suspect_ && votes.Carried()) {
    suspect_ = true;
    why_ = fmt::format("it lists {} of {} independent clients of long standing", votes.yes,
                       votes.all());
    calm_since_.reset();
    told_since_.reset();
    tested_ = false;
  }
  if (!suspect_) return;
  FollowCalm(votes, now);
  if (Over(now)) suspect_ = false;
}

void Anomaly::FollowCalm(const VoteWindow::Votes& votes, MonoTime now) {
  const bool enough = votes.all() >= VoteWindow::kQuorum;
  const bool calm = !enough || votes.yes * 3 <= votes.all();
  if (!calm) calm_since_.reset();
  if (calm && !calm_since_) calm_since_ = now;
  if (!calm || !enough) told_since_.reset();
  if (calm && enough && !told_since_) told_since_ = now;
}

bool Anomaly::Over(MonoTime now) const {
  if (told_since_ && now - *told_since_ >= kCalm) return true;
  return calm_since_ && tested_ && now - *calm_since_ >= kPatience;
}

bool ListedRun::Note(const Voter& client, bool listed) {
  if (!listed) {
    run_.clear();
    return false;
  }
  const bool known = std::any_of(run_.begin(), run_.end(), [&](const Voter& one) {
    return one.network == client.network ||
           (client.organisation != 0 && one.organisation == client.organisation);
  });
  if (!known) run_.push_back(client);
  if (run_.size() < kLong) return false;
  run_.clear();
  return true;
}

}  // namespace mxward::dnsbl
