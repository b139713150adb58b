// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "config/options_table.h"

namespace mxward {
namespace {

using std::chrono_literals::operator""h;

constexpr std::uint64_t kKiB = 1ULL << 10;
constexpr std::uint64_t kGiB = 1ULL << 30;
constexpr auto kDay = 24h;

constexpr Option kLimits[] = {
    {.section = "limits",
     .key = "memory",
     .kind = SizeKind{At<&Config::limits, &LimitsConfig::memory>(), 64 * kKiB, kGiB},
     .fallback = "4M",
     .description =
         "The memory for the counters of all [[limit]] sections together. 4M hold some 130000 of "
         "them. When it is full, whoever has caused the most counters loses the oldest of his, so "
         "a flood pushes out its own and nobody else's. Each limit needs 16K at least."},
};

constexpr Option kClients[] = {
    {.section = "clients",
     .key = "lifetime",
     .kind =
         DurationKind{At<&Config::clients, &ClientsConfig::lifetime>(), kDay, 3650 * Millis(kDay)},
     .fallback = "60d",
     .description =
         "How long a client's history is kept after its last visit. A good one takes two weeks of "
         "visits to earn, so a short time forgets it between them."},
    {.section = "clients",
     .key = "nat64",
     .kind = PrefixListKind{At<&Config::clients, &ClientsConfig::nat64>(), {}},
     .fallback = std::span<const std::string_view>(),
     .description =
         "The networks of your NAT64 translators (RFC 6052), with 32, 40, 48, 56, 64 or 96 bits. A "
         "client that comes through one is the IPv4 client behind it, in everything: limits, "
         "entries, rules, lists, history, logs. 64:ff9b::/96 is known without being named here.",
     .example = R"(["2001:db8:64::/96"])"},
};

}  // namespace

std::span<const Option> LimitsOptions() { return kLimits; }
std::span<const Option> ClientsOptions() { return kClients; }

}  // namespace mxward
