// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"

namespace mxward {

// The whole configuration as typed values. What each option means, its bounds and its default stand
// in the option table (options.h); DefaultConfig() in loader.h gives an object with the defaults, a
// bare Config{} does not. Immutable once loaded, shared by pointer.

enum class Mode : std::uint8_t { kEnforce, kObserve };
enum class OnFailure : std::uint8_t { kAccept, kTempfail };
enum class GreylistApply : std::uint8_t { kAll, kOff };
enum class LogTarget : std::uint8_t { kSyslog, kJournal, kStderr };
enum class LogFormat : std::uint8_t { kText, kJson };
enum class LogAddresses : std::uint8_t { kFull, kDomain, kHash };

struct MilterConfig {
  std::string
      listen;  // as written: "auto", "unix:PATH", "inet:PORT@HOST", "inet:HOST:PORT", "fd:N"
  std::uint32_t socket_mode = 0660;  // of a unix socket
  std::string socket_group;          // empty: as the directory gives it
  std::int64_t max_sessions = 0;
  bool operator==(const MilterConfig&) const = default;
};

// Subject and issuer, both as the MTA reports them.
struct TrustedCertificate {
  std::string subject;
  std::string issuer;
  bool operator==(const TrustedCertificate&) const = default;
};

struct TrustConfig {
  bool loopback = false;  // the word "loopback" in trust.networks
  bool self = false;      // the word "self": the machine's own addresses, looked up at load
  std::vector<Prefix> networks;
  std::vector<IpAddress> own_addresses;  // no option: what "self" stands for, filled in by main
  std::vector<Prefix> relays;
  bool authenticated = true;
  std::vector<TrustedCertificate> certificates;
  bool operator==(const TrustConfig&) const = default;
};

struct GreylistConfig {
  GreylistApply apply = GreylistApply::kAll;
  Seconds delay{};
  Seconds retry_window{};
  Seconds lifetime{};
  std::int64_t auto_allow_after = 0;  // 0: off
  Seconds auto_allow_lifetime{};
  // Domains in lower case: client names equal to one or below it earn nothing for their name
  // identity.
  std::vector<std::string> auto_allow_except;
  bool identity_name = false;
  bool identity_network = false;
  int network_v4 = 0;
  int network_v6 = 0;
  bool privacy = false;
  std::int64_t max_pending = 0;  // of one client, before they are folded into one record
  std::string text;              // of the reply; {seconds} is replaced
  bool operator==(const GreylistConfig&) const = default;
};

struct StoreConfig {
  std::string path;
  std::uint64_t map_size = 0;
  std::uint64_t map_size_max = 0;
  Millis deadline{};
  bool operator==(const StoreConfig&) const = default;
};

struct LogConfig {
  LogTarget target = LogTarget::kSyslog;
  LogFormat format = LogFormat::kText;
  LogAddresses addresses = LogAddresses::kFull;
  bool operator==(const LogConfig&) const = default;
};

struct ControlConfig {
  std::string socket;
  std::string socket_group;
  bool operator==(const ControlConfig&) const = default;
};

struct Config {
  Mode mode = Mode::kEnforce;
  OnFailure on_failure = OnFailure::kAccept;
  std::string user;  // empty: stay who we are
  std::string group;
  std::string reply_contact;                   // appended to each 5xx
  std::vector<std::string> exempt_recipients;  // lower case; local parts or whole addresses
  MilterConfig milter;
  TrustConfig trust;
  GreylistConfig greylist;
  StoreConfig store;
  LogConfig log;
  ControlConfig control;
  bool operator==(const Config&) const = default;
};

}  // namespace mxward
