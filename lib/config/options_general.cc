// SPDX-License-Identifier: Apache-2.0
#include "config/checks.h"
#include "config/options_table.h"

namespace mxward {
namespace {

constexpr Word<Mode> kModeWords[] = {{"enforce", Mode::kEnforce}, {"observe", Mode::kObserve}};
constexpr Word<OnFailure> kOnFailureWords[] = {{"accept", OnFailure::kAccept},
                                               {"tempfail", OnFailure::kTempfail}};

constexpr Option kTop[] = {
    {.section = "",
     .key = "mode",
     .kind = Words<kModeWords, &Config::mode>(),
     .fallback = "enforce",
     .description =
         "What is done with a verdict. \"enforce\" answers it. \"observe\" does everything but "
         "answer: all mail passes, and the log and the statistics say what would have happened. A "
         "site with traffic may want to observe for a week first. To let everything pass for an "
         "hour there is mxwardctl pause, which ends by itself."},
    {.section = "",
     .key = "on_failure",
     .kind = Words<kOnFailureWords, &Config::on_failure>(),
     .fallback = "accept",
     .description =
         "What a client is told when mxward itself is in trouble: the disk is full, the store does "
         "not answer in time, a defect. \"accept\" lets the mail pass unjudged. \"tempfail\" asks "
         "the client to come back later, so that mail waits until the trouble is over; it is not "
         "lost, but nothing arrives in the meantime. What the MTA does when mxward does not run at "
         "all is set in the MTA."},
    {.section = "",
     .key = "add_header",
     .kind = FlagKind{At<&Config::add_header>()},
     .fallback = false,
     .description =
         "Adds a header to accepted mail that says how long greylisting has delayed it, and why it "
         "passed: \"X-Greylist: delayed 302 seconds by mxward at mx.example.net "
         "(greylist-passed); Fri, 27 Nov 2026 02:00:00 +0000\", or \"not delayed by ...\". Of "
         "several recipients the longest delay is told. Mail of trusted clients and of users that "
         "have logged in has none. Taken over by connections of the MTA that begin after the "
         "reload."},
    {.section = "",
     .key = "user",
     .kind = TextKind{At<&Config::user>(), CheckAccount},
     .fallback = "",
     .applies = Applies::kOnRestart,
     .description =
         "The user to become when mxward was started as root, after its sockets are made. Empty "
         "means to stay who one is, which is right where systemd starts mxward as its own user.",
     .example = R"("mxward")"},
    {.section = "",
     .key = "group",
     .kind = TextKind{At<&Config::group>(), CheckAccount},
     .fallback = "",
     .applies = Applies::kOnRestart,
     .description =
         "The group to become together with user. Empty means the first group of that user.",
     .example = R"("mxward")"},
};

constexpr Option kMilter[] = {
    {.section = "milter",
     .key = "listen",
     .kind = TextKind{At<&Config::milter, &MilterConfig::listen>(), CheckListen},
     .fallback = "auto",
     .applies = Applies::kOnRestart,
     .description =
         "Where the MTA finds mxward. \"auto\" is mxward/milter.sock below Postfix's queue "
         "directory where that directory has a folder mxward (a chrooted Postfix sees no other "
         "place), else /run/mxward/milter.sock. \"unix:/path\" names a socket. \"inet:port@host\", "
         "or in Postfix's order \"inet:host:port\", and the same with inet6, listen on TCP: any "
         "program that reaches the port can then speak to mxward. \"fd:3\" is a socket that "
         "systemd has opened; not every libmilter knows it."},
    {.section = "milter",
     .key = "socket_mode",
     .kind = FileModeKind{At<&Config::milter, &MilterConfig::socket_mode>()},
     .fallback = "0660",
     .applies = Applies::kOnRestart,
     .description =
         "The permissions of a unix socket. The MTA needs to read and to write. With 0666 any "
         "local user can pretend to be the MTA."},
    {.section = "milter",
     .key = "socket_group",
     .kind = TextKind{At<&Config::milter, &MilterConfig::socket_group>(), CheckAccount},
     .fallback = "",
     .applies = Applies::kOnRestart,
     .description =
         "The group of a unix socket, so that the MTA may connect. Empty leaves the group that the "
         "directory gives: in a directory with the setgid bit that is the group of the directory.",
     .example = R"("postfix")"},
    {.section = "milter",
     .key = "max_sessions",
     .kind = IntegerKind{At<&Config::milter, &MilterConfig::max_sessions>(), 1, 1000000},
     .fallback = 10000,
     .description =
         "How many SMTP sessions mxward judges at a time; further ones pass unjudged and are "
         "counted. Each takes a file descriptor, so the limit of open files must be higher."},
};

constexpr FlagWord kNetworkWords[] = {
    {"loopback", At<&Config::trust, &TrustConfig::loopback>()},
    {"self", At<&Config::trust, &TrustConfig::self>()},
};
constexpr std::string_view kTrustedNetworks[] = {"loopback", "self"};

constexpr Option kTrust[] = {
    {.section = "trust",
     .key = "networks",
     .kind = PrefixListKind{At<&Config::trust, &TrustConfig::networks>(), std::span(kNetworkWords)},
     .fallback = std::span<const std::string_view>(kTrustedNetworks),
     .description =
         "Clients that are never judged: your own networks. Addresses and prefixes such as "
         "\"10.0.0.0/8\" or \"2001:db8::/32\", and two words: \"loopback\", and \"self\" for the "
         "addresses of this machine, looked up when the file is read. A list given here replaces "
         "the default, so keep the two words in it.",
     .example = R"(["loopback", "self", "10.0.0.0/8"])"},
    {.section = "trust",
     .key = "relays",
     .kind = PrefixListKind{At<&Config::trust, &TrustConfig::relays>(), {}},
     .fallback = std::span<const std::string_view>(),
     .description =
         "Hosts that pass other people's mail on to us: a backup MX, a gateway, a forwarder you "
         "run. Blocks by sender and recipient apply to their mail, but nothing is held against "
         "the relay itself and nothing from it is greylisted: that would only fill its queue.",
     .example = R"(["192.0.2.25"])"},
    {.section = "trust",
     .key = "authenticated",
     .kind = FlagKind{At<&Config::trust, &TrustConfig::authenticated>()},
     .fallback = true,
     .description =
         "Whether a client that has logged in (SMTP AUTH) is spared from the score and from "
         "greylisting: its address and name say where the user is, not what he is."},
    {.section = "trust",
     .key = "certificates",
     .kind = CertificateListKind{At<&Config::trust, &TrustConfig::certificates>()},
     .fallback = std::span<const std::string_view>(),
     .description =
         "TLS client certificates that are spared from greylisting, when the MTA has verified "
         "them: pairs of subject and issuer, both exactly as the MTA reports them. A verified "
         "certificate of a public authority by itself means nobody in particular, so both must "
         "match.",
     .example = R"([{ subject = "mail.example.org", issuer = "Example CA" }])"},
};

constexpr std::string_view kExemptRecipients[] = {"postmaster", "abuse"};

constexpr Option kExempt[] = {
    {.section = "exempt",
     .key = "recipients",
     .kind = TextListKind{At<&Config::exempt_recipients>(), CheckRecipient, "addresses"},
     .fallback = std::span<const std::string_view>(kExemptRecipients),
     .description =
         "Recipients whose mail is neither rejected for its score nor greylisted; blocks apply to "
         "it. A local part such as \"abuse\" stands for that address in every domain; a whole "
         "address for itself. RFC 5321 "
         "wants postmaster to be reachable. A list given here replaces the default."},
};

constexpr Option kReply[] = {
    {.section = "reply",
     .key = "contact",
     .kind = TextKind{At<&Config::reply_contact>(), CheckContact},
     .fallback = "",
     .description =
         "Put behind every rejection (5xx), so that somebody who was blocked by mistake can reach "
         "you by another way: a telephone number, a web page, an address elsewhere. Printable "
         "ASCII, at most 100 characters.",
     .example = R"("https://example.org/postmaster")"},
    {.section = "reply",
     .key = "list_text",
     .kind = FlagKind{At<&Config::reply_list_text>()},
     .fallback = true,
     .description =
         "With true, a rejection because of a DNS list quotes what the list itself says of its "
         "listing (its TXT record), usually a web page where one can ask to be taken off. It is "
         "asked for only then, and left out when it does not come in time."},
};

}  // namespace

std::span<const Option> TopOptions() { return kTop; }
std::span<const Option> MilterOptions() { return kMilter; }
std::span<const Option> TrustOptions() { return kTrust; }
std::span<const Option> ExemptOptions() { return kExempt; }
std::span<const Option> ReplyOptions() { return kReply; }

}  // namespace mxward
