// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "config/checks.h"
#include "config/kinds.h"
#include "config/options.h"

namespace mxward {
namespace {

using std::chrono_literals::operator""h;

constexpr std::uint64_t kKiB = 1ULL << 10;
constexpr std::uint64_t kMiB = 1ULL << 20;
constexpr std::uint64_t kGiB = 1ULL << 30;
constexpr std::uint64_t kTiB = 1ULL << 40;
constexpr auto kDay = 24h;

std::span<const Option> LimitsRows() {
  static const Option rows[] = {
      {.section = "limits",
       .key = "memory",
       .kind = Size(At<&Config::limits, &LimitsConfig::memory>(), 64 * kKiB, kGiB),
       .default_value = "4M",
       .description =
           "The memory for the counters of all [[limit]] sections together. 4M hold about 130000 "
           "of them. When it is full, the network with the most counters loses its oldest, so a "
           "flood only displaces its own counters. Each limit needs 16K at least."},
  };
  return rows;
}

std::span<const Option> ClientsRows() {
  static const Option rows[] = {
      {.section = "clients",
       .key = "lifetime",
       .kind =
           Duration(At<&Config::clients, &ClientsConfig::lifetime>(), kDay, 3650 * Millis(kDay)),
       .default_value = "60d",
       .description =
           "How long a client's history is kept after its last connection. A good history takes "
           "two weeks to build up, so a shorter time loses it in between."},
      {.section = "clients",
       .key = "nat64",
       .kind = PrefixList(At<&Config::clients, &ClientsConfig::nat64>()),
       .default_value = std::span<const std::string_view>(),
       .description = "The networks of your NAT64 translators (RFC 6052), with 32, 40, 48, 56, 64 "
                      "or 96 bits. A client that connects through a translator is treated as the "
                      "IPv4 client that it translates, everywhere: limits, entries, rules, lists, "
                      "history, logs. 64:ff9b::/96 is built in.",
       .example = R"(["2001:db8:64::/96"])"},
  };
  return rows;
}

std::span<const Option> StoreRows() {
  static const Option rows[] = {
      {.section = "store",
       .key = "path",
       .kind = Text(At<&Config::store, &StoreConfig::path>(), CheckDirectory),
       .default_value = "/var/lib/mxward",
       .applies = Applies::kOnRestart,
       .description = "The directory of the database. It must belong to the user that mxward runs "
                      "as, and be on a local disk: the database does not work on NFS."},
      {.section = "store",
       .key = "map_size",
       .kind = Size(At<&Config::store, &StoreConfig::map_size>(), kMiB, 16 * kTiB),
       .default_value = "1G",
       .applies = Applies::kOnRestart,
       .description = "The address space reserved for the database at first; disk space is only "
                      "used as it fills. When it is nearly full, it is doubled while mxward runs."},
      {.section = "store",
       .key = "map_size_max",
       .kind = Size(At<&Config::store, &StoreConfig::map_size_max>(), kMiB, 16 * kTiB),
       .default_value = "8G",
       .applies = Applies::kOnRestart,
       .description = "The maximum size of the database. Once it is full nothing new is stored, "
                      "and on_failure determines what unknown clients get. A million waiting "
                      "combinations need about 200 MB."},
      {.section = "store",
       .key = "deadline",
       .kind = Duration(At<&Config::store, &StoreConfig::deadline>(), Millis(100), Millis(3000)),
       .default_value = "1s",
       .description = "A client is deferred only after that has been written to disk. If it takes "
                      "longer than this, because of load or a slow disk, the client is deferred "
                      "anyway, and may have to retry once more. on_failure applies if the write "
                      "fails, or if no write has completed for 30 seconds."},
      {.section = "store",
       .key = "hash_key_file",
       .kind = Text(At<&Config::store, &StoreConfig::hash_key_file>(), CheckFile),
       .default_value = "",
       .applies = Applies::kOnRestart,
       .description = "A file with the key for hashing addresses in a new database, so that "
                      "several hosts use the same: 32 hexadecimal digits, as printed by "
                      "\"mxwardctl export --hash-key\". Empty: each database generates its own. A "
                      "database that already has a different key is not opened.",
       .example = R"("/etc/mxward/hash.key")"},
  };
  return rows;
}

std::span<const Option> LogRows() {
  static const Option rows[] = {
      {.section = "log",
       .key = "target",
       .kind = Word(At<&Config::log, &LogConfig::target>()),
       .default_value = "syslog",
       .description =
           "Where the log goes: \"syslog\" (facility mail), systemd's \"journal\", or \"stderr\"."},
      {.section = "log",
       .key = "format",
       .kind = Word(At<&Config::log, &LogConfig::format>()),
       .default_value = "text",
       .description = "\"text\" is a line of key=value pairs for each decision, with the keys that "
                      "postgrey uses; \"json\" is one JSON object per line."},
      {.section = "log",
       .key = "addresses",
       .kind = Word(At<&Config::log, &LogConfig::addresses>()),
       .default_value = "full",
       .description =
           "How senders, recipients and logins are logged: in \"full\"; only the \"domain\"; or as "
           "a \"hash\", so that lines about the same address can be found without revealing it. "
           "This also applies to findings, watch, the status page and the report."},
  };
  return rows;
}

std::span<const Option> ControlRows() {
  static const Option rows[] = {
      {.section = "control",
       .key = "socket",
       .kind = Text(At<&Config::control, &ControlConfig::socket>(), CheckSocketPath),
       .default_value = "/run/mxward/control.sock",
       .applies = Applies::kOnRestart,
       .description = "The unix socket through which mxwardctl talks to the daemon."},
      {.section = "control",
       .key = "socket_group",
       .kind = Text(At<&Config::control, &ControlConfig::socket_group>(), CheckAccount),
       .default_value = "",
       .applies = Applies::kOnRestart,
       .description =
           "A group whose members may use mxwardctl as well. Empty: root and the user that mxward "
           "runs as. Only those two may read the key that addresses are hashed with.",
       .example = R"("adm")"},
      {.section = "control",
       .key = "read_group",
       .kind = Text(At<&Config::control, &ControlConfig::read_group>(), CheckAccount),
       .default_value = "",
       .applies = Applies::kOnRestart,
       .description =
           "A group with read-only access (status, list, show, explain, watch, export and the "
           "like). With such a group the socket's file permissions admit everybody; mxward asks "
           "the kernel who connects, and others get an error. Empty: no such group.",
       .example = R"("monitor")"},
  };
  return rows;
}

std::span<const Option> MetricsRows() {
  static const Option rows[] = {
      {.section = "metrics",
       .key = "listen",
       .kind = Text(At<&Config::metrics, &MetricsConfig::listen>(), CheckHttpListen),
       .default_value = "",
       .applies = Applies::kOnRestart,
       .description = "An address and a port, such as \"127.0.0.1:9118\" or \"[::1]:9118\", where "
                      "mxward serves its metrics (/metrics), its health (/healthz) and a status "
                      "page (/) by HTTP, without a password. Unless it is a loopback address, "
                      "restrict access to your monitoring with a firewall. Empty: nowhere; the "
                      "control socket serves the same except for the page.",
       .example = R"("127.0.0.1:9118")"},
      {.section = "metrics",
       .key = "page",
       .kind = Flag(At<&Config::metrics, &MetricsConfig::page>()),
       .default_value = true,
       .description =
           "Whether metrics.listen serves the status page: what happens to mail, the health of DNS "
           "lists, who is near a limit. It shows addresses of clients, and with log.addresses = "
           "\"full\" the mail addresses that are over a limit, to anybody who can reach that port; "
           "with false only /metrics and /healthz are served, which contain no addresses."},
  };
  return rows;
}

}  // namespace

std::span<const Option> LimitsOptions() { return LimitsRows(); }
std::span<const Option> ClientsOptions() { return ClientsRows(); }

std::span<const Option> StoreOptions() { return StoreRows(); }
std::span<const Option> LogOptions() { return LogRows(); }
std::span<const Option> ControlOptions() { return ControlRows(); }
std::span<const Option> MetricsOptions() { return MetricsRows(); }

}  // namespace mxward
