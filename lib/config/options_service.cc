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
           "The memory for the counters of all [[limit]] sections together. 4M hold some 130000 of "
           "them. When it is full, whoever has caused the most counters loses the oldest of his, "
           "so a flood pushes out its own and nobody else's. Each limit needs 16K at least."},
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
       .description = "How long a client's history is kept after its last visit. A good one takes "
                      "two weeks of visits to earn, so a short time forgets it between them."},
      {.section = "clients",
       .key = "nat64",
       .kind = PrefixList(At<&Config::clients, &ClientsConfig::nat64>()),
       .default_value = std::span<const std::string_view>(),
       .description =
           "The networks of your NAT64 translators (RFC 6052), with 32, 40, 48, 56, 64 or 96 bits. "
           "A client that comes through one is the IPv4 client behind it, in everything: limits, "
           "entries, rules, lists, history, logs. 64:ff9b::/96 is known without being named here.",
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
       .description = "The directory of the database. It belongs to the user that mxward runs as, "
                      "and is on a local disk: the database cannot live on NFS."},
      {.section = "store",
       .key = "map_size",
       .kind = Size(At<&Config::store, &StoreConfig::map_size>(), kMiB, 16 * kTiB),
       .default_value = "1G",
       .applies = Applies::kOnRestart,
       .description =
           "The room that is reserved for the database at first, in address space; the disk is "
           "used only as far as it fills. When it is nearly full it doubles while mxward runs."},
      {.section = "store",
       .key = "map_size_max",
       .kind = Size(At<&Config::store, &StoreConfig::map_size_max>(), kMiB, 16 * kTiB),
       .default_value = "8G",
       .applies = Applies::kOnRestart,
       .description =
           "How far the database may grow. Beyond it nothing new is stored, and on_failure says "
           "what unknown clients are told. A million waiting combinations need some 200 MB."},
      {.section = "store",
       .key = "deadline",
       .kind = Duration(At<&Config::store, &StoreConfig::deadline>(), Millis(100), Millis(3000)),
       .default_value = "1s",
       .description =
           "A client is told to come back only after that is on disk. When it takes longer than "
           "this, because there is much to write or the disk is slow, the client is told all the "
           "same, and may have to come once more. on_failure says what it is told when the write "
           "fails, or when none has ended for 30 seconds."},
      {.section = "store",
       .key = "hash_key_file",
       .kind = Text(At<&Config::store, &StoreConfig::hash_key_file>(), CheckFile),
       .default_value = "",
       .applies = Applies::kOnRestart,
       .description = "A file with the key that a new database hashes addresses with, so that "
                      "several hosts have the same: 32 hexadecimal digits, as \"mxwardctl export "
                      "--hash-key\" prints them. Empty: each database makes its own. A database "
                      "that has another key already is not opened.",
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
       .description = "\"text\" is a line of key=value for each decision, with the keys that "
                      "postgrey uses; \"json\" the same as one JSON object a line."},
      {.section = "log",
       .key = "addresses",
       .kind = Word(At<&Config::log, &LogConfig::addresses>()),
       .default_value = "full",
       .description =
           "How senders, recipients and logins are logged: in \"full\"; only the \"domain\"; or as "
           "a \"hash\", by which lines about the same address can be found without knowing it. It "
           "holds for findings, watch, the status page and the report as well."},
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
       .description = "The unix socket through which mxwardctl speaks to the daemon."},
      {.section = "control",
       .key = "socket_group",
       .kind = Text(At<&Config::control, &ControlConfig::socket_group>(), CheckAccount),
       .default_value = "",
       .applies = Applies::kOnRestart,
       .description =
           "A group whose members may use mxwardctl as well. Empty: root and the user that mxward "
           "runs as. Reading the key that addresses are hashed with is left to those two.",
       .example = R"("adm")"},
      {.section = "control",
       .key = "read_group",
       .kind = Text(At<&Config::control, &ControlConfig::read_group>(), CheckAccount),
       .default_value = "",
       .applies = Applies::kOnRestart,
       .description =
           "A group whose members may look (status, list, show, explain, watch, export and the "
           "like) and change nothing. With such a group the socket's file is open to everybody; "
           "mxward asks the kernel who connects, and others get an error. Empty: nobody.",
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
       .description =
           "An address and a port, such as \"127.0.0.1:9118\" or \"[::1]:9118\": there mxward "
           "answers HTTP with its metrics (/metrics), whether it is well (/healthz) and a status "
           "page (/), to whoever asks and without a password. On any but a loopback address let a "
           "firewall see to it that only your monitoring asks. Empty: nowhere; the control socket "
           "answers the same but the page.",
       .example = R"("127.0.0.1:9118")"},
      {.section = "metrics",
       .key = "page",
       .kind = Flag(At<&Config::metrics, &MetricsConfig::page>()),
       .default_value = true,
       .description =
           "Whether metrics.listen has the status page: what happens to mail, how DNS lists do, "
           "who is near a limit. It shows addresses of clients, and with log.addresses = \"full\" "
           "the mail addresses that are over a limit, to whoever reaches that port; false leaves "
           "/metrics and /healthz, which show nobody."},
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
