// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/log.h"
#include "base/mutex.h"
#include "clients/standing.h"
#include "facts/session_facts.h"

namespace mxward {

// Whether it says anything that a client has no name, at one MTA.
enum class NameTrust : std::uint8_t {
  kCount,           // as it should be
  kResolverBroken,  // clients of standing that had a name come without one
  kNotLookedUp,     // the MTA looks up nobody's name: its set-up is at fault
};
// For findings and notes: "not counted: the mail server's resolver seems to be broken".
std::string_view NameTrustText(NameTrust trust);  // "" of kCount

// Notices when an MTA cannot look up names, or does not. Clients' names come from the MTA: when it
// finds none, everybody is nameless, and would be greylisted or worse. Then that a client has no
// name (kNone, kTempfail) says nothing. kForged and kDynamic are not affected: there was a PTR, so
// somebody looked it up. Of each MTA (macro {j}) for itself.
//
// A broken resolver: witnesses (clients/standing.h) had a good name for weeks and come without one
// now. Clients without standing are not heard: nobody knows whether they ever had a name, and a
// spam run consists of nameless ones. It is over when half of the votes have names again, or when
// no witness has come for an hour.
//
// A fault of the set-up (name look-ups switched off, a mail server that reports no names): the MTA
// has reported no name, verified or not, of its last 100 clients, or in seven days of at least ten;
// and of ten of them from different networks mxward itself finds a PTR for at least half. That is
// about independent clients as well: a /24 or /48 counts once, a /16 or /32 four times at most, and
// one client with a name restarts the count. It ends when the MTA reports a name.
//
// Thread-safe. Bounded: kMostMtas MTAs, further ones together.
class NameMonitor {
 public:
  static constexpr std::size_t kMostMtas = 16;
  static constexpr std::size_t kUntold = 100;
  static constexpr std::size_t kMostOfWide = 4;
  static constexpr Seconds kLongUntold{7 * 86400};
  static constexpr std::size_t kSample = 10;
  static constexpr Seconds kCheckAgain{600};

  // Both outlive the monitor.
  NameMonitor(const Clock& clock, Log& log) : clock_(clock), log_(log) {}

  // A client has connected that is neither trusted nor has a private address.
  void NoteClient(const std::string& mta, const IpAddress& client, NameClass name_class);
  // A client of standing is judged.
  void NoteWitness(const std::string& mta, const Voter& witness, NameClass name_class);

  // Of "" that has not been heard of: the only MTA's.
  NameTrust Trust(const std::string& mta) const;

  // Clients whose PTR is to be looked up, because the MTA reported no names; to be called every
  // second. What is found is to be noted of each batch: how many have a PTR, and of how many that
  // is known.
  struct Check {
    std::string mta;
    std::vector<IpAddress> clients;
  };
  std::optional<Check> TakeCheck();
  void NoteCheck(const std::string& mta, std::size_t found, std::size_t known);

  struct Status {
    std::string mta;
    NameTrust trust = NameTrust::kCount;
    WallTime since{};         // of another trust than kCount
    std::string why;          // likewise; for people
    VoteWindow::Votes votes;  // yes: nameless
  };
  // Of all MTAs that have been heard of, in the order of their names.
  std::vector<Status> GetStatus();

 private:
  // A client for which the MTA reported no name.
  struct Untold {
    IpAddress client;
    Prefix network;  // /24 or /48
    Prefix wide;     // /16 or /32
  };
  struct Mta {
    NameTrust trust = NameTrust::kCount;
    WallTime since{};
    std::string why;
    VoteWindow votes;
    MonoTime heard{};            // a witness, last
    std::vector<Untold> untold;  // since a name was told
    MonoTime untold_since{};
    MonoTime next_check{};
    bool checking = false;
  };
  // What is to be logged once the lock is given back.
  struct Notice {
    LogLevel level;
    std::string text;
  };

  Mta& Of(const std::string& mta) MXWARD_REQUIRES(mutex_);
  static void AddUntold(const IpAddress& client, MonoTime now, Mta& mta);
  static bool CheckIsDue(const Mta& mta, MonoTime now);
  std::optional<Notice> Vote(const std::string& name, MonoTime now, Mta& mta)
      MXWARD_REQUIRES(mutex_);
  static bool IsSilent(const Mta& mta, MonoTime now);
  Notice Distrust(const std::string& name, NameTrust trust, std::string why, Mta& mta)
      MXWARD_REQUIRES(mutex_);
  Notice TrustAgain(const std::string& name, const std::string& why, Mta& mta)
      MXWARD_REQUIRES(mutex_);

  void EndSilences();
  void Say(const std::optional<Notice>& line);

  const Clock& clock_;
  Log& log_;
  std::atomic<int> distrusted_{0};  // MTAs; written with mutex_ held; guards no other data
  mutable Mutex mutex_;
  std::map<std::string, Mta> mtas_ MXWARD_GUARDED_BY(mutex_);
};

}  // namespace mxward
