// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>

#include "config/checks.h"
#include "config/kinds.h"
#include "config/options.h"

namespace mxward {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

constexpr Millis kTenYears = 3650 * 24h;

enum class Identity : std::uint8_t { kName, kNetwork, kSpf };
constexpr auto EnumWordsOf(Identity) {
  return EnumWords<Identity>(
      {{Identity::kName, "name"}, {Identity::kNetwork, "network"}, {Identity::kSpf, "spf"}});
}

constexpr Member<Config, std::vector<Identity>> kIdentitiesAt = {
    .set =
        [](Config& config, std::vector<Identity> identities) {
          const auto has = [&](Identity identity) {
            return std::find(identities.begin(), identities.end(), identity) != identities.end();
          };
          config.greylist.identity_name = has(Identity::kName);
          config.greylist.identity_network = has(Identity::kNetwork);
          config.greylist.identity_spf = has(Identity::kSpf);
        },
    .get = [](const Config& config) -> std::optional<std::vector<Identity>> {
      std::vector<Identity> out;
      if (config.greylist.identity_name) out.push_back(Identity::kName);
      if (config.greylist.identity_network) out.push_back(Identity::kNetwork);
      if (config.greylist.identity_spf) out.push_back(Identity::kSpf);
      return out;
    },
};
constexpr std::string_view kIdentities[] = {"name", "network", "spf"};

std::span<const Option> GreylistRows() {
  static const Option rows[] = {
      {.section = "greylist",
       .key = "apply",
       .kind = Word(At<&Config::greylist, &GreylistConfig::apply>()),
       .default_value = "suspicious",
       .description =
           "Which clients are greylisted: \"suspicious\" ones, whose score is at least "
           "score.greylist; \"all\" that are not exempt for another reason; or none (\"off\")."},
      {.section = "greylist",
       .key = "delay",
       .kind = Duration(At<&Config::greylist, &GreylistConfig::delay>(), Millis(1s), Millis(24h)),
       .default_value = "4m",
       .description = "How long an unknown combination of client, sender and recipient has to "
                      "wait. Many servers retry for the first time after 5 minutes, so slightly "
                      "less delays their mail the least."},
      {.section = "greylist",
       .key = "retry_window",
       .kind =
           Duration(At<&Config::greylist, &GreylistConfig::retry_window>(), Millis(1s), kTenYears),
       .default_value = "48h",
       .description =
           "A retry later than this after the first try counts as a new first try. Must be longer "
           "than delay. Servers keep mail for days and retry at least every few hours, so a "
           "shorter window hurts more legitimate senders than it stops others."},
      {.section = "greylist",
       .key = "lifetime",
       .kind = Duration(At<&Config::greylist, &GreylistConfig::lifetime>(), Millis(1s), kTenYears),
       .default_value = "36d",
       .description = "How long a combination that has passed stays known after its last mail. 36 "
                      "days cover mail that arrives once a month."},
      {.section = "greylist",
       .key = "auto_allow_after",
       .kind = Integer(At<&Config::greylist, &GreylistConfig::auto_allow_after>(), 0, 1000),
       .default_value = 3,
       .description = "After this many different combinations of a client have passed (at most one "
                      "per hour counts), its address (for IPv6 its /64) is no longer greylisted. "
                      "It is still greylisted while DNS lists add score.greylist or more, and a "
                      "rejection that is about the client itself (a block entry, its own score) "
                      "suspends the allowance for a week. The same counts for an organisation "
                      "where SPF passes "
                      "for the sender's domain and the client's verified name belongs to it, from "
                      "two addresses or over seven days. 0 turns this off."},
      {.section = "greylist",
       .key = "auto_allow_lifetime",
       .kind = Duration(At<&Config::greylist, &GreylistConfig::auto_allow_lifetime>(), Millis(1s),
                        kTenYears),
       .default_value = "60d",
       .description = "How long that lasts after the client's last mail."},
      {.section = "greylist",
       .key = "auto_allow_except",
       .kind = TextList(At<&Config::greylist, &GreylistConfig::auto_allow_except>(), CheckDomain,
                        "domains"),
       .default_value = std::span<const std::string_view>(),
       .description = "Has no effect any more: allowances belong to addresses, not to names. It is "
                      "still accepted so that older files remain valid."},
      {.section = "greylist",
       .key = "identities",
       .kind = Words(kIdentitiesAt),
       .default_value = std::span<const std::string_view>(kIdentities),
       .description = "How a retrying client is recognised, any of: \"name\", the domain of its "
                      "verified reverse name, so that retries may come from different servers of "
                      "one sender; \"network\", the network of its address; \"spf\", the domain of "
                      "the sender, whose SPF record must allow both the first try and the retry, "
                      "by ip4 (/16 or narrower), ip6 (/32 or narrower), a, mx or an include of "
                      "such. SPF is only evaluated for mail that would be deferred."},
      {.section = "greylist",
       .key = "network_v4",
       .kind = Integer(At<&Config::greylist, &GreylistConfig::network_v4>(), 8, 32),
       .default_value = 24,
       .description = "The prefix length of a network, for IPv4. 32 means single addresses. After "
                      "a change, clients that are waiting may have to start again."},
      {.section = "greylist",
       .key = "network_v6",
       .kind = Integer(At<&Config::greylist, &GreylistConfig::network_v6>(), 16, 128),
       .default_value = 64,
       .description = "The same for IPv6. 64 is the smallest network that customers are assigned."},
      {.section = "greylist",
       .key = "privacy",
       .kind = Flag(At<&Config::greylist, &GreylistConfig::privacy>()),
       .default_value = false,
       .description =
           "If true, mail addresses are stored as keyed hashes only: greylisting works as before, "
           "but mxwardctl cannot list senders and recipients of what is stored from then on. Older "
           "entries keep their addresses until they expire. For the log there is log.addresses."},
      {.section = "greylist",
       .key = "max_pending",
       .kind = Integer(At<&Config::greylist, &GreylistConfig::max_pending>(), 1, 1000000),
       .default_value = 500,
       .description =
           "How many waiting combinations are stored in full for each client. For about 4000 more, "
           "only a hash and the time are kept: each still passes after its own delay, from the "
           "same address. Further ones are deferred without being remembered. So a flood cannot "
           "fill the disk, and nothing passes without having waited."},
      {.section = "greylist",
       .key = "text",
       .kind = Text(At<&Config::greylist, &GreylistConfig::text>(), CheckReplyText),
       .default_value = "Greylisted, please try again in {seconds} seconds",
       .description =
           "The text after 451 4.7.1. {seconds} is replaced with the remaining time. One line of "
           "printable ASCII, at most 400 characters. \"Service unavailable\" and \"Client host "
           "rejected\" are not allowed: fail2ban would ban legitimate servers because of them."},
  };
  return rows;
}

}  // namespace

std::span<const Option> GreylistOptions() { return GreylistRows(); }

}  // namespace mxward
