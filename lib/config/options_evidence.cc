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
       .description = "Mail with at least this score is rejected. mxward's own findings add up to "
                      "9 at most: a rejection needs a DNS list that you have configured, or scores "
                      "that you have raised."},
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
std::span<const Option> NamesOptions() { return NamesRows(); }
std::span<const Option> DnsOptions() { return DnsRows(); }

}  // namespace mxward
