// SPDX-License-Identifier: Apache-2.0
#include "clients/tls_monitor.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/text.h"

namespace mxward {
namespace {

constexpr Seconds kSavedEvery{3600};

std::string ForLog(const std::string& listener) {
  return listener.empty() ? "the mail server"
                          : "the mail server's listener " + EscapeForLog(listener, 200);
}

// An organisation counts once, and so does a network.
bool IsAnotherVote(const std::vector<Voter>& votes, const Voter& vote) {
  return std::none_of(votes.begin(), votes.end(), [&](const Voter& one) {
    return one.organisation == vote.organisation || one.network == vote.network;
  });
}

}  // namespace

std::string ListenerOf(const SessionFacts& session) {
  std::string listener;
  const auto add = [&listener](std::string_view before, const std::string& part) {
    if (part.empty()) return;
    if (!listener.empty()) listener.append(" ");
    listener.append(before).append(part);
  };
  add("", session.daemon_name);
  add("", session.daemon_address);
  add("port ", session.daemon_port);
  add("of ", session.mta_name);
  listener.resize(std::min(listener.size(), TlsMonitor::kMostName));
  return listener;
}

bool TlsMonitor::IsProven(const Listener& at, WallTime now) const {
  return now - at.last_tls < kProofLasts;
}

void TlsMonitor::NoteTls(const std::string& listener) {
  const WallTime now = clock_.Now();
  bool again = false;
  {
    const MutexLock lock(mutex_);
    auto at = listeners_.find(listener);
    if (at == listeners_.end()) {
      if (listeners_.size() >= kMostListeners) {
        // In place of one that is gone: an address that the server no longer has.
        const auto oldest = std::min_element(listeners_.begin(), listeners_.end(),
                                             [](const auto& one, const auto& other) {
                                               return one.second.last_tls < other.second.last_tls;
                                             });
        if (IsProven(oldest->second, now)) return;
        listeners_.erase(oldest);
      }
      at = listeners_.emplace(listener, Listener()).first;
    }
    Listener& known = at->second;
    known.last_tls = now;
    if (now - known.saved_tls >= kSavedEvery || now < known.saved_tls) known.saved_tls = now;
    known.witnesses.clear();
    again = known.broken_since.has_value();
    known.broken_since.reset();
  }
  if (again) log_.Info("TLS at " + ForLog(listener) + " works again: tls-none counts");
}

void TlsMonitor::NoteClear(const std::string& listener, const Voter& witness, const TlsUse& past) {
  if (past.on.days < kDaysOfUse) return;
  std::size_t votes = 0;
  {
    const MutexLock lock(mutex_);
    const auto at = listeners_.find(listener);
    if (at == listeners_.end() || at->second.broken_since) return;
    Listener& known = at->second;
    const WallTime now = clock_.Now();
    if (!IsProven(known, now) || !IsAnotherVote(known.witnesses, witness)) return;
    known.witnesses.push_back(witness);
    votes = known.witnesses.size();
    if (votes < VoteWindow::kQuorum) return;
    known.broken_since = now;
  }
  log_.Warning("TLS at " + ForLog(listener) + " seems to be broken: since the last session with " +
               "TLS " + std::to_string(votes) +
               " independent clients of long standing, which always used it, have come without. "
               "tls-none does not count until a session has TLS again; check its certificate and "
               "key, and smtpd_tls_security_level");
}

TlsOffer TlsMonitor::OfferAt(const std::string& listener) const {
  const MutexLock lock(mutex_);
  const auto at = listeners_.find(listener);
  if (at == listeners_.end()) return TlsOffer::kUnknown;
  if (at->second.broken_since) return TlsOffer::kBroken;
  return IsProven(at->second, clock_.Now()) ? TlsOffer::kOffered : TlsOffer::kUnknown;
}

std::vector<TlsMonitor::Status> TlsMonitor::GetStatus() const {
  std::vector<Status> all;
  const WallTime now = clock_.Now();
  const MutexLock lock(mutex_);
  for (const auto& [name, at] : listeners_) {
    Status one{name, TlsOffer::kUnknown, at.last_tls, {}, at.witnesses.size()};
    if (IsProven(at, now)) one.offer = TlsOffer::kOffered;
    if (at.broken_since) {
      one.offer = TlsOffer::kBroken;
      one.broken_since = *at.broken_since;
    }
    all.push_back(std::move(one));
  }
  return all;
}

// Of each listener: its name, the last session with TLS, since when it is broken (the epoch: it is
// not). Format 1.
std::string TlsMonitor::Encode() const {
  ByteWriter out;
  out.U8(1);
  const MutexLock lock(mutex_);
  for (const auto& [name, at] : listeners_) {
    out.Text(name);
    out.Time(at.saved_tls);
    out.Time(at.broken_since.value_or(WallTime()));
  }
  return out.Take();
}

void TlsMonitor::Restore(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.U8() != 1) return;
  std::map<std::string, Listener> restored;
  while (in.ok() && !in.at_end() && restored.size() < kMostListeners) {
    std::string name(in.Text());
    Listener at;
    at.last_tls = at.saved_tls = in.Time();
    if (const WallTime broken = in.Time(); broken != WallTime()) at.broken_since = broken;
    if (in.ok()) restored.emplace(std::move(name), std::move(at));
  }
  const MutexLock lock(mutex_);
  // What has been seen since the start is newer.
  listeners_.merge(restored);
}

}  // namespace mxward
