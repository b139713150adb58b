// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "cli/commands/commands.h"

namespace mxward::cli {
namespace {

using ArgumentSpan = std::span<const Argument>;
using SwitchSpan = std::span<const Switch>;

constexpr ArgumentSpan kNoArguments;
constexpr SwitchSpan kNoSwitches;

constexpr Switch kClient = {"--client", "PREFIX", "only those of this address or prefix"};
constexpr Switch kSender = {"--sender", "PATTERN",
                            "only those from user@domain, *@domain, or domain and below"};
constexpr Switch kRecipient = {"--recipient", "PATTERN", "the same for recipients"};
constexpr Switch kOlderThan = {"--older-than", "TIME", "only those not seen for so long (36h, 5d)"};
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
    Switch{"--overdue", "", "only those that could have come back by now"},
    Switch{"--never", "", "instead those that never came back"},
    kClient,
    kSender,
    kRecipient,
    kOlderThan,
    kYoungerThan,
    kLimit};
constexpr std::string_view kKinds =
    "client client-name sender sender-domain recipient recipient-domain";
constexpr std::array kEntriesSwitches = {
    Switch{"--kind", "KIND", "only those about a client, client-name, sender, ...",
           /*repeatable=*/false, kKinds},
    Switch{"--action", "ACTION", "only allow, or only block", /*repeatable=*/false, "allow block"},
    kLimit};

constexpr std::array kWatchSwitches = {
    kClient,
    kSender,
    kRecipient,
    Switch{"--action", "ACTION", "only accept, defer or reject", /*repeatable=*/false,
           "accept defer reject"},
    Switch{"--reason", "REASON", "only those with this reason, as in the log"},
    Switch{"--limit", "N", "end after N decisions; 0 never ends (the default)"}};
constexpr std::array kTopSwitches = {
    Switch{"--every", "TIME", "look again after this time (default: 2s)"},
    Switch{"--once", "", "print one screen and end, as when the output is no terminal"}};

constexpr std::array kReportSwitches = {
    Switch{"--since", "TIME", "look back so long, by whole days (default: 7d; at most 35d)"},
    Switch{"--html", "FILE", "write a page for a browser to this file; - is the standard output"},
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
constexpr std::array kResetArguments = {Argument{"KEY", "whom it counts for, as limits shows it"}};
constexpr std::array kResetSwitches = {Switch{"--limit", "NAME", "only the limit of this name"}};

constexpr std::array kShowArguments = {
    Argument{"WHAT", "a key from list, a client's address or prefix, a mail address, a domain"}};

constexpr Argument kKind = {
    "KIND", "client, client-name, sender, sender-domain, recipient or recipient-domain",
    /*needed=*/true, /*repeatable=*/false, kKinds};
constexpr std::array kEntryArguments = {
    kKind,
    Argument{"KEY", "an address, prefix, name, mail address or domain; <> is the null sender"}};
constexpr Switch kFor = {"--for", "TIME", "end by itself after this time (30m, 12h, 30d)"};
constexpr Switch kNote = {"--note", "TEXT", "a remark, shown with the entry"};
constexpr std::array kAllowSwitches = {
    kFor, Switch{"--all", "", "sender, recipient: skip all checks, not just greylisting"}, kNote};
constexpr std::array kBlockSwitches = {kFor, kNote};
constexpr std::array kForgetSwitches = {
    Switch{"--entry-only", "", "remove the allow or block entry and nothing else"}};

constexpr std::array kExportSwitches = {
    Switch{"--output", "FILE", "write to this file, for its owner alone to read"},
    Switch{"--hash-key", "", "instead the key that addresses are hashed with; it is a secret"}};
constexpr std::array kImportArguments = {
    Argument{"FILE", "what export, or another greylister's tool, wrote; - is the standard input"}};
constexpr std::array kImportSwitches = {
    Switch{"--from", "FORMAT",
           "mxward, postgrey, milter-greylist, spamdb or sqlgrey (default: as it looks)",
           /*repeatable=*/false, "mxward postgrey milter-greylist spamdb sqlgrey"},
    Switch{"--delay", "TIME", "the other greylister's delay, where its records do not tell"},
    Switch{"--dry-run", "", "say what would be done, and do nothing"},
    Switch{"--progress", "", "show how it gets on, even when nobody watches"}};

constexpr std::array kPauseSwitches = {Switch{"--for", "TIME", "pause for so long (1h, 2d)"},
                                       Switch{"--end", "", "end the pause now"}};

constexpr std::array kCheckConfigArguments = {
    Argument{"FILE", "instead of the one given by --config", /*needed=*/false}};
constexpr std::array kDumpConfigSwitches = {
    Switch{"--changed", "", "only what differs from the defaults"},
    Switch{"--running", "", "what the daemon runs with, instead of what the file says"},
    Switch{"--sample", "", "a file with every option, commented out"},
    Switch{"--manual", "", "the list of options for mxward.toml(5), in mdoc"}};

constexpr std::array kDoctorSwitches = {
    Switch{"--only", "CHECK", "make only this check; may be given several times",
           /*repeatable=*/true},
    Switch{"--skip", "CHECK", "leave this check out; may be given several times",
           /*repeatable=*/true},
    Switch{"--postfix", "DIR", "look at the Postfix with this folder; may be given several times",
           /*repeatable=*/true},
    Switch{"--sendmail", "FILE", "look at the Sendmail with this sendmail.cf"},
    Switch{"--strict", "", "end with 1 for warnings, too"},
    Switch{"--lines", "", "only print what points a mail server here"}};

constexpr std::array kProbeSwitches = {
    Switch{"--client", "ADDRESS", "where the mail seems to come from"},
    Switch{"--name", "NAME", "its verified reverse name (default: it has none)"},
    Switch{"--helo", "NAME", "what it says in HELO (default: the name, or the address)"},
    Switch{"--from", "ADDRESS", "the sender; <> is the null sender"},
    Switch{"--to", "ADDRESS", "a recipient; may be given several times", /*repeatable=*/true},
    Switch{"--user", "NAME", "log in as this user first"},
    Switch{"--listen", "ADDRESS", "ask the milter there, instead of as configured"},
    Switch{"--wait", "", "when deferred, wait as told and try once more"}};

constexpr std::array kExplainSwitches = {
    Switch{"--client", "ADDRESS", "where the mail comes from"},
    Switch{"--name", "NAME", "its reverse name, as the mail server verified it"},
    Switch{"--name-class", "CLASS",
           "what the mail server made of the name: good (default with --name), none, forged or "
           "tempfail",
           /*repeatable=*/false, "good none forged tempfail"},
    Switch{"--helo", "NAME", "what it says in HELO"},
    Switch{"--from", "ADDRESS", "the sender (default: <>, the null sender)"},
    Switch{"--to", "ADDRESS", "the recipient"},
    Switch{"--user", "NAME", "it has logged in as this user"}};

constexpr std::array kDnsblTestArguments = {Argument{"NAME", "only this list", /*needed=*/false}};
constexpr std::array kDnsblCheckArguments = {
    Argument{"WHAT", "a client's address, a host name, or a mail address for its domain"}};
constexpr std::array kDnsblCheckSwitches = {
    Switch{"--sender", "ADDRESS", "ask about this sender's domain as well"},
    Switch{"--fresh", "", "ask again, whatever is remembered"}};

constexpr std::array kReplayArguments = {
    Argument{"FILE", "a log of Postfix or Sendmail, plain or gzip; \"-\" is the standard input",
             /*needed=*/true, /*repeatable=*/true}};
constexpr std::array kReplaySwitches = {
    Switch{"--retry", "TIME", "when a deferred sender is assumed to try again (default: 5m)"},
    Switch{"--dns", "", "ask the DNS: DNS lists and sender domains, as they are now"},
    Switch{"--year", "YEAR", "of the first line, where lines do not say (default: by the file)"},
    Switch{"--limit", "N", "show at most N senders; 0 shows all (default: 10)"}};

constexpr std::array kCompletionArguments = {
    Argument{"SHELL", "bash, zsh or fish", /*needed=*/true, /*repeatable=*/false, "bash zsh fish"}};

constexpr std::array kCommonSwitches = {
    Switch{"--config", "FILE", "the daemon's configuration"},
    Switch{"--socket", "PATH", "the control socket, instead of the configured one"},
    Switch{"--format", "FORMAT", "table, json or tsv", /*repeatable=*/false, "table json tsv"},
    Switch{"--color", "WHEN", "auto, always or never", /*repeatable=*/false, "auto always never"},
    Switch{"--no-header", "", "no line of titles in tables and tsv"}};

constexpr std::array kFamilies = {
    Family{"dnsbl", "the DNS lists: how they are doing, and what they say"}};

constexpr std::array kCommands = {
    Command{"status", "what runs, and how the database is doing", kNoArguments, kNoSwitches,
            &RunStatus},
    Command{"stats", "what was decided and why, since the start", kNoArguments, kNoSwitches,
            &RunStats},
    Command{"top", "what goes on just now, on a screen that follows it; q ends it", kNoArguments,
            kTopSwitches, &RunTop},
    Command{"watch", "the decisions as they are made; Ctrl-C ends it", kNoArguments, kWatchSwitches,
            &RunWatch},
    Command{"report", "what became of deferred mail, and what each check did", kNoArguments,
            kReportSwitches, &RunReport},
    Command{"list", "the greylist", kNoArguments, kListSwitches, &RunList},
    Command{"pending", "who has been deferred and has not come back", kNoArguments,
            kPendingSwitches, &RunPending},
    Command{"show", "everything that is known of a client, address or domain", kShowArguments,
            kNoSwitches, &RunShow},
    Command{"clients", "what clients did before", kClientsArguments, kClientsSwitches, &RunClients},
    Command{"clients top", "those with the most connections", kNoArguments, kClientsTopSwitches,
            &RunClientsTop},
    Command{"rules", "the rules, and how often each matched", kNoArguments, kRulesSwitches,
            &RunRules},
    Command{"limits", "who is near or over which limit", kNoArguments, kLimitsSwitches, &RunLimits},
    Command{"limits reset", "count anew for somebody", kResetArguments, kResetSwitches,
            &RunLimitsReset},
    Command{"entries", "the allow and block entries", kNoArguments, kEntriesSwitches, &RunEntries},
    Command{"allow", "let somebody in without greylisting", kEntryArguments, kAllowSwitches,
            &RunAllow},
    Command{"block", "reject somebody", kEntryArguments, kBlockSwitches, &RunBlock},
    Command{"forget", "remove an entry, and all that is stored about somebody", kEntryArguments,
            kForgetSwitches, &RunForget},
    Command{"explain", "what would be decided about a mail, and why; changes nothing", kNoArguments,
            kExplainSwitches, &RunExplain},
    Command{"dnsbl list", "the DNS lists, and how they are doing", kNoArguments, kNoSwitches,
            &RunDnsblList},
    Command{"dnsbl test", "ask the test points of every list", kDnsblTestArguments, kNoSwitches,
            &RunDnsblTest},
    Command{"dnsbl check", "what every list says of somebody", kDnsblCheckArguments,
            kDnsblCheckSwitches, &RunDnsblCheck},
    Command{"export", "all that is kept, as lines of JSON", kNoArguments, kExportSwitches,
            &RunExport},
    Command{"import", "take in an export, or what another greylister knows", kImportArguments,
            kImportSwitches, &RunImport},
    Command{"pause", "defer and reject nobody for a while; alone: say if that is so", kNoArguments,
            kPauseSwitches, &RunPause},
    Command{"reload", "make the daemon read its configuration again", kNoArguments, kNoSwitches,
            &RunReload},
    Command{"check-config", "look for mistakes in a configuration", kCheckConfigArguments,
            kNoSwitches, &RunCheckConfig},
    Command{"dump-config", "the configuration, with all defaults", kNoArguments,
            kDumpConfigSwitches, &RunDumpConfig},
    Command{"doctor", "look for what is set up wrong, and say how to mend it", kNoArguments,
            kDoctorSwitches, &RunDoctor},
    Command{"probe", "ask the running milter as a mail server would", kNoArguments, kProbeSwitches,
            &RunProbe},
    Command{"replay", "what a configuration would have done with the mail of a log",
            kReplayArguments, kReplaySwitches, &RunReplay},
    Command{"completion", "what makes a shell complete mxwardctl's command line",
            kCompletionArguments, kNoSwitches, &RunCompletion},
    Command{"version", "the version of this program", kNoArguments, kNoSwitches, &RunVersion}};

}  // namespace

std::span<const Command> Commands() { return kCommands; }
std::span<const Family> Families() { return kFamilies; }
std::span<const Switch> CommonSwitches() { return kCommonSwitches; }

}  // namespace mxward::cli
