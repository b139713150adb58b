// SPDX-License-Identifier: Apache-2.0
#include "cli/import/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/text.h"
#include "base/units.h"
#include "control/transfer.h"

namespace mxward::cli {
namespace {

constexpr std::array kFormats = {
    ImportFormat{"mxward", &LooksLikeMxward, &NewMxwardReader},
    ImportFormat{"postgrey", &LooksLikePostgrey, &NewPostgreyReader},
    ImportFormat{"milter-greylist", &LooksLikeMilterGreylist, &NewMilterGreylistReader},
    ImportFormat{"spamdb", &LooksLikeSpamdb, &NewSpamdbReader},
    ImportFormat{"sqlgrey", &LooksLikeSqlgrey, &NewSqlgreyReader}};

constexpr std::uint32_t kMaxCount = std::numeric_limits<std::uint16_t>::max();

std::optional<std::uint32_t> ParseNumber(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Imported TupleLine(std::string_view state, const ImportedTuple& tuple) {
  constexpr std::size_t kMax = control::TransferTuple::kMaxAddress;
  if (tuple.sender.size() > kMax || tuple.recipient.size() > kMax) {
    return Garbage("an address of more than " + std::to_string(kMax) + " bytes");
  }
  if (tuple.recipient.empty()) return Garbage("no recipient");
  if (tuple.first_seen > tuple.last_seen) return Garbage("first seen later than last seen");
  Json line;
  line.Set("type", "tuple").Set("state", state).Set("client", tuple.client.ToString());
  control::SetTransferText(line, "sender", tuple.sender);
  control::SetTransferText(line, "recipient", tuple.recipient);
  line.Set("first_seen", FormatTime(tuple.first_seen));
  line.Set("last_seen", FormatTime(tuple.last_seen));
  line.Set("tries", std::min(tuple.tries, kMaxCount));
  return {Imported::Kind::kRecord, line.Dump()};
}

}  // namespace

std::span<const ImportFormat> ImportFormats() { return kFormats; }

std::optional<WallTime> ParseEpoch(std::string_view text) {
  const auto number = ParseNumber(text);
  if (!number || *number == 0) return std::nullopt;
  return WallTime(Seconds(*number));
}

std::optional<std::uint32_t> ParseCount(std::string_view text) { return ParseNumber(text); }

Imported PendingTuple(const ImportedTuple& tuple) { return TupleLine("pending", tuple); }

Imported PassedTuple(const ImportedTuple& tuple) { return TupleLine("passed", tuple); }

Imported AutoAllowedClient(const IpAddress& client, bool allowed, std::uint32_t passed,
                           WallTime last_used) {
  Json line;
  line.Set("type", "earned");
  line.Set("identity", "client:" + Prefix(client, client.is_v4() ? 32 : 64).ToString());
  line.Set("allowed", allowed).Set("passed", std::min(passed, kMaxCount));
  line.Set("counted_at", FormatTime(last_used)).Set("last_used", FormatTime(last_used));
  return {Imported::Kind::kRecord, line.Dump()};
}

Imported EntryLine(std::string_view action, std::string_view kind, std::string_view key,
                   std::string_view note, WallTime updated, std::optional<WallTime> expires) {
  Json line;
  line.Set("type", "entry").Set("kind", kind);
  control::SetTransferText(line, "key", key);
  line.Set("action", action).Set("note", note);
  line.Set("created", FormatTime(updated)).Set("updated", FormatTime(updated));
  if (expires) line.Set("expires", FormatTime(*expires));
  return {Imported::Kind::kRecord, line.Dump()};
}

}  // namespace mxward::cli
