// SPDX-License-Identifier: Apache-2.0
// postgrey's databases, as db_dump(1) prints them.
//
//   postgrey.db          NETWORK/SENDER/RECIPIENT   FIRST,LAST[,HOST]
//   postgrey_clients.db  ADDRESS                    COUNT,LAST
//
// Times are seconds since 1970. NETWORK is the first address of the client's network; with
// --lookup-by-host it is ADDRESS/32 or ADDRESS/128. A tuple has passed when LAST is the delay
// behind FIRST. With --privacy keys are SHA-1 in hexadecimal.
#include <algorithm>
#include <cctype>

#include "cli/import/db_dump.h"
#include "cli/import/format.h"

namespace mxward::cli {
namespace {

constexpr Seconds kPostgreyDelay{300};
// Its --auto-whitelist-clients.
constexpr std::uint32_t kAllowedFrom = 5;

bool IsSha1(std::string_view text) {
  return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The network that an address without a length stands for: postgrey cuts after 24 and 64 bits, if
// not set otherwise. Addresses with further bits were kept whole.
Prefix NetworkOf(const IpAddress& address) {
  const Prefix network(address, address.is_v4() ? 24 : 64);
  return network.address() == address ? network : Prefix(address, address.bits());
}

struct Addresses {
  std::string_view sender;
  std::string_view recipient;
};

// SENDER/RECIPIENT. Both may hold slashes in front of their @; a domain has none.
std::optional<Addresses> SplitAddresses(std::string_view text) {
  const std::size_t at = text.find('@');
  const std::size_t slash = text.find('/', at == std::string_view::npos ? 0 : at);
  if (slash != std::string_view::npos && slash + 1 < text.size()) {
    return Addresses{text.substr(0, slash), text.substr(slash + 1)};
  }
  // The null sender.
  if (text.size() > 1 && text.front() == '/') return Addresses{"", text.substr(1)};
  return std::nullopt;
}

class PostgreyReader : public ImportReader {
 public:
  explicit PostgreyReader(const ImportTerms& terms)
      : delay_(terms.delay.value_or(kPostgreyDelay)) {}

  void Read(std::string_view line, const ImportSink& sink) override {
    dump_.Read(
        line, [&](const std::string& key, const std::string& value) { sink(ReadPair(key, value)); },
        [&](std::string why) { sink(Garbage(std::move(why))); });
  }

  std::string Finish() override {
    return dump_.complete() ? "" : "the dump ends before its DATA=END: it is truncated";
  }

 private:
  Imported ReadPair(std::string_view key, std::string_view value) const {
    const std::size_t comma = value.find(',');
    if (comma == std::string_view::npos) return Garbage("a value without a comma");
    const std::string_view first = value.substr(0, comma);
    // Early versions wrote the client's host behind it.
    const std::string_view last = value.substr(comma + 1, value.find(',', comma + 1) - comma - 1);
    if (IsSha1(key)) return LeftOut("hashed by postgrey (--privacy)");
    return key.find('/') == std::string_view::npos ? ReadClient(key, first, last)
                                                   : ReadTuple(key, first, last);
  }

  static Imported ReadClient(std::string_view key, std::string_view count_text,
                             std::string_view last_text) {
    const auto client = IpAddress::Parse(key);
    const auto count = ParseCount(count_text);
    const auto last = ParseEpoch(last_text);
    if (!client) return Garbage("the key is not an address");
    if (!count || !last) return Garbage("the value is not a count and a time");
    return AutoAllowedClient(*client, *count >= kAllowedFrom, *count, *last);
  }

  Imported ReadTuple(std::string_view key, std::string_view first_text,
                     std::string_view last_text) const {
    const std::size_t slash = key.find('/');
    const auto address = IpAddress::Parse(key.substr(0, slash));
    if (!address) return Garbage("the key does not begin with an address");
    std::string_view rest = key.substr(slash + 1);
    ImportedTuple tuple;
    tuple.client = NetworkOf(*address);
    const std::string_view length = rest.substr(0, rest.find('/'));
    if (length == std::to_string(address->bits()) && rest.size() > length.size()) {
      tuple.client = Prefix(*address, address->bits());
      rest.remove_prefix(length.size() + 1);
    }
    const auto addresses = SplitAddresses(rest);
    if (!addresses) return Garbage("the key has no sender and recipient");
    const auto first = ParseEpoch(first_text);
    const auto last = ParseEpoch(last_text);
    if (!first || !last) return Garbage("the value is not two times");
    tuple.sender = addresses->sender;
    tuple.recipient = addresses->recipient;
    tuple.first_seen = *first;
    tuple.last_seen = *last;
    tuple.tries = *last > *first ? 2 : 1;
    return *last - *first >= delay_ ? PassedTuple(tuple) : PendingTuple(tuple);
  }

  Seconds delay_;
  DbDump dump_;
};

}  // namespace

bool LooksLikePostgrey(std::string_view line) {
  return line.starts_with("VERSION=") && IsNumber(line.substr(8));
}

std::unique_ptr<ImportReader> NewPostgreyReader(const ImportTerms& terms) {
  return std::make_unique<PostgreyReader>(terms);
}

}  // namespace mxward::cli
