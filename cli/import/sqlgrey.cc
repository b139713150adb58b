// SPDX-License-Identifier: Apache-2.0
// sqlgrey's tables, in the forms that SqlDump reads.
//
//   connect        sender_name sender_domain src rcpt first_seen       waits
//   from_awl       sender_name sender_domain src first_seen last_seen  this sender passes from
//   there domain_awl     sender_domain src first_seen last_seen              all of its senders do
//   optout_domain  domain      optout_email  email                     whose mail is not greylisted
//   optin_domain   domain      optin_email   email                     whose mail alone is
//
// src is an address, or the first three numbers of an IPv4 one, or the first four groups of an IPv6
// one ("greymethod"). Times are seconds since 1970 (SQLite), or dates and times, read as UTC. A
// sender without name or domain is -undef-.
#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "cli/import/format.h"
#include "cli/import/sql_dump.h"

namespace mxward::cli {
namespace {

constexpr std::string_view kUndefined = "-undef-";

SqlDump::Tables TablesOf() {
  return {{"connect", {"sender_name", "sender_domain", "src", "rcpt", "first_seen"}},
          {"from_awl", {"sender_name", "sender_domain", "src", "first_seen", "last_seen"}},
          {"domain_awl", {"sender_domain", "src", "first_seen", "last_seen"}},
          {"optout_domain", {"domain"}},
          {"optout_email", {"email"}},
          {"optin_domain", {"domain"}},
          {"optin_email", {"email"}}};
}

const std::string& CellOf(const SqlDump::Row& row, std::string_view name) {
  static const std::string none;
  const auto found = row.find(name);
  return found == row.end() ? none : found->second;
}

// "2026-01-31 12:00:00", perhaps with a fraction behind it; or seconds since 1970.
std::optional<WallTime> TimeOfCell(std::string_view text) {
  constexpr std::size_t kSize = 19;
  if (text.size() < kSize || text[10] != ' ') return ParseEpoch(text);
  if (text.size() > kSize && text[kSize] != '.') return std::nullopt;
  std::string form(text.substr(0, kSize));
  form[10] = 'T';
  return ParseTime(form + "Z");
}

std::optional<Prefix> SourceOf(const std::string& text) {
  if (const auto address = IpAddress::Parse(text)) return Prefix(*address, address->bits());
  if (text.find(':') != std::string::npos) {
    const auto network = IpAddress::Parse(text + "::");
    if (network && std::count(text.begin(), text.end(), ':') == 3) return Prefix(*network, 64);
    return std::nullopt;
  }
  const auto network = IpAddress::Parse(text + ".0");
  return network ? std::optional(Prefix(*network, 24)) : std::nullopt;
}

std::string SenderOf(const SqlDump::Row& row) {
  const std::string& name = CellOf(row, "sender_name");
  const std::string& domain = CellOf(row, "sender_domain");
  if (domain == kUndefined) return name == kUndefined ? "" : name;
  return name + "@" + domain;
}

Imported ReadConnect(const SqlDump::Row& row) {
  const auto source = SourceOf(CellOf(row, "src"));
  const auto seen = TimeOfCell(CellOf(row, "first_seen"));
  if (!source) return Garbage("src is neither an address nor a network");
  if (!seen) return Garbage("first_seen is not a time");
  ImportedTuple tuple;
  tuple.client = *source;
  tuple.sender = SenderOf(row);
  tuple.recipient = CellOf(row, "rcpt");
  tuple.first_seen = tuple.last_seen = *seen;
  tuple.tries = 1;
  return PendingTuple(tuple);
}

// A client retried from this address. No client is accepted because of its network.
Imported ReadAutoWhite(const SqlDump::Row& row) {
  const auto source = SourceOf(CellOf(row, "src"));
  const auto seen = TimeOfCell(CellOf(row, "last_seen"));
  if (!source) return Garbage("src is neither an address nor a network");
  if (!seen) return Garbage("last_seen is not a time");
  if (source->length() < (source->address().is_v4() ? 32 : 64)) {
    return LeftOut("senders stored by the network they came from");
  }
  return AutoAllowedClient(source->address(), /*allowed=*/true, 1, *seen);
}

class SqlgreyReader : public ImportReader {
 public:
  explicit SqlgreyReader(WallTime now) : now_(now), dump_(TablesOf()) {}

  void Read(std::string_view line, const ImportSink& sink) override {
    dump_.Read(
        line, [&](const std::string& table, const SqlDump::Row& row) { sink(ReadRow(table, row)); },
        [&](std::string why) { sink(Garbage(std::move(why))); });
  }

  std::string Finish() override {
    return dump_.IsCutOff() ? "the file ends within a statement: it is truncated" : "";
  }

 private:
  Imported ReadRow(const std::string& table, const SqlDump::Row& row) const {
    if (table == "connect") return ReadConnect(row);
    if (table.ends_with("_awl")) return ReadAutoWhite(row);
    if (table.starts_with("optin_")) return LeftOut("recipients who chose to be greylisted");
    const bool domain = table == "optout_domain";
    return EntryLine("allow", domain ? "recipient-domain" : "recipient",
                     CellOf(row, domain ? "domain" : "email"), "opted out of sqlgrey", now_,
                     std::nullopt);
  }

  WallTime now_;
  SqlDump dump_;
};

}  // namespace

bool LooksLikeSqlgrey(std::string_view line) { return SqlDump(TablesOf()).Recognises(line); }

std::unique_ptr<ImportReader> NewSqlgreyReader(const ImportTerms& terms) {
  return std::make_unique<SqlgreyReader>(terms.now);
}

}  // namespace mxward::cli
