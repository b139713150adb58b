// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "config/checks.h"
#include "config/options_table.h"

namespace mxward {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

constexpr Millis kTenYears = 3650 * 24h;

constexpr Word<GreylistApply> kApplyWords[] = {{"suspicious", GreylistApply::kSuspicious},
                                               {"all", GreylistApply::kAll},
                                               {"off", GreylistApply::kOff}};

constexpr FlagWord kIdentityWords[] = {
    {"name", At<&Config::greylist, &GreylistConfig::identity_name>()},
    {"network", At<&Config::greylist, &GreylistConfig::identity_network>()},
};
constexpr std::string_view kIdentities[] = {"name", "network"};

constexpr Option kGreylist[] = {
    {.section = "greylist",
     .key = "apply",
     .kind = Words<kApplyWords, &Config::greylist, &GreylistConfig::apply>(),
     .fallback = "suspicious",
     .description = "Who is greylisted: \"suspicious\" clients, whose score is at least "
                    "score.greylist; \"all\" "
                    "clients that nothing else spares; or nobody (\"off\")."},
    {.section = "greylist",
     .key = "delay",
     .kind = DurationKind{At<&Config::greylist, &GreylistConfig::delay>(), Millis(1s), Millis(24h)},
     .fallback = "4m",
     .description =
         "How long an unknown combination of client, sender and recipient has to wait. Many "
         "servers try again after 5 minutes for the first time, so a little less costs their mail "
         "the least."},
    {.section = "greylist",
     .key = "retry_window",
     .kind = DurationKind{At<&Config::greylist, &GreylistConfig::retry_window>(), Millis(1s),
                          kTenYears},
     .fallback = "48h",
     .description =
         "A retry that comes later than this after the first try counts as a first try again. Must "
         "be longer than delay. Servers keep mail for days and try again every few hours at least, "
         "so a shorter window loses more honest senders than it stops others."},
    {.section = "greylist",
     .key = "lifetime",
     .kind =
         DurationKind{At<&Config::greylist, &GreylistConfig::lifetime>(), Millis(1s), kTenYears},
     .fallback = "36d",
     .description =
         "How long a combination that has passed stays known since its last mail. 36 days carry "
         "over what comes once a month."},
    {.section = "greylist",
     .key = "auto_allow_after",
     .kind = IntegerKind{At<&Config::greylist, &GreylistConfig::auto_allow_after>(), 0, 1000},
     .fallback = 3,
     .description =
         "After so many different combinations of a client have passed, at most one of them "
         "counted an hour, its address (for IPv6 its /64) is no longer greylisted. While DNS lists "
         "add score.greylist or more it is greylisted all the same; and what the client is "
         "rejected "
         "for, a block or its own score, suspends it for a week. 0 turns this off."},
    {.section = "greylist",
     .key = "auto_allow_lifetime",
     .kind = DurationKind{At<&Config::greylist, &GreylistConfig::auto_allow_lifetime>(), Millis(1s),
                          kTenYears},
     .fallback = "60d",
     .description = "How long that lasts since the client's last mail."},
    {.section = "greylist",
     .key = "auto_allow_except",
     .kind = TextListKind{At<&Config::greylist, &GreylistConfig::auto_allow_except>(), CheckDomain,
                          "domains"},
     .fallback = std::span<const std::string_view>(),
     .description = "Has no effect any more: what a client earns belongs to its address, never to "
                    "its name. It "
                    "is still read so that older files are understood."},
    {.section = "greylist",
     .key = "identities",
     .kind = FlagListKind{std::span(kIdentityWords)},
     .fallback = std::span<const std::string_view>(kIdentities),
     .description =
         "What a client is recognised by when it comes back, any of: \"name\", the domain that "
         "its verified reverse name belongs to, so that the servers of one sender may take turns; "
         "\"network\", the network of its address."},
    {.section = "greylist",
     .key = "network_v4",
     .kind = IntegerKind{At<&Config::greylist, &GreylistConfig::network_v4>(), 8, 32},
     .fallback = 24,
     .description =
         "The length in bits of the prefix that is one network, for IPv4. 32 is each address by "
         "itself. After a change, clients that wait may have to start again."},
    {.section = "greylist",
     .key = "network_v6",
     .kind = IntegerKind{At<&Config::greylist, &GreylistConfig::network_v6>(), 16, 128},
     .fallback = 64,
     .description = "The same for IPv6. 64 is the smallest network that a customer gets."},
    {.section = "greylist",
     .key = "privacy",
     .kind = FlagKind{At<&Config::greylist, &GreylistConfig::privacy>()},
     .fallback = false,
     .description =
         "With true, no addresses of people are stored, only keyed hashes: greylisting works as "
         "ever, but mxwardctl cannot list senders and recipients of what is stored from then on. "
         "Older entries keep their addresses until they expire. For the log there is "
         "log.addresses."},
    {.section = "greylist",
     .key = "max_pending",
     .kind = IntegerKind{At<&Config::greylist, &GreylistConfig::max_pending>(), 1, 1000000},
     .fallback = 500,
     .description =
         "How many waiting combinations one client may have in full. Of some 4000 beyond these "
         "only "
         "a hash and the time are kept: each still passes by its own time, from the same address. "
         "What it tries beyond those is deferred and not remembered. So a flood does not fill the "
         "disk, and nothing passes that has not waited."},
    {.section = "greylist",
     .key = "text",
     .kind = TextKind{At<&Config::greylist, &GreylistConfig::text>(), CheckReplyText},
     .fallback = "Greylisted, please try again in {seconds} seconds",
     .description =
         "The text behind 451 4.7.1. {seconds} becomes the time that is left. One line of "
         "printable ASCII, at most 400 characters. Not allowed are \"Service unavailable\" and "
         "\"Client host rejected\": fail2ban would ban honest servers for them."},
};

}  // namespace

std::span<const Option> GreylistOptions() { return kGreylist; }

}  // namespace mxward
