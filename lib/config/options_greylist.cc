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

enum class Identity : std::uint8_t { kName, kNetwork };
constexpr auto EnumWordsOf(Identity) {
  return EnumWords<Identity>({{Identity::kName, "name"}, {Identity::kNetwork, "network"}});
}

constexpr Member<Config, std::vector<Identity>> kIdentitiesAt = {
    .set =
        [](Config& config, std::vector<Identity> identities) {
          const auto has = [&](Identity identity) {
            return std::find(identities.begin(), identities.end(), identity) != identities.end();
          };
          config.greylist.identity_name = has(Identity::kName);
          config.greylist.identity_network = has(Identity::kNetwork);
        },
    .get = [](const Config& config) -> std::optional<std::vector<Identity>> {
      std::vector<Identity> out;
      if (config.greylist.identity_name) out.push_back(Identity::kName);
      if (config.greylist.identity_network) out.push_back(Identity::kNetwork);
      return out;
    },
};
constexpr std::string_view kIdentities[] = {"name", "network"};

std::span<const Option> GreylistRows() {
  static const Option rows[] = {
      {.section = "greylist",
       .key = "apply",
       .kind = Word(At<&Config::greylist, &GreylistConfig::apply>()),
       .default_value = "suspicious",
       .description =
           "Who is greylisted: \"suspicious\" clients, whose score is at least score.greylist; "
           "\"all\" clients that nothing else spares; or nobody (\"off\")."},
      {.section = "greylist",
       .key = "delay",
       .kind = Duration(At<&Config::greylist, &GreylistConfig::delay>(), Millis(1s), Millis(24h)),
       .default_value = "4m",
       .description = "How long an unknown combination of client, sender and recipient has to "
                      "wait. Many servers try again after 5 minutes for the first time, so a "
                      "little less costs their mail the least."},
      {.section = "greylist",
       .key = "retry_window",
       .kind =
           Duration(At<&Config::greylist, &GreylistConfig::retry_window>(), Millis(1s), kTenYears),
       .default_value = "48h",
       .description =
           "A retry that comes later than this after the first try counts as a first try again. "
           "Must be longer than delay. Servers keep mail for days and try again every few hours at "
           "least, so a shorter window loses more honest senders than it stops others."},
      {.section = "greylist",
       .key = "lifetime",
       .kind = Duration(At<&Config::greylist, &GreylistConfig::lifetime>(), Millis(1s), kTenYears),
       .default_value = "36d",
       .description = "How long a combination that has passed stays known since its last mail. 36 "
                      "days carry over what comes once a month."},
      {.section = "greylist",
       .key = "auto_allow_after",
       .kind = Integer(At<&Config::greylist, &GreylistConfig::auto_allow_after>(), 0, 1000),
       .default_value = 3,
       .description =
           "After so many different combinations of a client have passed, at most one of them "
           "counted an hour, its address (for IPv6 its /64) is no longer greylisted. While DNS "
           "lists add score.greylist or more it is greylisted all the same; and what the client is "
           "rejected for, a block or its own score, suspends it for a week. 0 turns this off."},
      {.section = "greylist",
       .key = "auto_allow_lifetime",
       .kind = Duration(At<&Config::greylist, &GreylistConfig::auto_allow_lifetime>(), Millis(1s),
                        kTenYears),
       .default_value = "60d",
       .description = "How long that lasts since the client's last mail."},
      {.section = "greylist",
       .key = "auto_allow_except",
       .kind = TextList(At<&Config::greylist, &GreylistConfig::auto_allow_except>(), CheckDomain,
                        "domains"),
       .default_value = std::span<const std::string_view>(),
       .description = "Has no effect any more: what a client earns belongs to its address, never "
                      "to its name. It is still read so that older files are understood."},
      {.section = "greylist",
       .key = "identities",
       .kind = Words(kIdentitiesAt),
       .default_value = std::span<const std::string_view>(kIdentities),
       .description = "What a client is recognised by when it comes back, any of: \"name\", the "
                      "domain that its verified reverse name belongs to, so that the servers of "
                      "one sender may take turns; \"network\", the network of its address."},
      {.section = "greylist",
       .key = "network_v4",
       .kind = Integer(At<&Config::greylist, &GreylistConfig::network_v4>(), 8, 32),
       .default_value = 24,
       .description =
           "The length in bits of the prefix that is one network, for IPv4. 32 is each address by "
           "itself. After a change, clients that wait may have to start again."},
      {.section = "greylist",
       .key = "network_v6",
       .kind = Integer(At<&Config::greylist, &GreylistConfig::network_v6>(), 16, 128),
       .default_value = 64,
       .description = "The same for IPv6. 64 is the smallest network that a customer gets."},
      {.section = "greylist",
       .key = "privacy",
       .kind = Flag(At<&Config::greylist, &GreylistConfig::privacy>()),
       .default_value = false,
       .description = "With true, no addresses of people are stored, only keyed hashes: "
                      "greylisting works as ever, but mxwardctl cannot list senders and recipients "
                      "of what is stored from then on. Older entries keep their addresses until "
                      "they expire. For the log there is log.addresses."},
      {.section = "greylist",
       .key = "max_pending",
       .kind = Integer(At<&Config::greylist, &GreylistConfig::max_pending>(), 1, 1000000),
       .default_value = 500,
       .description =
           "How many waiting combinations one client may have in full. Of some 4000 beyond these "
           "only a hash and the time are kept: each still passes by its own time, from the same "
           "address. What it tries beyond those is deferred and not remembered. So a flood does "
           "not fill the disk, and nothing passes that has not waited."},
      {.section = "greylist",
       .key = "text",
       .kind = Text(At<&Config::greylist, &GreylistConfig::text>(), CheckReplyText),
       .default_value = "Greylisted, please try again in {seconds} seconds",
       .description =
           "The text behind 451 4.7.1. {seconds} becomes the time that is left. One line of "
           "printable ASCII, at most 400 characters. Not allowed are \"Service unavailable\" and "
           "\"Client host rejected\": fail2ban would ban honest servers for them."},
  };
  return rows;
}

}  // namespace

std::span<const Option> GreylistOptions() { return GreylistRows(); }

}  // namespace mxward
