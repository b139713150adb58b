// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/enum_words.h"
#include "base/log.h"
#include "base/mutex.h"
#include "clients/client_record.h"
#include "clients/standing.h"
#include "facts/session_facts.h"

namespace mxward {

// Whether it says anything that a session comes without TLS, at one listener of the mail server.
enum class TlsOffer : std::uint8_t {
  kUnknown,  // no session there has used TLS lately: it may not be offered
  kOffered,
  kBroken,  // it was, and clients that always used it come without
};
constexpr auto EnumWordsOf(TlsOffer) {
  return EnumWords<TlsOffer>({{TlsOffer::kUnknown, "not-offered"},
                              {TlsOffer::kOffered, "offered"},
                              {TlsOffer::kBroken, "broken"}});
}

// The listener that a session came to, by what the MTA tells of it: {daemon_name}, {daemon_addr},
// {daemon_port} and {j}. For people too: "smtp 192.0.2.25 port 25 of mx.example.org".
std::string ListenerOf(const SessionFacts& session);

// Notices what the mail server offers. A client cannot use TLS (RFC 3207) where it is not offered,
// so that it comes without says nothing there.
//
// Offered: a session with TLS proves it, whoever's it was, for kProofLasts. Nobody can have TLS
// where there is none.
//
// Broken (no key, no certificate, a hello that fails): since the last session with TLS at least
// five witnesses of standing (clients/standing.h) that passed with TLS on each of their last five
// days have come without, each an organisation and a network of its own. Clients without standing
// are not heard: a spam run has no TLS. The next session with TLS ends it.
//
// Thread-safe. Bounded: kMostListeners listeners; one more waits until one is not proven.
class TlsMonitor {
 public:
  static constexpr std::size_t kMostListeners = 32;
  static constexpr std::size_t kMostName = 255;  // bytes of a listener's
  static constexpr Seconds kProofLasts{7 * 86400};
  static constexpr int kDaysOfUse = 5;

  // Both outlive the monitor.
  TlsMonitor(const Clock& clock, Log& log) : clock_(clock), log_(log) {}

  // A message begins in a session with TLS.
  void NoteTls(const std::string& listener);
  // A client of standing begins one without. past: what is remembered of it.
  void NoteClear(const std::string& listener, const Voter& witness, const TlsUse& past);

  TlsOffer OfferAt(const std::string& listener) const;

  struct Status {
    std::string listener;
    TlsOffer offer = TlsOffer::kUnknown;
    WallTime last_tls{};        // the epoch: never
    WallTime broken_since{};    // of kBroken
    std::size_t witnesses = 0;  // that have come without, since last_tls
  };
  // Of all listeners that had TLS, in the order of their names.
  std::vector<Status> GetStatus() const;

  // What a restart must not forget, a few bytes a listener. It changes once an hour, and where TLS
  // breaks or comes back.
  std::string Encode() const;
  void Restore(std::string_view bytes);

 private:
  struct Listener {
    WallTime last_tls{};
    WallTime saved_tls{};  // last_tls, to the hour
    std::vector<Voter> witnesses;
    std::optional<WallTime> broken_since;
  };
  bool IsProven(const Listener& at, WallTime now) const;

  const Clock& clock_;
  Log& log_;
  mutable Mutex mutex_;
  std::map<std::string, Listener> listeners_ MXWARD_GUARDED_BY(mutex_);
};

}  // namespace mxward
