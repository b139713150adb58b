// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "config/checks.h"
#include "config/kinds.h"
#include "config/options.h"

namespace mxward {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr int kMaxFinding = 100;
constexpr int kMaxThreshold = 1000;

template <auto kField>
SlotPtr<Config> Threshold() {
  return Integer(At<&Config::score, kField>(), 1, kMaxThreshold);
}
template <auto kField>
SlotPtr<Config> Points() {
  return Integer(At<&Config::score, kField>(), 0, kMaxFinding);
}

std::span<const Option> ScoreRows() {
  static const Option rows[] = {
      {.section = "score",
       .key = "greylist",
       .kind = Threshold<&ScoreConfig::greylist>(),
       .default_value = 2,
       .description = "A client with at least this score is suspicious and, with greylist.apply = "
                      "\"suspicious\", is greylisted. Must not be above reject."},
      {.section = "score",
       .key = "reject",
       .kind = Threshold<&ScoreConfig::reject>(),
       .default_value = 10,
       .description = "Mail with at least this score is rejected. mxward's own findings count "
                      "own_limit at most: a rejection needs a DNS list that you have configured, a "
                      "rule, or scores that you have raised."},
      {.section = "score",
       .key = "own_limit",
       .kind = Threshold<&ScoreConfig::own_limit>(),
       .default_value = 7,
       .description =
           "The most that mxward's own findings, those below, count together. DNS lists, "
           "rules and limits are added to that. With 7, a rejection needs a list of at "
           "least 3 points; at reject or above, mxward can reject by its own findings "
           "alone."},
      {.section = "score",
       .key = "rdns_none",
       .kind = Points<&ScoreConfig::rdns_none>(),
       .default_value = 4,
       .description = "Name: the client's address has no name in the DNS (no PTR record)."},
      {.section = "score",
       .key = "rdns_forged",
       .kind = Points<&ScoreConfig::rdns_forged>(),
       .default_value = 4,
       .description = "Name: the name of the client's address does not resolve back to the "
                      "address. Anybody can set any name there, so it proves nothing."},
      {.section = "score",
       .key = "rdns_dynamic",
       .kind = Points<&ScoreConfig::rdns_dynamic>(),
       .default_value = 4,
       .description = "Name: the name contains the address, as is usual for home connections and "
                      "hosts that were never configured. See names.dynamic_except."},
      {.section = "score",
       .key = "rdns_tempfail",
       .kind = Points<&ScoreConfig::rdns_tempfail>(),
       .default_value = 0,
       .description = "Name: the lookup of the name failed temporarily. That says nothing about "
                      "the client, and may be a problem of your own resolver."},
      {.section = "score",
       .key = "helo_self",
       .kind = Points<&ScoreConfig::helo_self>(),
       .default_value = 2,
       .description = "HELO: the client uses a name or an address of this server."},
      {.section = "score",
       .key = "helo_ip",
       .kind = Points<&ScoreConfig::helo_ip>(),
       .default_value = 2,
       .description = "HELO: an address without brackets instead of a name. RFC 5321 requires "
                      "brackets around an address."},
      {.section = "score",
       .key = "helo_literal_mismatch",
       .kind = Points<&ScoreConfig::helo_literal_mismatch>(),
       .default_value = 2,
       .description = "HELO: an address in brackets that is not the client's."},
      {.section = "score",
       .key = "helo_not_fqdn",
       .kind = Points<&ScoreConfig::helo_not_fqdn>(),
       .default_value = 1,
       .description = "HELO: a name without a dot, or no name at all. Small offices do that as "
                      "well, so on its own it is not enough to be greylisted."},
      {.section = "score",
       .key = "helo_verified",
       .kind = Integer(At<&Config::score, &ScoreConfig::helo_verified>(), -kMaxFinding, 0),
       .default_value = -3,
       .description = "HELO, beside rdns_none alone: the client has no reverse name, but its HELO "
                      "name resolves to its address. Looked up only where that can make the "
                      "client unsuspicious. It lowers the score, by no more than rdns_none adds."},
      {.section = "score",
       .key = "tls_none",
       .kind = Points<&ScoreConfig::tls_none>(),
       .default_value = 2,
       .description = "TLS: the message comes without encryption, although your mail server offers "
                      "it (see tls.offered). Most good mail is encrypted, most phishing from "
                      "rented and stolen machines is not. Never found on the submission ports 465 "
                      "and 587."},
      {.section = "score",
       .key = "unauthenticated",
       .kind = Points<&ScoreConfig::unauthenticated>(),
       .default_value = 5,
       .description =
           "TLS, in place of tls_none: the message comes without encryption, and SPF does "
           "not pass for its sender's domain (none, neutral, softfail, fail or "
           "permerror). Good mail hardly ever lacks both."},
      {.section = "score",
       .key = "spf_fail",
       .kind = Points<&ScoreConfig::spf_fail>(),
       .default_value = 1,
       .description =
           "SPF: the sender's domain says that the client may not use it. Forwarders and "
           "mailing lists fail as well, so this and the next two count only for a "
           "message without TLS or one that is suspicious already."},
      {.section = "score",
       .key = "spf_softfail",
       .kind = Points<&ScoreConfig::spf_softfail>(),
       .default_value = 1,
       .description = "SPF: the sender's domain says that the client probably may not use it."},
      {.section = "score",
       .key = "spf_permerror",
       .kind = Points<&ScoreConfig::spf_permerror>(),
       .default_value = 1,
       .description =
           "SPF: the record of the sender's domain cannot be evaluated: it is malformed, "
           "or takes more lookups than RFC 7208 or spf.questions allow."},
      {.section = "score",
       .key = "sender_domain_none",
       .kind = Points<&ScoreConfig::sender_domain_none>(),
       .default_value = 2,
       .description = "Sender: the domain of the sender address has no MX and no address record, "
                      "so replies are impossible."},
      {.section = "score",
       .key = "sender_null_mx",
       .kind = Points<&ScoreConfig::sender_null_mx>(),
       .default_value = 2,
       .description =
           "Sender: the domain of the sender address declares that it accepts no mail (RFC 7505)."},
      {.section = "score",
       .key = "sender_mx_nowhere",
       .kind = Points<&ScoreConfig::sender_mx_nowhere>(),
       .default_value = 2,
       .description = "Sender: the mail servers of the sender's domain have no address that can be "
                      "reached from the Internet."},
      {.section = "score",
       .key = "history_bad",
       .kind = Points<&ScoreConfig::history_bad>(),
       .default_value = 1,
       .description =
           "History: the client was rejected here before, or tried many unknown recipients. Having "
           "been greylisted does not count, nor do rejections between a forwarder's good mail."},
      {.section = "score",
       .key = "history_good",
       .kind = Integer(At<&Config::score, &ScoreConfig::history_good>(), -kMaxFinding, 0),
       .default_value = -2,
       .description = "History: a client with a good name whose mail has passed on at least 5 days "
                      "over at least 14, with less than 10 % unknown recipients and not on any "
                      "list for 30 days. It lowers the score, so it is 0 or negative."},
  };
  return rows;
}

// "auto", true or false.
struct OfferedKind {
  static std::optional<TlsOffered> Read(const TomlValue& value, FieldReader& reader) {
    if (value.kind == TomlValue::Kind::kBoolean) {
      return value.boolean ? TlsOffered::kYes : TlsOffered::kNo;
    }
    if (value.kind == TomlValue::Kind::kString && value.text == kAuto) return TlsOffered::kAuto;
    if (value.kind == TomlValue::Kind::kString) {
      static constexpr std::string_view kWords[] = {kAuto};
      reader.WrongWord(value, kWords);
    } else {
      reader.WrongType(value);
    }
    return std::nullopt;
  }
  static OptionText Write(TlsOffered value) {
    if (value == TlsOffered::kAuto) return OptionText::Quoted(kAuto);
    return OptionText::One(value == TlsOffered::kYes ? "true" : "false");
  }
  static std::string Describe() { return "\"auto\", true or false"; }
  static std::vector<std::string_view> words() { return {kAuto}; }

  static constexpr std::string_view kAuto = "auto";
};

std::span<const Option> TlsRows() {
  static const Option rows[] = {
      {.section = "tls",
       .key = "offered",
       .kind = Bind(At<&Config::tls, &TlsConfig::offered>(), OfferedKind()),
       .default_value = "auto",
       .description =
           "Whether your mail server offers TLS to clients; where it does not, none can use it. "
           "With \"auto\" a session with TLS proves it for a week, for each listener by itself, "
           "and "
           "it counts no more when clients that always used it come without. Use false where some "
           "clients reach the same listener through a proxy that ends TLS, or XCLIENT.",
       .example = "false"},
  };
  return rows;
}

std::span<const Option> SpfRows() {
  static const Option rows[] = {
      {.section = "spf",
       .key = "questions",
       .kind = Integer(At<&Config::spf, &SpfConfig::questions>(), 5, 100),
       .default_value = 20,
       .description =
           "How many DNS queries one evaluation of SPF may take. A record that takes more "
           "is a permerror. RFC 7208 limits what a record may refer to, which can still "
           "take over a hundred queries."},
  };
  return rows;
}

constexpr FlagWord<Config> kOwnWords[] = {{"self", At<&Config::names, &NamesConfig::own_self>()}};
constexpr std::string_view kOwnNames[] = {"self"};

// Big senders that number their mail servers by address; nobody else gets a name there.
constexpr std::string_view kNumberedSenders[] = {
    "amazonses.com",
    "facebook.com",
    "outlook.com",
    "sendgrid.net",
};

std::span<const Option> NamesRows() {
  static const Option rows[] = {
      {.section = "names",
       .key = "own",
       .kind = TextList<kOwnWords>(AtWithFlags<kOwnWords, &Config::names, &NamesConfig::own>(),
                                   CheckDomain, "domains"),
       .default_value = std::span<const std::string_view>(kOwnNames),
       .description =
           "Names that only your own hosts may use in HELO: domains, and everything below them. "
           "The word \"self\" is the host name of this machine, looked up when the file is read. "
           "Leave out domains whose users or offices send mail to this server from elsewhere "
           "without logging in. A list given here replaces the default, so keep the word in it.",
       .example = R"(["self", "example.org"])"},
      {.section = "names",
       .key = "dynamic_except",
       .kind = TextList(At<&Config::names, &NamesConfig::dynamic_except>(), CheckDomain, "domains"),
       .default_value = std::span<const std::string_view>(kNumberedSenders),
       .description =
           "Domains whose names, and all below them, are never considered dynamic: senders that "
           "name their mail servers after addresses. Not meant for hosting providers where anybody "
           "can rent a server. A list given here replaces the default."},
  };
  return rows;
}

std::span<const Option> DnsRows() {
  static const Option rows[] = {
      {.section = "dns",
       .key = "servers",
       .kind = TextList(At<&Config::dns, &DnsConfig::servers>(), CheckNameServer,
                        "addresses of DNS servers"),
       .default_value = std::span<const std::string_view>(),
       .description =
           "The resolvers to query, as ADDRESS or ADDRESS:PORT, with brackets around an IPv6 "
           "address that has a port. Empty means those of /etc/resolv.conf. A resolver on this "
           "host, such as unbound, is best: DNS lists refuse queries from public resolvers.",
       .example = R"(["127.0.0.1", "[::1]:5353"])"},
      {.section = "dns",
       .key = "deadline",
       .kind = Duration(At<&Config::dns, &DnsConfig::deadline>(), 100ms, Millis(3s)),
       .default_value = "2s",
       .description = "How long an answer may take. A later answer counts as unknown for this "
                      "message, and is cached for the next one. A session waits this long at most "
                      "in total, and only if it has to."},
      {.section = "dns",
       .key = "cache_entries",
       .kind = Integer(At<&Config::dns, &DnsConfig::cache_entries>(), 1000, 10000000),
       .default_value = 100000,
       .description = "How many answers are cached. 100000 take about 20 MB of memory."},
      {.section = "dns",
       .key = "max_outstanding",
       .kind = Integer(At<&Config::dns, &DnsConfig::max_outstanding>(), 10, 10000),
       .default_value = 1000,
       .description = "How many queries may be outstanding. Further ones fail at once and count as "
                      "unknown, so that a dead resolver costs no memory."},
  };
  return rows;
}

}  // namespace

std::span<const Option> ScoreOptions() { return ScoreRows(); }
std::span<const Option> TlsOptions() { return TlsRows(); }
std::span<const Option> SpfOptions() { return SpfRows(); }
std::span<const Option> NamesOptions() { return NamesRows(); }
std::span<const Option> DnsOptions() { return DnsRows(); }

}  // namespace mxward
