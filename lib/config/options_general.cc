// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "config/checks.h"
#include "config/kinds.h"
#include "config/options.h"
#include "config/value_text.h"

namespace mxward {
namespace {

constexpr std::string_view kFileMode = "a file mode of octal digits in quotes";

// "0660"
Result<std::uint32_t> ParseFileMode(std::string_view text) {
  const bool octal = std::all_of(text.begin(), text.end(),
                                 [](char digit) { return digit >= '0' && digit <= '7'; });
  if (!octal || (text.size() != 3 && (text.size() != 4 || text.front() != '0'))) {
    return Bad(
        fmt::format("needs {}, such as \"0660\"; found the text {}", kFileMode, Quoted(text)));
  }
  std::uint32_t mode = 0;
  for (const char digit : text) mode = mode * 8 + static_cast<std::uint32_t>(digit - '0');
  return mode;
}

SlotPtr<Config> FileMode(Member<Config, std::uint32_t> at) {
  return Bind(at, TextKind<std::uint32_t>{
                      .parse = ParseFileMode,
                      .text = [](const std::uint32_t& mode) { return fmt::format("{:04o}", mode); },
                      .what = kFileMode});
}

struct CertificatesKind {
  static std::optional<std::vector<TrustedCertificate>> Read(const TomlValue& value,
                                                             FieldReader& reader) {
    if (value.kind != TomlValue::Kind::kArray) {
      reader.WrongType(value);
      return std::nullopt;
    }
    std::vector<TrustedCertificate> out;
    for (const TomlValue& item : value.items) {
      if (item.kind != TomlValue::Kind::kTable) {
        reader.WrongItem(value, item);
      } else {
        out.push_back(ReadOne(item, reader));
      }
    }
    if (reader.failed()) return std::nullopt;
    return out;
  }
  static OptionText Write(const std::vector<TrustedCertificate>& value) {
    std::vector<std::string> out;
    out.reserve(value.size());
    for (const TrustedCertificate& item : value) {
      out.push_back(fmt::format("{{ subject = {}, issuer = {} }}", TomlQuote(item.subject),
                                TomlQuote(item.issuer)));
    }
    return OptionText::List(std::move(out));
  }
  static std::string Describe() { return "a list of tables with subject and issuer"; }

 private:
  static TrustedCertificate ReadOne(const TomlValue& table, FieldReader& reader) {
    TrustedCertificate out;
    const std::vector<std::string_view> keys = {"subject", "issuer"};
    for (const TomlEntry& entry : table.entries) {
      const bool subject = entry.key == "subject";
      if (!subject && entry.key != "issuer") {
        reader.Problem(entry.place,
                       fmt::format("a certificate has \"subject\" and \"issuer\", no {}{}",
                                   Quoted(entry.key), DidYouMean(entry.key, keys)));
      } else if (entry.value.kind != TomlValue::Kind::kString || entry.value.text.empty()) {
        reader.Problem(entry.value.place, fmt::format("{} needs a text that is not empty; found {}",
                                                      entry.key, Found(entry.value)));
      } else {
        (subject ? out.subject : out.issuer) = entry.value.text;
      }
    }
    for (const std::string_view key : keys) {
      const bool there = std::any_of(table.entries.begin(), table.entries.end(),
                                     [&](const TomlEntry& entry) { return entry.key == key; });
      if (!there) {
        reader.Problem(table.place, fmt::format("a certificate needs its {} as well", key));
      }
    }
    return out;
  }
};

std::span<const Option> TopRows() {
  static const Option rows[] = {
      {.section = "",
       .key = "mode",
       .kind = Word(At<&Config::mode>()),
       .default_value = "enforce",
       .description =
           "What is done with a verdict. \"enforce\" sends it to the MTA. \"observe\" does "
           "everything else but lets all mail pass; the log and the statistics show what would "
           "have happened. A busy site may want to observe for a week first. To let everything "
           "pass for an hour, use mxwardctl pause, which ends automatically."},
      {.section = "",
       .key = "on_failure",
       .kind = Word(At<&Config::on_failure>()),
       .default_value = "accept",
       .description = "What a client gets when mxward itself fails: the disk is full, the store "
                      "does not respond in time, or there is a software error. \"accept\" lets the "
                      "mail pass unjudged. \"tempfail\" defers the mail until the failure is over; "
                      "it is not lost, but nothing arrives in the meantime. What happens when "
                      "mxward does not run at all is configured in the MTA."},
      {.section = "",
       .key = "add_header",
       .kind = Flag(At<&Config::add_header>()),
       .default_value = false,
       .description = "Adds a header to accepted mail that says how long greylisting has delayed "
                      "it, and why it passed: \"X-Greylist: delayed 302 seconds by mxward at "
                      "mx.example.net (greylist-passed); Fri, 27 Nov 2026 02:00:00 +0000\", or "
                      "\"not delayed by ...\". With several recipients, the longest delay is "
                      "given. Mail from trusted clients and authenticated users gets no header. "
                      "Applies to connections that the MTA opens after the reload."},
      {.section = "",
       .key = "user",
       .kind = Text(At<&Config::user>(), CheckAccount),
       .default_value = "",
       .applies = Applies::kOnRestart,
       .description = "The user to switch to when mxward is started as root, after its sockets "
                      "have been created. Empty keeps the current user, which is right where "
                      "systemd starts mxward as its own user.",
       .example = R"("mxward")"},
      {.section = "",
       .key = "group",
       .kind = Text(At<&Config::group>(), CheckAccount),
       .default_value = "",
       .applies = Applies::kOnRestart,
       .description =
           "The group to switch to together with user. Empty means the first group of that user.",
       .example = R"("mxward")"},
  };
  return rows;
}

std::span<const Option> MilterRows() {
  static const Option rows[] = {
      {.section = "milter",
       .key = "listen",
       .kind = Text(At<&Config::milter, &MilterConfig::listen>(), CheckListen),
       .default_value = "auto",
       .applies = Applies::kOnRestart,
       .description =
           "The socket for the MTA. \"auto\" is mxward/milter.sock in Postfix's queue directory if "
           "that has a directory mxward (a chrooted Postfix cannot reach other places), else "
           "/run/mxward/milter.sock. \"unix:/path\" names a socket. \"inet:port@host\", or in "
           "Postfix's order \"inet:host:port\", and the same with inet6, listen on TCP: any "
           "program that can reach the port can then use mxward. \"fd:3\" is a socket opened by "
           "systemd; not every libmilter supports it."},
      {.section = "milter",
       .key = "socket_mode",
       .kind = FileMode(At<&Config::milter, &MilterConfig::socket_mode>()),
       .default_value = "0660",
       .applies = Applies::kOnRestart,
       .description = "The permissions of a unix socket. The MTA needs read and write permission. "
                      "With 0666 any local user can impersonate the MTA."},
      {.section = "milter",
       .key = "socket_group",
       .kind = Text(At<&Config::milter, &MilterConfig::socket_group>(), CheckAccount),
       .default_value = "",
       .applies = Applies::kOnRestart,
       .description = "The group of a unix socket, so that the MTA may connect. Empty leaves the "
                      "default: in a directory with the setgid bit, the group of the directory.",
       .example = R"("postfix")"},
      {.section = "milter",
       .key = "max_sessions",
       .kind = Integer(At<&Config::milter, &MilterConfig::max_sessions>(), 1, 1000000),
       .default_value = 10000,
       .description =
           "How many SMTP sessions mxward checks at the same time; further ones pass unchecked and "
           "are counted. Each takes a file descriptor, so the limit of open files must be higher."},
  };
  return rows;
}

constexpr FlagWord<Config> kNetworkWords[] = {
    {"loopback", At<&Config::trust, &TrustConfig::loopback>()},
    {"self", At<&Config::trust, &TrustConfig::self>()},
};
constexpr std::string_view kTrustedNetworks[] = {"loopback", "self"};

std::span<const Option> TrustRows() {
  static const Option rows[] = {
      {.section = "trust",
       .key = "networks",
       .kind = PrefixList<kNetworkWords>(
           AtWithFlags<kNetworkWords, &Config::trust, &TrustConfig::networks>()),
       .default_value = std::span<const std::string_view>(kTrustedNetworks),
       .description = "Clients that are never checked: your own networks. Addresses and prefixes "
                      "such as \"10.0.0.0/8\" or \"2001:db8::/32\", and two words: \"loopback\", "
                      "and \"self\" for the addresses of this machine, looked up when the file is "
                      "read. A list given here replaces the default, so keep the two words in it.",
       .example = R"(["loopback", "self", "10.0.0.0/8"])"},
      {.section = "trust",
       .key = "relays",
       .kind = PrefixList(At<&Config::trust, &TrustConfig::relays>()),
       .default_value = std::span<const std::string_view>(),
       .description = "Hosts that relay other people's mail to this server: a backup MX, a "
                      "gateway, a forwarder you run. Block entries for senders and recipients "
                      "apply to their mail, but the relay itself is not scored and its mail is not "
                      "greylisted: that would only fill its queue.",
       .example = R"(["192.0.2.25"])"},
      {.section = "trust",
       .key = "authenticated",
       .kind = Flag(At<&Config::trust, &TrustConfig::authenticated>()),
       .default_value = true,
       .description =
           "Whether authenticated clients (SMTP AUTH) are exempt from the score and from "
           "greylisting: their address and name only show where the user is at the moment."},
      {.section = "trust",
       .key = "certificates",
       .kind = Bind(At<&Config::trust, &TrustConfig::certificates>(), CertificatesKind()),
       .default_value = std::span<const std::string_view>(),
       .description =
           "TLS client certificates that are exempt from greylisting if the MTA has verified them: "
           "pairs of subject and issuer, both exactly as the MTA reports them. Anybody can get a "
           "certificate from a public authority, so both must match.",
       .example = R"([{ subject = "mail.example.org", issuer = "Example CA" }])"},
  };
  return rows;
}

constexpr std::string_view kExemptRecipients[] = {"postmaster", "abuse"};

std::span<const Option> ExemptRows() {
  static const Option rows[] = {
      {.section = "exempt",
       .key = "recipients",
       .kind = TextList(At<&Config::exempt_recipients>(), CheckRecipient, "addresses"),
       .default_value = std::span<const std::string_view>(kExemptRecipients),
       .description =
           "Recipients whose mail is neither rejected for its score nor greylisted; block entries "
           "apply to it. A local part such as \"abuse\" matches that address in every domain; a "
           "full address matches only itself. RFC 5321 requires postmaster to be reachable. A list "
           "given here replaces the default."},
  };
  return rows;
}

std::span<const Option> ReplyRows() {
  static const Option rows[] = {
      {.section = "reply",
       .key = "contact",
       .kind = Text(At<&Config::reply_contact>(), CheckContact),
       .default_value = "",
       .description = "Appended to every rejection (5xx), so that somebody who was blocked by "
                      "mistake can reach you in another way: a telephone number, a web page, an "
                      "address elsewhere. Printable ASCII, at most 100 characters.",
       .example = R"("https://example.org/postmaster")"},
      {.section = "reply",
       .key = "list_text",
       .kind = Flag(At<&Config::reply_list_text>()),
       .default_value = true,
       .description = "If true, a rejection because of a DNS list quotes the reason that the list "
                      "gives (its TXT record), usually a web page for delisting. It is only "
                      "queried in that case, and left out if it does not arrive in time."},
  };
  return rows;
}

}  // namespace

std::span<const Option> TopOptions() { return TopRows(); }
std::span<const Option> MilterOptions() { return MilterRows(); }
std::span<const Option> TrustOptions() { return TrustRows(); }
std::span<const Option> ExemptOptions() { return ExemptRows(); }
std::span<const Option> ReplyOptions() { return ReplyRows(); }

}  // namespace mxward
