// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "base/client_network.h"
#include "base/text.h"
#include "base/units.h"
#include "control/items.h"
#include "control/transfer.h"

namespace mxward::control {
namespace {

using greylist::State;

// Reads the members of one line. What is wrong is kept, from the first mistake on; everything reads
// as nothing then: check once, at the end.
class Members {
 public:
  explicit Members(const Json& line) : line_(line) {}

  bool Has(std::string_view name) const { return !line_[name].is_null(); }

  bool Flag(std::string_view name) {
    const Json& value = line_[name];
    if (value.is_null()) return false;
    const std::string text = value.Dump();
    if (text != "true" && text != "false") Wrong(name, "must be true or false");
    return value.boolean();
  }

  template <class Number>
  void Count(std::string_view name, Number* count) {
    const Json& value = line_[name];
    if (value.is_null()) return;
    const std::string text = value.Dump();
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() ||
        number > std::numeric_limits<Number>::max()) {
      Wrong(name,
            "is not a number from 0 to " + std::to_string(std::numeric_limits<Number>::max()));
      return;
    }
    *count = static_cast<Number>(number);
  }

  // The epoch when there is none. Up to 2106, as far as records go.
  WallTime Time(std::string_view name) {
    const Json& value = line_[name];
    if (value.is_null()) return {};
    const auto time = ParseTime(value.text());
    if (!time || time->time_since_epoch().count() < 0 ||
        time->time_since_epoch().count() > std::numeric_limits<std::uint32_t>::max()) {
      Wrong(name, "is not a time like 2026-01-31T12:00:00Z");
      return {};
    }
    return *time;
  }

  // As it is, or from hexadecimal digits.
  std::string Text(const std::string& name, std::size_t max) {
    const Json& plain = line_[name];
    const Json& hex = line_[name + "_hex"];
    if (!plain.is_null() && !plain.is_text()) Wrong(name, "must be a string");
    std::string text = plain.text();
    if (!hex.is_null()) {
      const auto decoded = HexDecode(hex.text());
      if (!decoded || decoded->empty() || !plain.is_null())
        Wrong(name + "_hex", "is not hexadecimal text");
      text = decoded.value_or("");
    }
    if (text.size() > max) Wrong(name, "has more than " + std::to_string(max) + " bytes");
    return text;
  }

  // So many hexadecimal digits; nothing when there is no such member.
  std::optional<std::uint64_t> Hash(std::string_view name, std::size_t digits = 16) {
    const Json& value = line_[name];
    if (value.is_null()) return std::nullopt;
    std::uint64_t hash = 0;
    const std::string& text = value.text();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
    if (error != std::errc() || end != text.data() + text.size() || text.size() != digits) {
      Wrong(name, "must be " + std::to_string(digits) + " hexadecimal digits");
      return std::nullopt;
    }
    return hash;
  }

  std::optional<greylist::TupleKey> Key(std::string_view name) {
    const Json& value = line_[name];
    if (value.is_null()) return std::nullopt;
    const auto bytes = HexDecode(value.text());
    const auto key = bytes ? greylist::TupleKey::Decode(*bytes) : std::nullopt;
    if (!key) Wrong(name, "must be 32 hexadecimal digits");
    return key;
  }

  const std::vector<Json>& Items(std::string_view name) const { return line_[name].items(); }

  std::size_t Word(std::string_view name, std::span<const std::string_view> words) {
    const auto found = std::find(words.begin(), words.end(), line_[name].text());
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    std::string list;
    for (const std::string_view word : words) {
      list += (list.empty() ? "" : ", ") + std::string(word);
    }
    Wrong(name, "must be one of " + list);
    return 0;
  }
  template <class E>
  E Word(std::string_view name) {
    return kEnumWordsOf<E>[Word(name, kWordsOf<E>)].value;
  }

  // An address or a network.
  std::optional<Prefix> Client() {
    if (!Has("client")) return std::nullopt;
    auto prefix = Prefix::Parse(line_["client"].text());
    if (!prefix) {
      Wrong("client", prefix.error().message);
      return std::nullopt;
    }
    return *prefix;
  }

  void Wrong(std::string_view name, const std::string& why) {
    if (error_.empty()) error_ = std::string(name) + ": " + why;
  }
  // A slip in a name would lose what the member says.
  void Only(std::span<const std::string_view> names) {
    for (const JsonMember& member : line_.members()) {
      if (std::find(names.begin(), names.end(), member.name) == names.end()) {
        Wrong(EscapeForLog(member.name, 40), "is unknown here");
      }
    }
  }

  template <class Record>
  Result<TransferRecord> Take(Record record) {
    if (!error_.empty()) return Fail(ErrorCode::kInvalid, error_);
    return TransferRecord(std::move(record));
  }

 private:
  const Json& line_;
  std::string error_;
};

constexpr std::size_t kMaxIdentity = 300;
constexpr std::size_t kMaxEntryText = 512;
constexpr std::array<std::string_view, 5> kTypes = {"tuple", "earned", "entry", "client", "folded"};

template <class Record>
void SetNetworkTags(Members& members, Record& record) {
  const std::uint64_t tags = members.Hash("network_tags", 8).value_or(0);
  record.wide_tag = static_cast<std::uint16_t>(tags >> 16);
  record.network_tag = static_cast<std::uint16_t>(tags);
}

Result<TransferRecord> ParseTuple(Members members) {
  static constexpr std::array<std::string_view, 21> kNames = {
      "type",      "state",         "client",     "sender",       "sender_hex",
      "recipient", "recipient_hex", "first_seen", "last_seen",    "passed_at",
      "tries",     "passes",        "observed",   "folded",       "good_evidence",
      "key",       "name_hash",     "client_tag", "network_tags", "cut",
      "spf"};
  members.Only(kNames);
  TransferTuple tuple;
  greylist::TupleRecord& record = tuple.record;
  record.state = members.Word<State>("state");
  tuple.client = members.Client();
  if (tuple.client) record.client = tuple.client->address();
  record.sender = members.Text("sender", TransferTuple::kMaxAddress);
  record.recipient = members.Text("recipient", TransferTuple::kMaxAddress);
  record.first_seen = members.Time("first_seen");
  record.last_seen = members.Time("last_seen");
  record.passed_at = members.Time("passed_at");
  members.Count("tries", &record.tries);
  members.Count("passes", &record.passes);
  record.observed = members.Flag("observed");
  record.folded = members.Flag("folded");
  record.good_evidence = members.Flag("good_evidence");
  record.spf = members.Flag("spf");
  record.name_hash = members.Hash("name_hash").value_or(0);
  record.client_tag = static_cast<std::uint32_t>(members.Hash("client_tag", 8).value_or(0));
  SetNetworkTags(members, record);
  record.cut = members.Flag("cut");
  tuple.key = members.Key("key");
  if (record.state == State::kForgotten) {
    if (!tuple.key) members.Wrong("key", "is missing");
  } else if (tuple.client) {
    if (!record.folded && record.recipient.empty()) members.Wrong("recipient", "is missing");
  } else if (!tuple.key) {
    members.Wrong("client", "is missing");
  }
  if (record.state == State::kPassed && record.passed_at == WallTime()) {
    record.passed_at = record.last_seen;
  }
  if (record.last_seen == WallTime()) members.Wrong("last_seen", "is missing");
  if (record.first_seen > record.last_seen) members.Wrong("first_seen", "is after last_seen");
  return members.Take(std::move(tuple));
}

Result<TransferRecord> ParseAutoAllow(Members members) {
  static constexpr std::array<std::string_view, 13> kNames = {
      "type",          "identity",         "identity_hex",   "allowed",   "passed",
      "counted_at",    "last_used",        "lost_at",        "forgotten", "hash",
      "first_counted", "first_client_tag", "several_clients"};
  members.Only(kNames);
  TransferAutoAllow earned;
  greylist::AutoAllowRecord& record = earned.record;
  record.identity = members.Text("identity", kMaxIdentity);
  record.allowed = members.Flag("allowed");
  members.Count("passed", &record.passed);
  record.counted_at = members.Time("counted_at");
  record.last_used = members.Time("last_used");
  record.lost_at = members.Time("lost_at");
  record.forgotten = members.Flag("forgotten");
  earned.hash = members.Hash("hash");
  record.first_counted = members.Time("first_counted");
  record.first_client = static_cast<std::uint32_t>(members.Hash("first_client_tag", 8).value_or(0));
  record.several_clients = members.Flag("several_clients");
  const bool of_organisation = record.identity.starts_with(greylist::kOfOrganisation);
  if (of_organisation && record.first_counted == WallTime()) {
    record.first_counted = record.counted_at != WallTime() ? record.counted_at : record.last_used;
  }
  if (record.identity.empty()) {
    if (!earned.hash) members.Wrong("identity", "is missing");
  } else if (!earned.hash && !record.identity.starts_with("name:") &&
             !record.identity.starts_with("client:") && !of_organisation) {
    members.Wrong("identity", R"(must begin with "client:", "organisation:" or "name:")");
  }
  if (record.last_used == WallTime()) members.Wrong("last_used", "is missing");
  return members.Take(std::move(earned));
}

Result<TransferRecord> ParseEntry(Members members) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "type",     "kind",    "key",     "key_hex", "action", "all",       "note",
      "note_hex", "created", "updated", "expires", "origin", "forgotten", "hash"};
  members.Only(kNames);
  TransferEntry entry;
  entries::Entry& record = entry.record;
  record.kind = members.Word<entries::Kind>("kind");
  record.action = members.Word<entries::Action>("action");
  record.key = members.Text("key", kMaxEntryText);
  record.all = members.Flag("all");
  record.note = members.Text("note", kMaxEntryText);
  record.created = members.Time("created");
  record.updated = members.Time("updated");
  if (members.Has("expires")) record.expires = members.Time("expires");
  record.origin = members.Hash("origin").value_or(0);
  record.forgotten = members.Flag("forgotten");
  entry.hash = members.Hash("hash");
  if (record.forgotten) {
    if (!entry.hash) members.Wrong("hash", "is missing");
  } else {
    const auto canonical = entries::CanonicalKey(record.kind, record.key);
    if (!canonical) {
      members.Wrong("key", canonical.error().message);
    } else if (!entry.hash) {
      record.key = *canonical;
    }
  }
  if (record.updated == WallTime()) members.Wrong("updated", "is missing");
  return members.Take(std::move(entry));
}

Result<TransferRecord> ParseClient(Members members) {
  static constexpr std::array<std::string_view, 28> kNames = {
      "type",        "client",      "first_seen",    "last_seen",   "connections",
      "passed",      "deferred",    "rejected",      "bad",         "harvests",
      "name_class",  "days_passed", "first_passed",  "last_passed", "last_rejected",
      "last_listed", "last_list",   "last_list_hex", "hash",        "days_named",
      "first_named", "last_named",  "organisation",  "days_tls",    "first_tls",
      "last_tls",    "last_clear",  "against"};
  members.Only(kNames);
  TransferClient client;
  ClientRecord& record = client.record;
  if (const auto prefix = members.Client()) {
    record.client = ClientOf(prefix->address());
    if (prefix->length() < ClientNetwork(prefix->address()).length()) {
      members.Wrong("client", "is not a single client");
    }
  }
  record.first_seen = members.Time("first_seen");
  record.last_seen = members.Time("last_seen");
  members.Count("connections", &record.connections);
  members.Count("passed", &record.passed);
  members.Count("deferred", &record.deferred);
  members.Count("rejected", &record.rejected);
  members.Count("bad", &record.bad);
  members.Count("harvests", &record.harvests);
  // Of versions that did not know why, all of them.
  record.against = static_cast<std::uint16_t>(
      std::min<std::uint32_t>(record.rejected, std::numeric_limits<std::uint16_t>::max()));
  members.Count("against", &record.against);
  record.name_class = members.Word<NameClass>("name_class");
  members.Count("days_passed", &record.passed_on.days);
  record.passed_on.first = members.Time("first_passed");
  record.passed_on.last = members.Time("last_passed");
  members.Count("days_named", &record.named_on.days);
  record.named_on.first = members.Time("first_named");
  record.named_on.last = members.Time("last_named");
  members.Count("days_tls", &record.tls.on.days);
  record.tls.on.first = members.Time("first_tls");
  record.tls.on.last = members.Time("last_tls");
  record.tls.last_clear = members.Time("last_clear");
  record.organisation = static_cast<std::uint32_t>(members.Hash("organisation", 8).value_or(0));
  record.last_rejected = members.Time("last_rejected");
  record.last_listed = members.Time("last_listed");
  record.last_list = members.Text("last_list", ClientRecord::kMaxListName);
  client.hash = members.Hash("hash");
  if (!record.client && !client.hash) members.Wrong("client", "is missing");
  if (record.last_seen == WallTime()) members.Wrong("last_seen", "is missing");
  return members.Take(std::move(client));
}

Result<TransferRecord> ParseFolded(Members members) {
  static constexpr std::array<std::string_view, 6> kNames = {"type",  "client", "tuples",
                                                             "block", "hash",   "network_tags"};
  static constexpr std::array<std::string_view, 2> kTupleNames = {"tag", "first_seen"};
  members.Only(kNames);
  TransferFolded folded;
  if (const auto prefix = members.Client()) folded.block.client = prefix->address();
  members.Count("block", &folded.number);
  folded.hash = members.Hash("hash");
  if (!folded.hash) members.Wrong("hash", "is missing");
  SetNetworkTags(members, folded.block);
  const auto& items = members.Items("tuples");
  if (items.empty() || items.size() > greylist::FoldedLimits().tuples) {
    members.Wrong("tuples", "must be 1 to " + std::to_string(greylist::FoldedLimits().tuples));
    return members.Take(std::move(folded));
  }
  for (const Json& item : items) {
    Members one(item);
    one.Only(kTupleNames);
    const auto tag = one.Hash("tag", 10);
    if (!tag) one.Wrong("tag", "is missing");
    folded.block.tuples.push_back({tag.value_or(0), one.Time("first_seen")});
    if (folded.block.tuples.back().first_seen == WallTime()) one.Wrong("first_seen", "is missing");
    if (auto taken = one.Take(TransferFolded()); !taken) {
      members.Wrong("tuples", taken.error().message);
    }
  }
  return members.Take(std::move(folded));
}

}  // namespace

Result<TransferHeader> TransferHeader::Parse(const Json& line) {
  if (line["mxward"].text() != "export") {
    return Fail(ErrorCode::kInvalid, "not the first line of an mxward export");
  }
  if (line["format"].integer() != kFormat) {
    return Fail(ErrorCode::kInvalid, "an export of format " + line["format"].Dump() +
                                         " was written by a newer mxward; this one reads format " +
                                         std::to_string(kFormat));
  }
  TransferHeader header;
  header.version = line["version"].text();
  header.created = line["created"].text();
  header.hash_key_id = line["hash_key_id"].text();
  header.network_v4 = static_cast<int>(line["network_v4"].integer());
  header.network_v6 = static_cast<int>(line["network_v6"].integer());
  header.identity_network = line["identity_network"].boolean();
  header.privacy = line["privacy"].boolean();
  return header;
}

Result<TransferRecord> ParseTransferRecord(const Json& line) {
  if (!line.is_object()) return Fail(ErrorCode::kInvalid, "no JSON object");
  Members members(line);
  const std::size_t type = members.Word("type", kTypes);
  if (type == 1) return ParseAutoAllow(std::move(members));
  if (type == 2) return ParseEntry(std::move(members));
  if (type == 3) return ParseClient(std::move(members));
  if (type == 4) return ParseFolded(std::move(members));
  // A wrong type is reported first.
  return ParseTuple(std::move(members));
}

}  // namespace mxward::control
