// SPDX-License-Identifier: Apache-2.0
#include "clients/name_monitor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mxward {
namespace {

bool IsNameless(NameClass name_class) {
  return name_class == NameClass::kNone || name_class == NameClass::kTempfail;
}

bool TellsNothing(NameClass name_class) {
  return IsNameless(name_class) || name_class == NameClass::kUnknown;
}

std::string MtaText(const std::string& mta) {
  return mta.empty() ? "the mail server" : "the mail server " + EscapeForLog(mta, 100);
}

std::string Describe(const VoteWindow::Votes& votes) {
  return fmt::format(
      "{} of {} independent clients of long standing, which had a reverse name, come without one",
      votes.yes, votes.all());
}

// The first of each /16 or /32.
template <class AllUntold>
std::vector<IpAddress> OfDifferentNetworks(const AllUntold& untold) {
  std::vector<Prefix> seen;
  std::vector<IpAddress> clients;
  for (const auto& one : untold) {
    if (std::find(seen.begin(), seen.end(), one.wide) != seen.end()) continue;
    seen.push_back(one.wide);
    clients.push_back(one.client);
  }
  return clients;
}

}  // namespace

std::string_view NameTrustText(NameTrust trust) {
  switch (trust) {
    case NameTrust::kCount:
      return "";
    case NameTrust::kResolverBroken:
      return "the mail server's resolver seems to be broken";
    case NameTrust::kNotLookedUp:
      return "the mail server seems to look up no names";
  }
  return "";
}

void NameMonitor::NoteClient(const std::string& mta, const IpAddress& client,
                             NameClass name_class) {
  const MonoTime now = clock_.Monotonic();
  std::optional<Notice> line;
  {
    const MutexLock lock(mutex_);
    Mta& at = Of(mta);
    if (TellsNothing(name_class)) {
      AddUntold(client, now, at);
    } else {
      at.untold.clear();
      at.checking = false;
      if (at.trust == NameTrust::kNotLookedUp) line = TrustAgain(mta, "it reported a name", at);
    }
  }
  Say(line);
}

void NameMonitor::NoteWitness(const std::string& mta, const Voter& witness, NameClass name_class) {
  if (name_class == NameClass::kUnknown) return;
  const MonoTime now = clock_.Monotonic();
  std::optional<Notice> line;
  {
    const MutexLock lock(mutex_);
    Mta& at = Of(mta);
    at.heard = now;
    at.votes.Add(witness, IsNameless(name_class), now);
    line = Vote(mta, now, at);
  }
  Say(line);
}

NameTrust NameMonitor::Trust(const std::string& mta) const {
  if (distrusted_.load(std::memory_order_relaxed) == 0) return NameTrust::kCount;
  const MutexLock lock(mutex_);
  auto at = mtas_.find(mta);
  if (at == mtas_.end()) at = mtas_.find("");
  // Who explains names no mail server.
  if (at == mtas_.end() && mta.empty() && mtas_.size() == 1) at = mtas_.begin();
  if (at == mtas_.end() || IsSilent(at->second, clock_.Monotonic())) return NameTrust::kCount;
  return at->second.trust;
}

std::optional<NameMonitor::Check> NameMonitor::TakeCheck() {
  EndSilences();
  const MonoTime now = clock_.Monotonic();
  const MutexLock lock(mutex_);
  for (auto& [name, mta] : mtas_) {
    if (!CheckIsDue(mta, now)) continue;
    const std::vector<IpAddress> all = OfDifferentNetworks(mta.untold);
    Check check{name, {}};
    for (std::size_t i = 0; i < kSample; ++i) {
      check.clients.push_back(all[i * all.size() / kSample]);
    }
    mta.checking = true;
    mta.next_check = now + kCheckAgain;
    return check;
  }
  return std::nullopt;
}

void NameMonitor::NoteCheck(const std::string& mta, std::size_t found, std::size_t known) {
  std::optional<Notice> line;
  {
    const MutexLock lock(mutex_);
    Mta& at = Of(mta);
    // A name has been seen in the meantime.
    if (!std::exchange(at.checking, false) || at.trust == NameTrust::kNotLookedUp) return;
    // With a DNS that does not answer nobody can tell.
    if (found * 2 < kSample && known < kSample) return;
    if (found * 2 >= kSample) {
      line = Distrust(mta, NameTrust::kNotLookedUp,
                      fmt::format("it reported no name for its last {} clients from different "
                                  "networks, where mxward finds one for {} of {}",
                                  at.untold.size(), found, kSample),
                      at);
    }
    at.untold.clear();
  }
  Say(line);
}

std::vector<NameMonitor::Status> NameMonitor::GetStatus() {
  EndSilences();
  const MonoTime now = clock_.Monotonic();
  std::vector<Status> all;
  const MutexLock lock(mutex_);
  for (auto& [name, mta] : mtas_) {
    all.push_back({name, mta.trust, mta.since, mta.why, mta.votes.Get(now)});
  }
  return all;
}

NameMonitor::Mta& NameMonitor::Of(const std::string& mta) {
  if (const auto known = mtas_.find(mta); known != mtas_.end()) return known->second;
  return mtas_.size() < kMostMtas ? mtas_[mta] : mtas_[""];
}

void NameMonitor::AddUntold(const IpAddress& client, MonoTime now, Mta& mta) {
  if (mta.untold.size() >= kUntold || mta.trust == NameTrust::kNotLookedUp) return;
  const Untold added{client, Prefix(client, client.is_v4() ? 24 : 48),
                     Prefix(client, client.is_v4() ? 16 : 32)};
  std::size_t of_wide = 0;
  for (const Untold& one : mta.untold) {
    if (one.network == added.network) return;
    of_wide += one.wide == added.wide ? 1 : 0;
  }
  if (of_wide >= kMostOfWide) return;
  if (mta.untold.empty()) mta.untold_since = now;
  mta.untold.push_back(added);
}

bool NameMonitor::CheckIsDue(const Mta& mta, MonoTime now) {
  if (mta.checking || mta.trust == NameTrust::kNotLookedUp || now < mta.next_check) return false;
  const bool long_ago = !mta.untold.empty() && now - mta.untold_since >= kLongUntold;
  if (mta.untold.size() < kUntold && !long_ago) return false;
  return OfDifferentNetworks(mta.untold).size() >= kSample;
}

std::optional<NameMonitor::Notice> NameMonitor::Vote(const std::string& name, MonoTime now,
                                                     Mta& mta) {
  if (mta.trust == NameTrust::kCount && !mta.votes.MayCarry()) return {};
  const VoteWindow::Votes votes = mta.votes.Get(now);
  if (mta.trust == NameTrust::kCount && votes.Carried()) {
    return Distrust(name, NameTrust::kResolverBroken, Describe(votes), mta);
  }
  if (mta.trust == NameTrust::kResolverBroken && votes.no >= votes.yes) {
    return TrustAgain(name, Describe(votes), mta);
  }
  return {};
}

bool NameMonitor::IsSilent(const Mta& mta, MonoTime now) {
  return mta.trust == NameTrust::kResolverBroken && now - mta.heard >= VoteWindow::kLong;
}

void NameMonitor::EndSilences() {
  if (distrusted_.load(std::memory_order_relaxed) == 0) return;
  const MonoTime now = clock_.Monotonic();
  std::vector<Notice> lines;
  {
    const MutexLock lock(mutex_);
    for (auto& [name, mta] : mtas_) {
      if (!IsSilent(mta, now)) continue;
      lines.push_back(TrustAgain(name, "no client of long standing has come for an hour", mta));
    }
  }
  for (const Notice& line : lines) Say(line);
}

NameMonitor::Notice NameMonitor::Distrust(const std::string& name, NameTrust trust, std::string why,
                                          Mta& mta) {
  if (mta.trust == NameTrust::kCount) distrusted_.fetch_add(1, std::memory_order_relaxed);
  mta.trust = trust;
  mta.since = clock_.Now();
  mta.why = std::move(why);
  if (trust == NameTrust::kResolverBroken) {
    return {LogLevel::kWarning,
            "the resolver of " + MtaText(name) + " seems to be broken: " + mta.why +
                ". Missing reverse names do not count until this is over; check the "
                "resolver that the mail server uses"};
  }
  return {LogLevel::kWarning,
          MtaText(name) + " seems to look up no names: " + mta.why +
              ". Missing reverse names do not count until it reports one; see "
              "smtpd_peername_lookup of Postfix, and whatever is in front of the mail server"};
}

NameMonitor::Notice NameMonitor::TrustAgain(const std::string& name, const std::string& why,
                                            Mta& mta) {
  distrusted_.fetch_sub(1, std::memory_order_relaxed);
  mta.trust = NameTrust::kCount;
  mta.since = {};
  mta.why.clear();
  return {LogLevel::kInfo,
          "missing reverse names of clients of " + MtaText(name) + " count again: " + why};
}

void NameMonitor::Say(const std::optional<Notice>& line) {
  if (!line) return;
  if (line->level == LogLevel::kInfo) {
    log_.Info(line->text);
  } else {
    log_.Warning(line->text);
  }
}

}  // namespace mxward
