// SPDX-License-Identifier: Apache-2.0
// What spamdb(8) of OpenBSD prints; and greydb of greyd, which prints the same.
//
//   GREY|ADDRESS|HELO|FROM|TO|FIRST|PASS|EXPIRE|BLOCKED|PASSED    (before OpenBSD 4.1 without HELO)
//   WHITE|ADDRESS|||FIRST|PASS|EXPIRE|BLOCKED|PASSED
//   TRAPPED|ADDRESS|EXPIRE
//   SPAMTRAP|RECIPIENT
//
// Times are seconds since 1970. Senders and recipients are in angle brackets.
#include <algorithm>
#include <vector>

#include "base/mail_address.h"
#include "base/text.h"
#include "cli/import/format.h"

namespace mxward::cli {
namespace {

// spamd's WHITEEXP: an entry ends so long after its last connection.
constexpr Seconds kWhiteLifetime{36 * 86400};

std::vector<std::string_view> FieldsOf(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const std::size_t bar = line.find('|');
    fields.push_back(line.substr(0, bar));
    if (bar == std::string_view::npos || fields.size() > 16) return fields;
    line.remove_prefix(bar + 1);
  }
}

// A '|' in an address gives further fields: all between are the two addresses, and which part
// belongs to which nobody can tell.
Imported ReadGrey(const std::vector<std::string_view>& fields, WallTime now) {
  const std::size_t count = fields.size();
  if (count != 10 && count != 9) return Garbage("a GREY line has ten fields, or nine");
  const auto client = IpAddress::Parse(fields[1]);
  const auto first = ParseEpoch(fields[count - 5]);
  const auto expires = ParseEpoch(fields[count - 3]);
  const auto blocked = ParseCount(fields[count - 2]);
  if (!client) return Garbage("the second field is not an address");
  if (!first || !expires || !blocked) return Garbage("times or counts are invalid");
  if (*expires <= now) return {Imported::Kind::kExpired, ""};
  ImportedTuple tuple;
  tuple.client = Prefix(*client, client->bits());
  tuple.sender = StripAngles(fields[count - 7]);
  tuple.recipient = StripAngles(fields[count - 6]);
  tuple.first_seen = tuple.last_seen = *first;
  tuple.tries = *blocked;
  return PendingTuple(tuple);
}

Imported ReadWhite(const std::vector<std::string_view>& fields, WallTime now) {
  if (fields.size() != 9) return Garbage("a WHITE line has nine fields");
  const auto client = IpAddress::Parse(fields[1]);
  const auto passed_at = ParseEpoch(fields[5]);
  const auto expires = ParseEpoch(fields[6]);
  const auto passed = ParseCount(fields[8]);
  if (!client) return Garbage("the second field is not an address");
  if (!passed_at || !expires || !passed) return Garbage("times or counts are invalid");
  if (*expires <= now) return {Imported::Kind::kExpired, ""};
  const WallTime used = std::max(*passed_at, std::min(*expires - kWhiteLifetime, now));
  return AutoAllowedClient(*client, /*allowed=*/true, std::max<std::uint32_t>(*passed, 1), used);
}

Imported ReadTrapped(const std::vector<std::string_view>& fields, WallTime now) {
  if (fields.size() != 3) return Garbage("a TRAPPED line has three fields");
  const auto client = IpAddress::Parse(fields[1]);
  const auto expires = ParseEpoch(fields[2]);
  if (!client) return Garbage("the second field is not an address");
  if (!expires) return Garbage("the third field is not a time");
  if (*expires <= now) return {Imported::Kind::kExpired, ""};
  return EntryLine("block", "client", client->ToString(), "trapped by spamd", now, *expires);
}

class SpamdbReader : public ImportReader {
 public:
  explicit SpamdbReader(WallTime now) : now_(now) {}

  void Read(std::string_view line, const ImportSink& sink) override {
    line = Trim(line);
    if (line.empty()) return;
    const auto fields = FieldsOf(line);
    if (fields[0] == "GREY") {
      sink(ReadGrey(fields, now_));
    } else if (fields[0] == "WHITE") {
      sink(ReadWhite(fields, now_));
    } else if (fields[0] == "TRAPPED") {
      sink(ReadTrapped(fields, now_));
    } else if (fields[0] == "SPAMTRAP" || fields[0] == "DOMAIN") {
      sink(LeftOut("spam traps"));
    } else {
      sink(Garbage("does not begin with GREY, WHITE, TRAPPED or SPAMTRAP"));
    }
  }

 private:
  WallTime now_;
};

}  // namespace

bool LooksLikeSpamdb(std::string_view line) {
  return line.starts_with("GREY|") || line.starts_with("WHITE|") || line.starts_with("TRAPPED|") ||
         line.starts_with("SPAMTRAP|");
}

std::unique_ptr<ImportReader> NewSpamdbReader(const ImportTerms& terms) {
  return std::make_unique<SpamdbReader>(terms.now);
}

}  // namespace mxward::cli
