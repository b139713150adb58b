// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/enum_words.h"
#include "cli/commands/commands.h"
#include "entries/entry.h"
#include "facts/decision.h"

namespace mxward::cli {
namespace {

using ArgumentSpan = std::span<const Argument>;
using SwitchSpan = std::span<const Switch>;

// The words of an enum, as the choices of an argument.
template <class E>
constexpr std::size_t kLengthOfWords = [] {
  std::size_t length = kWordsOf<E>.size() - 1;
  for (const std::string_view word : kWordsOf<E>) length += word.size();
  return length;
}();
template <class E>
constexpr std::array<char, kLengthOfWords<E>> kJoinedWords = [] {
  std::array<char, kLengthOfWords<E>> text{};
  auto* place = text.begin();
  for (const std::string_view word : kWordsOf<E>) {
    if (place != text.begin()) *place++ = ' ';
    place = std::copy(word.begin(), word.end(), place);
  }
  return text;
}();
template <class E>
constexpr std::string_view kChoicesOf{kJoinedWords<E>.data(), kJoinedWords<E>.size()};

constexpr ArgumentSpan kNoArguments;
constexpr SwitchSpan kNoSwitches;

constexpr Switch kClient = {"--client", "PREFIX", "only this address or prefix"};
constexpr Switch kSender = {
    "--sender", "PATTERN",
    "only these senders: user@domain, *@domain, or a domain and its subdomains"};
constexpr Switch kRecipient = {"--recipient", "PATTERN", "the same for recipients"};
constexpr Switch kOlderThan = {"--older-than", "TIME",
                               "only those last seen longer ago than this (36h, 5d)"};
constexpr Switch kYoungerThan = {"--younger-than", "TIME", "only those seen within this time"};
constexpr Switch kLimit = {"--limit", "N",
                           "show at most N; 0 shows all (default: 100 in a table, else all)"};

constexpr std::array kListSwitches = {
    Switch{"--state", "STATE", "only pending, passed or expired ones",
           /*repeatable=*/false, "pending passed expired"},
    kClient,
    kSender,
    kRecipient,
    kOlderThan,
    kYoungerThan,
    kLimit};
constexpr std::array kPendingSwitches = {
    Switch{"--overdue", "", "only those that could have retried by now"},
    Switch{"--never", "", "only those that never retried"},
    kClient,
    kSender,
    kRecipient,
    kOlderThan,
    kYoungerThan,
    kLimit};
constexpr std::string_view kKinds = kChoicesOf<entries::Kind>;
constexpr std::array kEntriesSwitches = {
    Switch{"--kind", "KIND", "only those about a client, client-name, sender, ...",
           /*repeatable=*/false, kKinds},
    Switch{"--action", "ACTION", "only allow, or only block", /*repeatable=*/false,
           kChoicesOf<entries::Action>},
    kLimit};

constexpr std::array kWatchSwitches = {
    kClient,
    kSender,
    kRecipient,
    Switch{"--action", "ACTION", "only accept, defer or reject", /*repeatable=*/false,
           kChoicesOf<Verdict>},
    Switch{"--reason", "REASON", "only those with this reason, as in the log"},
    Switch{"--limit", "N", "exit after N decisions; 0 means never (the default)"}};
constexpr std::array kTopSwitches = {
    Switch{"--every", "TIME", "refresh interval (default: 2s)"},
    Switch{"--once", "", "print one screen and exit; implied if the output is not a terminal"}};

constexpr std::array kReportSwitches = {
    Switch{"--since", "TIME", "report on this period, in whole days (default: 7d; at most 35d)"},
    Switch{"--html", "FILE", "write an HTML page to this file; - is standard output"},
    Switch{"--limit", "N", "show at most N senders; 0 shows all (default: 20)"}};

constexpr std::array kClientsArguments = {
    Argument{"CLIENT", "only this address, or those of this prefix", /*needed=*/false}};
constexpr std::array kClientsSwitches = {
    Switch{"--sort", "ORDER",
           "last-seen (the default), first-seen, connections, passed, deferred, rejected or bad; "
           "the highest first",
           /*repeatable=*/false, "last-seen first-seen connections passed deferred rejected bad"},
    kLimit};
constexpr std::array kClientsTopSwitches = {kLimit};
constexpr std::array kRulesSwitches = {kLimit};
constexpr std::array kLimitsSwitches = {kLimit};
constexpr std::array kResetArguments = {Argument{"KEY", "the key, as shown by limits"}};
constexpr std::array kResetSwitches = {Switch{"--limit", "NAME", "only the limit with this name"}};

constexpr std::array kShowArguments = {
    Argument{"WHAT", "a key from list, a client's address or prefix, a mail address, a domain"}};

constexpr Argument kKind = {
    "KIND",
    "client, client-name, sender, sender-domain, recipient, recipient-domain, spf-of or account",
    /*needed=*/true, /*repeatable=*/false, kKinds};
constexpr std::array kEntryArguments = {
    kKind,
    Argument{"KEY", "an address, prefix, name, mail address or domain; <> is the null sender"}};
constexpr Switch kFor = {"--for", "TIME", "expire after this time (30m, 12h, 30d)"};
constexpr Switch kNote = {"--note", "TEXT", "a comment, shown with the entry"};
constexpr std::array kAllowSwitches = {
    kFor, Switch{"--all", "", "sender, recipient: skip all checks, not just greylisting"}, kNote};
constexpr std::array kBlockSwitches = {kFor, kNote};
constexpr std::array kForgetSwitches = {
    Switch{"--entry-only", "", "remove the allow or block entry and nothing else"}};

constexpr std::array kExportSwitches = {
    Switch{"--output", "FILE", "write to this file, readable by its owner only"},
    Switch{"--hash-key", "", "export the key that addresses are hashed with (a secret) instead"}};
constexpr std::array kImportArguments = {
    Argument{"FILE", "output of export or of another greylister's tool; - is standard input"}};
constexpr std::array kImportSwitches = {
    Switch{"--from", "FORMAT",
           "mxward, postgrey, milter-greylist, spamdb or sqlgrey (default: detected)",
           /*repeatable=*/false, "mxward postgrey milter-greylist spamdb sqlgrey"},
    Switch{"--delay", "TIME", "the other greylister's delay, if its records do not contain it"},
    Switch{"--dry-run", "", "show what would be done, and change nothing"},
    Switch{"--progress", "", "show progress even if the output is not a terminal"}};

constexpr std::array kPauseSwitches = {Switch{"--for", "TIME", "pause for this long (1h, 2d)"},
                                       Switch{"--end", "", "end the pause now"}};

constexpr std::array kCheckConfigArguments = {
    Argument{"FILE", "instead of the one given by --config", /*needed=*/false}};
constexpr std::array kDumpConfigSwitches = {
    Switch{"--changed", "", "only what differs from the defaults"},
    Switch{"--running", "", "the configuration of the running daemon, not that of the file"},
    Switch{"--sample", "", "a file with every option, commented out"},
    Switch{"--manual", "", "the list of options for mxward.toml(5), in mdoc"}};

constexpr std::array kDoctorSwitches = {
    Switch{"--only", "CHECK", "run only this check; may be repeated",
           /*repeatable=*/true},
    Switch{"--skip", "CHECK", "skip this check; may be repeated",
           /*repeatable=*/true},
    Switch{"--postfix", "DIR",
           "examine the Postfix with this configuration directory; may be repeated",
           /*repeatable=*/true},
    Switch{"--sendmail", "FILE", "examine the Sendmail with this sendmail.cf"},
    Switch{"--strict", "", "exit with status 1 on warnings, too"},
    Switch{"--lines", "", "only print the lines that connect a mail server to mxward"}};

constexpr std::array kProbeSwitches = {
    Switch{"--client", "ADDRESS", "the client's address"},
    Switch{"--name", "NAME", "its verified reverse name (default: none)"},
    Switch{"--helo", "NAME", "its HELO name (default: the reverse name, or the address)"},
    Switch{"--from", "ADDRESS", "the sender; <> is the null sender"},
    Switch{"--to", "ADDRESS", "a recipient; may be repeated", /*repeatable=*/true},
    Switch{"--user", "NAME", "authenticate as this user first"},
    Switch{"--listen", "ADDRESS", "query the milter at this address instead of the configured one"},
    Switch{"--wait", "", "if deferred, wait for the delay and try once more"}};

constexpr std::array kExplainSwitches = {
    Switch{"--client", "ADDRESS", "the client's address"},
    Switch{"--name", "NAME", "its reverse name, as the mail server verified it"},
    Switch{"--name-class", "CLASS",
           "the mail server's result for the name: good (default with --name), none, forged or "
           "tempfail",
           /*repeatable=*/false, "good none forged tempfail"},
    Switch{"--helo", "NAME", "what it says in HELO"},
    Switch{"--no-tls", "", "the message comes without TLS"},
    Switch{"--from", "ADDRESS", "the sender (default: <>, the null sender)"},
    Switch{"--to", "ADDRESS", "the recipient"},
    Switch{"--user", "NAME", "authenticated as this user"}};

constexpr std::array kDnsblTestArguments = {Argument{"NAME", "only this list", /*needed=*/false}};
constexpr std::array kDnsblCheckArguments = {
    Argument{"WHAT", "a client's address, a host name, or a mail address for its domain"}};
constexpr std::array kDnsblCheckSwitches = {
    Switch{"--sender", "ADDRESS", "look up this sender's domain as well"},
    Switch{"--fresh", "", "bypass the cache"}};

constexpr std::array kSpfCheckSwitches = {
    Switch{"--client", "ADDRESS", "the client's address"},
    Switch{"--from", "ADDRESS", "the sender; of the null sender HELO is judged"},
    Switch{"--helo", "NAME", "the name given in HELO or EHLO"},
    Switch{"--fresh", "", "bypass the cache"}};
constexpr std::array kSpfShowArguments = {Argument{"DOMAIN", "whose SPF record to show"}};
constexpr std::array kSpfShowSwitches = {Switch{"--fresh", "", "bypass the cache"}};

constexpr std::array kReplayArguments = {
    Argument{"FILE", "a log of Postfix or Sendmail, plain or compressed; \"-\" is standard input",
             /*needed=*/false, /*repeatable=*/true}};
constexpr std::array kReplaySwitches = {
    Switch{"--retry", "TIME", "when a deferred sender is assumed to try again (default: 5m)"},
    Switch{"--journal", "", "read the systemd journal, by journalctl"},
    Switch{"--since", "TIME", "of the journal: from this time on, as journalctl takes it"},
    Switch{"--until", "TIME", "of the journal: up to this time"},
    Switch{"--set", "OPTION=VALUE",
           "compare with a changed option, such as score.tls_none=0; may be repeated",
           /*repeatable=*/true},
    Switch{"--dns", "", "query the DNS: DNS lists, SPF and sender domains, as they are now"},
    Switch{"--year", "YEAR", "year of the first line, if lines have none (default: from the file)"},
    Switch{"--limit", "N", "show at most N senders; 0 shows all (default: 10)"}};

constexpr std::array kCompletionArguments = {
    Argument{"SHELL", "bash, zsh or fish", /*needed=*/true, /*repeatable=*/false, "bash zsh fish"}};

constexpr std::array kCommonSwitches = {
    Switch{"--config", "FILE", "the daemon's configuration"},
    Switch{"--socket", "PATH", "the control socket, instead of the configured one"},
    Switch{"--format", "FORMAT", "table, json or tsv", /*repeatable=*/false, "table json tsv"},
    Switch{"--color", "WHEN", "auto, always or never", /*repeatable=*/false, "auto always never"},
    Switch{"--no-header", "", "omit the header line in tables and TSV"}};

constexpr std::array kFamilies = {
    Family{"evidence", "findings that an upgrade brought: whether they count"},
    Family{"dnsbl", "the DNS lists: their health, and what they answer"},
    Family{"spf", "SPF records: what they say of a client, and what they cost"}};

constexpr std::array kCommands = {
    Command{"status", "state of the daemon and its database", kNoArguments, kNoSwitches,
            &RunStatus},
    Command{"stats", "counts of decisions by reason since the daemon started", kNoArguments,
            kNoSwitches, &RunStats},
    Command{"top", "live view of current activity (q quits)", kNoArguments, kTopSwitches, &RunTop},
    Command{"watch", "decisions as they are made (Ctrl-C quits)", kNoArguments, kWatchSwitches,
            &RunWatch},
    Command{"report", "summary of deferred mail and of what each check did", kNoArguments,
            kReportSwitches, &RunReport},
    Command{"list", "the greylist", kNoArguments, kListSwitches, &RunList},
    Command{"pending", "deferred tuples whose sender has not retried yet", kNoArguments,
            kPendingSwitches, &RunPending},
    Command{"show", "everything stored about a client, address or domain", kShowArguments,
            kNoSwitches, &RunShow},
    Command{"clients", "the history of clients", kClientsArguments, kClientsSwitches, &RunClients},
    Command{"clients top", "clients with the most connections", kNoArguments, kClientsTopSwitches,
            &RunClientsTop},
    Command{"rules", "the rules, and how often each matched", kNoArguments, kRulesSwitches,
            &RunRules},
    Command{"limits", "keys that are near or over a limit", kNoArguments, kLimitsSwitches,
            &RunLimits},
    Command{"limits reset", "reset counters for a key", kResetArguments, kResetSwitches,
            &RunLimitsReset},
    Command{"entries", "the allow and block entries", kNoArguments, kEntriesSwitches, &RunEntries},
    Command{"allow", "add an allow entry", kEntryArguments, kAllowSwitches, &RunAllow},
    Command{"block", "add a block entry", kEntryArguments, kBlockSwitches, &RunBlock},
    Command{"forget", "delete an entry and everything stored about its key", kEntryArguments,
            kForgetSwitches, &RunForget},
    Command{"explain", "show what would be decided about a message, and why; changes nothing",
            kNoArguments, kExplainSwitches, &RunExplain},
    Command{"evidence enable", "let findings count that an older version did not have",
            kNoArguments, kNoSwitches, &RunEvidenceEnable},
    Command{"dnsbl list", "the DNS lists and their health", kNoArguments, kNoSwitches,
            &RunDnsblList},
    Command{"dnsbl test", "query the test points of every list", kDnsblTestArguments, kNoSwitches,
            &RunDnsblTest},
    Command{"dnsbl check", "look up an address or name in every list", kDnsblCheckArguments,
            kDnsblCheckSwitches, &RunDnsblCheck},
    Command{"spf check", "evaluate a sender's SPF record for a client, step by step", kNoArguments,
            kSpfCheckSwitches, &RunSpfCheck},
    Command{"spf show", "a domain's SPF record with all that it leads to", kSpfShowArguments,
            kSpfShowSwitches, &RunSpfShow},
    Command{"export", "everything stored, as lines of JSON", kNoArguments, kExportSwitches,
            &RunExport},
    Command{"import", "import an mxward export or another greylister's data", kImportArguments,
            kImportSwitches, &RunImport},
    Command{"pause", "stop enforcing for a while; without options, show state", kNoArguments,
            kPauseSwitches, &RunPause},
    Command{"reload", "make the daemon reload its configuration", kNoArguments, kNoSwitches,
            &RunReload},
    Command{"check-config", "check a configuration file for errors", kCheckConfigArguments,
            kNoSwitches, &RunCheckConfig},
    Command{"dump-config", "the configuration, with all defaults", kNoArguments,
            kDumpConfigSwitches, &RunDumpConfig},
    Command{"doctor", "diagnose the setup and suggest fixes", kNoArguments, kDoctorSwitches,
            &RunDoctor},
    Command{"probe", "query the running milter as a mail server would", kNoArguments,
            kProbeSwitches, &RunProbe},
    Command{"replay", "run the mail of a log through a configuration", kReplayArguments,
            kReplaySwitches, &RunReplay},
    Command{"completion", "print a shell completion script", kCompletionArguments, kNoSwitches,
            &RunCompletion},
    Command{"version", "the version of this program", kNoArguments, kNoSwitches, &RunVersion}};

}  // namespace

std::span<const Command> Commands() { return kCommands; }
std::span<const Family> Families() { return kFamilies; }
std::span<const Switch> CommonSwitches() { return kCommonSwitches; }

}  // namespace mxward::cli
