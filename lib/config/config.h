// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/enum_words.h"
#include "base/ip_address.h"
#include "base/name_class.h"
#include "config/code_filter.h"
#include "config/time_window.h"
#include "match/patterns.h"

namespace mxward {

// The whole configuration as typed values. What each option means, its bounds and its default stand
// in the option table (options.h); DefaultConfig() in loader.h gives an object with the defaults, a
// bare Config{} does not. Immutable once loaded, shared by pointer.

enum class Mode : std::uint8_t { kEnforce, kObserve };
enum class OnFailure : std::uint8_t { kAccept, kTempfail };
enum class GreylistApply : std::uint8_t { kSuspicious, kAll, kOff };
enum class LogTarget : std::uint8_t { kSyslog, kJournal, kStderr };
enum class LogFormat : std::uint8_t { kText, kJson };
enum class LogAddresses : std::uint8_t { kFull, kDomain, kHash };

// Their words in the file.
constexpr auto EnumWordsOf(Mode) {
  return EnumWords<Mode>({{Mode::kEnforce, "enforce"}, {Mode::kObserve, "observe"}});
}
constexpr auto EnumWordsOf(OnFailure) {
  return EnumWords<OnFailure>({{OnFailure::kAccept, "accept"}, {OnFailure::kTempfail, "tempfail"}});
}
constexpr auto EnumWordsOf(GreylistApply) {
  return EnumWords<GreylistApply>({{GreylistApply::kSuspicious, "suspicious"},
                                   {GreylistApply::kAll, "all"},
                                   {GreylistApply::kOff, "off"}});
}
constexpr auto EnumWordsOf(LogTarget) {
  return EnumWords<LogTarget>({{LogTarget::kSyslog, "syslog"},
                               {LogTarget::kJournal, "journal"},
                               {LogTarget::kStderr, "stderr"}});
}
constexpr auto EnumWordsOf(LogFormat) {
  return EnumWords<LogFormat>({{LogFormat::kText, "text"}, {LogFormat::kJson, "json"}});
}
constexpr auto EnumWordsOf(LogAddresses) {
  return EnumWords<LogAddresses>({{LogAddresses::kFull, "full"},
                                  {LogAddresses::kDomain, "domain"},
                                  {LogAddresses::kHash, "hash"}});
}

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
  GreylistApply apply = GreylistApply::kSuspicious;
  Seconds delay{};
  Seconds retry_window{};
  Seconds lifetime{};
  std::int64_t auto_allow_after = 0;  // 0: off
  Seconds auto_allow_lifetime{};
  // Without effect: names earn nothing.
  std::vector<std::string> auto_allow_except;
  bool identity_name = false;
  bool identity_network = false;
  bool identity_spf = false;
  int network_v4 = 0;
  int network_v6 = 0;
  bool privacy = false;
  std::int64_t max_pending = 0;  // of one client, before they are folded into one record
  std::string text;              // of the reply; {seconds} is replaced
  bool operator==(const GreylistConfig&) const = default;
};

// What each finding adds; within a group (name, helo, tls, spf, sender, history) only the highest
// counts; helo_verified beside the others.
struct ScoreConfig {
  int greylist = 0;  // from here on a client is suspicious
  int reject = 0;
  int own_limit = 0;  // what all findings but lists, rules and limits add together, at most
  int rdns_none = 0;
  int rdns_forged = 0;
  int rdns_dynamic = 0;
  int rdns_tempfail = 0;
  int helo_self = 0;
  int helo_ip = 0;
  int helo_literal_mismatch = 0;
  int helo_not_fqdn = 0;
  int helo_verified = 0;  // not above 0: it speaks for a client
  int tls_none = 0;
  int unauthenticated = 0;  // instead of tls_none
  int spf_fail = 0;
  int spf_softfail = 0;
  int spf_permerror = 0;
  int sender_domain_none = 0;
  int sender_null_mx = 0;
  int sender_mx_nowhere = 0;
  int history_bad = 0;
  int history_good = 0;  // not above 0: it speaks for a client

  // Whether SPF can add to a score.
  bool AboutSpf() const {
    return unauthenticated != 0 || spf_fail != 0 || spf_softfail != 0 || spf_permerror != 0;
  }
  // Whether anything about a sender's domain can add to a score.
  bool AboutSenderDomains() const {
    return sender_domain_none != 0 || sender_null_mx != 0 || sender_mx_nowhere != 0;
  }
  bool operator==(const ScoreConfig&) const = default;
};

// Whether the mail server offers TLS (RFC 3207).
enum class TlsOffered : std::uint8_t { kAuto, kYes, kNo };
struct TlsConfig {
  TlsOffered offered = TlsOffered::kAuto;
  bool operator==(const TlsConfig&) const = default;
};

struct SpfConfig {
  std::int64_t questions = 0;  // to the DNS, of one evaluation
  bool operator==(const SpfConfig&) const = default;
};

// What the checks on names need to know.
struct NamesConfig {
  std::vector<std::string> own;  // names nobody else may say in HELO: lower case, no trailing dot;
                                 // domains and what is below them
  bool own_self = false;         // the word "self" in names.own: this machine's host name
  std::vector<std::string> own_found;  // no option: what "self" stands for, filled in by main
  // Client names equal to one of these domains or below it are never dynamic.
  std::vector<std::string> dynamic_except;
  bool operator==(const NamesConfig&) const = default;
};

struct DnsConfig {
  // "127.0.0.1:5353", "[::1]:53", port 53 left out; empty: as resolv.conf says.
  std::vector<std::string> servers;
  Millis deadline{};                 // of each lookup, from when it was asked
  std::int64_t cache_entries = 0;    // answers remembered at most
  std::int64_t max_outstanding = 0;  // questions under way at most; further ones fail at once
  bool operator==(const DnsConfig&) const = default;
};

// What a DNS list is asked about.
enum class DnsblOf : std::uint8_t { kClient, kClientName, kHelo, kSenderDomain };
constexpr auto EnumWordsOf(DnsblOf) {
  return EnumWords<DnsblOf>({{DnsblOf::kClient, "client"},
                             {DnsblOf::kClientName, "client-name"},
                             {DnsblOf::kHelo, "helo"},
                             {DnsblOf::kSenderDomain, "sender-domain"}});
}

// Answers that mean something, and what it adds to the score.
struct DnsblCode {
  CodeFilter filter;
  int score = 0;
  std::string meaning;  // for people; may be empty
  bool operator==(const DnsblCode&) const = default;
};

// One [[dnsbl]], its profile already filled in.
struct DnsblConfig {
  std::string name;     // for people: log, reply, status
  std::string profile;  // "" when described in full
  std::string key;      // a secret, as is zone: neither may be shown anywhere
  std::string zone;     // what is asked: lower case, without a trailing dot, the key in its place
  std::string public_zone;  // zone without the key
  std::vector<DnsblOf> of;  // at least one; kClient stands alone
  bool ipv4 = true;         // of clients: whether it knows such addresses
  bool ipv6 = true;
  bool organisation = false;     // of names: asked about the organisational domain, not the name
  std::vector<DnsblCode> codes;  // at least one; the highest score that matches counts
  std::vector<CodeFilter> refusals;  // answers that mean "I do not answer you"
  // Test points (RFC 5782 5): names below the zone, as asked. "": the list has none.
  std::string listed_v4, unlisted_v4, listed_v6, unlisted_v6, listed_name, unlisted_name;
  bool observe = false;  // asked, logged and counted, but adds nothing
  bool operator==(const DnsblConfig&) const = default;

  bool AboutClients() const { return of.front() == DnsblOf::kClient; }
  // The most that it can add (at least 0), and the least (at most 0).
  int MaxScore() const;
  int MinScore() const;
};

// What a [[limit]] counts.
enum class LimitCount : std::uint8_t {
  kConnections,
  kConcurrent,  // connections that are open now
  kMessages,
  kRecipients,
  kBadRecipients,  // distinct ones that the MTA refused as unknown
};
// Whom it counts for, each by itself.
enum class LimitPer : std::uint8_t {
  kClient,   // one address; IPv6 by /64
  kNetwork,  // prefix_v4, prefix_v6
  kSender,
  kSenderDomain,
  kRecipient,
  kUser,     // authenticated (RFC 4954)
  kAccount,  // the customer of a sending service, or the sender's organisation, where it is proven
};
enum class LimitAction : std::uint8_t { kDefer, kReject, kScore, kObserve };
enum class LimitAt : std::uint8_t { kRcpt, kConnect };

constexpr auto EnumWordsOf(LimitCount) {
  return EnumWords<LimitCount>({{LimitCount::kConnections, "connections"},
                                {LimitCount::kConcurrent, "concurrent"},
                                {LimitCount::kMessages, "messages"},
                                {LimitCount::kRecipients, "recipients"},
                                {LimitCount::kBadRecipients, "bad-recipients"}});
}
constexpr auto EnumWordsOf(LimitPer) {
  return EnumWords<LimitPer>({{LimitPer::kClient, "client"},
                              {LimitPer::kNetwork, "network"},
                              {LimitPer::kSender, "sender"},
                              {LimitPer::kSenderDomain, "sender-domain"},
                              {LimitPer::kRecipient, "recipient"},
                              {LimitPer::kUser, "user"},
                              {LimitPer::kAccount, "account"}});
}
constexpr auto EnumWordsOf(LimitAction) {
  return EnumWords<LimitAction>({{LimitAction::kDefer, "defer"},
                                 {LimitAction::kReject, "reject"},
                                 {LimitAction::kScore, "score"},
                                 {LimitAction::kObserve, "observe"}});
}
constexpr auto EnumWordsOf(LimitAt) {
  return EnumWords<LimitAt>({{LimitAt::kRcpt, "rcpt"}, {LimitAt::kConnect, "connect"}});
}

// One [[limit]].
struct LimitConfig {
  std::string name;  // unique; for people, and what its counters are known by over a reload
  LimitCount count = LimitCount::kConnections;
  LimitPer per = LimitPer::kClient;
  std::int64_t amount = 0;  // so many ...
  Seconds period{};         // ... in this time; 0 with kConcurrent
  std::int64_t burst = 0;   // so many at once, after a rest; at least 1
  int share = 0;            // kBadRecipients: only over so many per cent of all its recipients
  int prefix_v4 = 0;        // kNetwork: how long the prefix is that counts as one
  int prefix_v6 = 0;
  LimitAction action = LimitAction::kDefer;
  int score = 0;  // kScore: what it adds
  LimitAt at = LimitAt::kRcpt;
  // Clients that it does not hold for: addresses, and domains (client names equal to one or below).
  std::vector<Prefix> spare_networks;
  std::vector<std::string> spare_names;
  bool operator==(const LimitConfig&) const = default;
};

struct LimitsConfig {
  std::uint64_t memory = 0;  // bytes, for the counters of all limits together
  bool operator==(const LimitsConfig&) const = default;
};

struct ClientsConfig {
  Seconds lifetime{};         // of a client's history, after its last visit
  std::vector<Prefix> nat64;  // of the site's translators, beside 64:ff9b::/96
  bool operator==(const ClientsConfig&) const = default;
};

enum class RuleAction : std::uint8_t { kNone, kAccept, kDefer, kReject };
enum class RuleGreylist : std::uint8_t { kUnset, kOn, kOff };

// Without a word for none.
constexpr auto EnumWordsOf(RuleAction) {
  return EnumWords<RuleAction>({{RuleAction::kAccept, "accept"},
                                {RuleAction::kDefer, "defer"},
                                {RuleAction::kReject, "reject"}});
}
constexpr auto EnumWordsOf(RuleGreylist) {
  return EnumWords<RuleGreylist>({{RuleGreylist::kOn, "on"}, {RuleGreylist::kOff, "off"}});
}

// Checks that a rule keeps from adding to the score, or from answering.
struct RuleSkips {
  bool name = false;
  bool helo = false;
  bool tls = false;
  bool spf = false;
  bool sender = false;
  bool history = false;
  bool lists = false;   // all DNS lists
  bool limits = false;  // neither held against nor counted
  std::vector<std::string> list_names;

  bool OfScore() const {
    return name || helo || tls || spf || sender || history || lists || !list_names.empty();
  }
  bool operator==(const RuleSkips&) const = default;
};

// Of SPF (RFC 7208 section 2.6), as far as it is known: trouble is no result.
enum class SpfResult : std::uint8_t { kPass, kNone, kNeutral, kSoftfail, kFail, kPermerror };
constexpr auto EnumWordsOf(SpfResult) {
  return EnumWords<SpfResult>({{SpfResult::kPass, "pass"},
                               {SpfResult::kNone, "none"},
                               {SpfResult::kNeutral, "neutral"},
                               {SpfResult::kSoftfail, "softfail"},
                               {SpfResult::kFail, "fail"},
                               {SpfResult::kPermerror, "permerror"}});
}
// So many different domains may stand in spf_of of all rules: each may be evaluated in a session.
inline constexpr std::size_t kMostSpfOf = 16;

// One [[rule]]: what all has to be so, and what follows.
struct RuleConfig {
  std::string name;  // unique; for people, and what its counters are known by over a reload
  // Matchers. What is empty or not set matches anything.
  match::Patterns client, client_name, helo, sender, recipient;
  std::vector<NameClass> name_class;
  std::optional<bool> authenticated, tls;
  std::optional<int> score_min, score_max;  // of what has been added up so far
  std::vector<std::string> listed;          // names of DNS lists, one of which lists it
  std::vector<SpfResult> spf;               // of the client for the sender's domain
  std::vector<std::string> spf_of;          // domains, one of whose records lets the client pass
  std::vector<std::string> account;         // whose mail it is; "sendgrid:*": of any customer
  std::vector<int> port;                    // of the MTA, that the client came to
  std::vector<std::string> daemon;          // what the MTA calls that socket
  std::vector<TimeWindow> time;
  // Effects.
  RuleAction action = RuleAction::kNone;
  int code = 0;  // of a reply that defers or rejects
  std::string enhanced;
  std::string text;  // see reply_template.h
  RuleGreylist greylist = RuleGreylist::kUnset;
  std::optional<Seconds> delay;  // instead of greylist.delay
  int add_score = 0;
  RuleSkips skip;
  bool stop = false;     // no further rules
  bool observe = false;  // only counted

  bool LooksAtEvidence() const { return score_min || score_max || !listed.empty(); }
  bool LooksAtSpf() const { return !spf.empty() || !spf_of.empty() || !account.empty(); }
  bool operator==(const RuleConfig&) const = default;
};

struct StoreConfig {
  std::string path;
  std::uint64_t map_size = 0;
  std::uint64_t map_size_max = 0;
  Millis deadline{};
  std::string hash_key_file;  // empty: a new database makes its own
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
  std::string read_group;
  bool operator==(const ControlConfig&) const = default;
};

struct MetricsConfig {
  std::string listen;  // "127.0.0.1:9118", "[::1]:9118"; empty: nowhere
  bool page = true;    // whether the status page is there as well
  bool operator==(const MetricsConfig&) const = default;
};

struct Config {
  Mode mode = Mode::kEnforce;
  OnFailure on_failure = OnFailure::kAccept;
  bool add_header = false;
  std::string user;  // empty: stay who we are
  std::string group;
  std::string reply_contact;                   // appended to each 5xx
  bool reply_list_text = true;                 // a rejection quotes what the list says of it
  std::vector<std::string> exempt_recipients;  // lower case; local parts or whole addresses
  MilterConfig milter;
  TrustConfig trust;
  ScoreConfig score;
  TlsConfig tls;
  SpfConfig spf;
  NamesConfig names;
  GreylistConfig greylist;
  DnsConfig dns;
  std::vector<DnsblConfig> dnsbl;
  std::vector<LimitConfig> limit;  // in the order of the file
  LimitsConfig limits;
  std::vector<RuleConfig> rule;  // in the order of the file
  ClientsConfig clients;
  StoreConfig store;
  LogConfig log;
  ControlConfig control;
  MetricsConfig metrics;
  bool operator==(const Config&) const = default;
};

}  // namespace mxward
