// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "config/checks.h"
#include "config/options_table.h"

namespace mxward {
namespace {

constexpr std::uint64_t kMiB = 1ULL << 20;
constexpr std::uint64_t kTiB = 1ULL << 40;

constexpr Option kStore[] = {
    {.section = "store",
     .key = "path",
     .kind = TextKind{At<&Config::store, &StoreConfig::path>(), CheckDirectory},
     .fallback = "/var/lib/mxward",
     .applies = Applies::kOnRestart,
     .description =
         "The directory of the database. It belongs to the user that mxward runs as, and is on a "
         "local disk: the database cannot live on NFS."},
    {.section = "store",
     .key = "map_size",
     .kind = SizeKind{At<&Config::store, &StoreConfig::map_size>(), kMiB, 16 * kTiB},
     .fallback = "1G",
     .applies = Applies::kOnRestart,
     .description =
         "The room that is reserved for the database at first, in address space; the disk is used "
         "only as far as it fills. When it is nearly full it doubles while mxward runs."},
    {.section = "store",
     .key = "map_size_max",
     .kind = SizeKind{At<&Config::store, &StoreConfig::map_size_max>(), kMiB, 16 * kTiB},
     .fallback = "8G",
     .applies = Applies::kOnRestart,
     .description =
         "How far the database may grow. Beyond it nothing new is stored, and on_failure says "
         "what unknown clients are told. A million waiting combinations need some 200 MB."},
    {.section = "store",
     .key = "deadline",
     .kind = DurationKind{At<&Config::store, &StoreConfig::deadline>(), Millis(100), Millis(3000)},
     .fallback = "1s",
     .description =
         "A client is told to come back only after that is on disk. When it takes longer than "
         "this, because there is much to write or the disk is slow, the client is told all the "
         "same, and may have to come once more. on_failure says what it is told when the write "
         "fails, or when none has ended for 30 seconds."},
    {.section = "store",
     .key = "hash_key_file",
     .kind = TextKind{At<&Config::store, &StoreConfig::hash_key_file>(), CheckFile},
     .fallback = "",
     .applies = Applies::kOnRestart,
     .description =
         "A file with the key that a new database hashes addresses with, so that several hosts "
         "have the same: 32 hexadecimal digits, as \"mxwardctl export --hash-key\" prints them. "
         "Empty: each database makes its own. A database that has another key already is not "
         "opened.",
     .example = R"("/etc/mxward/hash.key")"},
};

constexpr Word<LogTarget> kTargetWords[] = {{"syslog", LogTarget::kSyslog},
                                            {"journal", LogTarget::kJournal},
                                            {"stderr", LogTarget::kStderr}};
constexpr Word<LogFormat> kFormatWords[] = {{"text", LogFormat::kText}, {"json", LogFormat::kJson}};
constexpr Word<LogAddresses> kAddressWords[] = {{"full", LogAddresses::kFull},
                                                {"domain", LogAddresses::kDomain},
                                                {"hash", LogAddresses::kHash}};

constexpr Option kLog[] = {
    {.section = "log",
     .key = "target",
     .kind = Words<kTargetWords, &Config::log, &LogConfig::target>(),
     .fallback = "syslog",
     .description =
         "Where the log goes: \"syslog\" (facility mail), systemd's \"journal\", or \"stderr\"."},
    {.section = "log",
     .key = "format",
     .kind = Words<kFormatWords, &Config::log, &LogConfig::format>(),
     .fallback = "text",
     .description =
         "\"text\" is a line of key=value for each decision, with the keys that postgrey uses; "
         "\"json\" the same as one JSON object a line."},
    {.section = "log",
     .key = "addresses",
     .kind = Words<kAddressWords, &Config::log, &LogConfig::addresses>(),
     .fallback = "full",
     .description =
         "How senders, recipients and logins are logged: in \"full\"; only the \"domain\"; or as a "
         "\"hash\", by which lines about the same address can be found without knowing it. It "
         "holds "
         "for findings, watch, the status page and the report as well."},
};

constexpr Option kControl[] = {
    {.section = "control",
     .key = "socket",
     .kind = TextKind{At<&Config::control, &ControlConfig::socket>(), CheckSocketPath},
     .fallback = "/run/mxward/control.sock",
     .applies = Applies::kOnRestart,
     .description = "The unix socket through which mxwardctl speaks to the daemon."},
    {.section = "control",
     .key = "socket_group",
     .kind = TextKind{At<&Config::control, &ControlConfig::socket_group>(), CheckAccount},
     .fallback = "",
     .applies = Applies::kOnRestart,
     .description =
         "A group whose members may use mxwardctl as well. Empty: root and the user that mxward "
         "runs as. Reading the key that addresses are hashed with is left to those two.",
     .example = R"("adm")"},
    {.section = "control",
     .key = "read_group",
     .kind = TextKind{At<&Config::control, &ControlConfig::read_group>(), CheckAccount},
     .fallback = "",
     .applies = Applies::kOnRestart,
     .description =
         "A group whose members may look (status, list, show, explain, watch, export and the "
         "like) and change nothing. With such a group the socket's file is open to everybody; "
         "mxward asks the kernel who connects, and others get an error. Empty: nobody.",
     .example = R"("monitor")"},
};

constexpr Option kMetrics[] = {
    {.section = "metrics",
     .key = "listen",
     .kind = TextKind{At<&Config::metrics, &MetricsConfig::listen>(), CheckHttpListen},
     .fallback = "",
     .applies = Applies::kOnRestart,
     .description =
         "An address and a port, such as \"127.0.0.1:9118\" or \"[::1]:9118\": there mxward "
         "answers HTTP with its metrics (/metrics), whether it is well (/healthz) and a status "
         "page "
         "(/), to whoever asks and without a password. On any but a loopback address let a "
         "firewall "
         "see to it that only your monitoring asks. Empty: nowhere; the control socket answers the "
         "same but the page.",
     .example = R"("127.0.0.1:9118")"},
    {.section = "metrics",
     .key = "page",
     .kind = FlagKind{At<&Config::metrics, &MetricsConfig::page>()},
     .fallback = true,
     .description =
         "Whether metrics.listen has the status page: what happens to mail, how DNS lists do, who "
         "is "
         "near a limit. It shows addresses of clients, and with log.addresses = \"full\" the mail "
         "addresses that are over a limit, to whoever reaches that port; false leaves /metrics and "
         "/healthz, which show nobody."},
};

}  // namespace

std::span<const Option> StoreOptions() { return kStore; }
std::span<const Option> LogOptions() { return kLog; }
std::span<const Option> ControlOptions() { return kControl; }
std::span<const Option> MetricsOptions() { return kMetrics; }

}  // namespace mxward
