// SPDX-License-Identifier: Apache-2.0
#include "entries/entry.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/bytes.h"
#include "base/canonical_address.h"
#include "base/client_network.h"
#include "base/mail_address.h"
#include "base/text.h"
#include "match/accounts.h"

namespace mxward::entries {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kBlock = 1;
constexpr std::uint8_t kAll = 2;
constexpr std::uint8_t kForgotten = 4;
constexpr std::uint8_t kExpires = 8;

constexpr std::size_t kMaxKey = 512;

Result<std::string> DomainKey(std::string_view text) {
  std::string_view bare = Trim(text);
  while (bare.starts_with('.')) bare.remove_prefix(1);
  // Characters that are no part of a domain would be left out of it.
  const bool clean = bare.find_first_of(" \t\r\n\"\\()<>") == std::string_view::npos;
  const std::string name = clean ? CanonicalDomain(bare) : std::string();
  const bool printable = std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '@' && c != '/';
  });
  if (name.empty() || name.size() > 253 || !printable || name.find("..") != std::string::npos) {
    return Fail(ErrorCode::kInvalid, "\"" + EscapeForLog(text) + "\" is not a domain name");
  }
  return name;
}

Result<std::string> AddressKey(std::string_view text, bool may_be_null) {
  const std::string_view bare = StripAngles(Trim(text));
  if (bare.empty() && may_be_null && !Trim(text).empty()) return std::string("<>");
  const MailAddress address = SplitMailAddress(bare);
  if (address.local.empty() || bare.size() > kMaxKey) {
    return Fail(ErrorCode::kInvalid, "\"" + EscapeForLog(text) + "\" is not a mail address" +
                                         (may_be_null ? " (the null sender is \"<>\")" : ""));
  }
  return CanonicalAddressText(bare);
}

Result<std::string> AccountKey(std::string_view text) {
  std::string account = ToLower(Trim(text));
  if (account.find(accounts::kSeparator) == std::string::npos) return DomainKey(text);
  if (const std::string why = WhyNoAccount(account); !why.empty()) {
    return Fail(ErrorCode::kInvalid, "\"" + EscapeForLog(text, 80) + "\" is no account: " + why);
  }
  return account;
}

}  // namespace

Result<std::string> CanonicalKey(Kind kind, std::string_view text, std::span<const Prefix> nat64) {
  switch (kind) {
    case Kind::kClient: {
      MXWARD_TRY(const auto prefix, Prefix::Parse(Trim(text)));
      return ClientPrefix(prefix, nat64).ToString();
    }
    case Kind::kClientName:
    case Kind::kSenderDomain:
    case Kind::kRecipientDomain:
    case Kind::kSpfOf:
      return DomainKey(text);
    case Kind::kAccount:
      return AccountKey(text);
    case Kind::kSender:
      return AddressKey(text, /*may_be_null=*/true);
    case Kind::kRecipient:
      return AddressKey(text, /*may_be_null=*/false);
  }
  return Fail(ErrorCode::kInternal, "unknown kind of entry");
}

std::string StoreKey(const HashKey& hash_key, Kind kind, std::string_view canonical_key) {
  std::string data(1, static_cast<char>(kind));
  data += canonical_key;
  ByteWriter out;
  out.U8(static_cast<std::uint8_t>(kind));
  out.U64(SipHash(hash_key, data));
  return out.Take();
}

std::string Encode(const Entry& entry) {
  ByteWriter out;
  out.U8(kFormat);
  out.U8(static_cast<std::uint8_t>((entry.action == Action::kBlock ? kBlock : 0) |
                                   (entry.all ? kAll : 0) | (entry.forgotten ? kForgotten : 0) |
                                   (entry.expires ? kExpires : 0)));
  out.Time(entry.created);
  out.Time(entry.updated);
  out.Time(entry.expires.value_or(WallTime()));
  out.U64(entry.origin);
  out.Text(std::string_view(entry.key).substr(0, kMaxKey));
  out.Text(std::string_view(entry.note).substr(0, kMaxKey));
  return out.Take();
}

std::optional<Entry> Decode(Kind kind, std::string_view bytes) {
  const int number = static_cast<int>(kind);
  if (number < 1 || number > kKindCount) return std::nullopt;
  ByteReader in(bytes);
  if (in.U8() != kFormat) return std::nullopt;
  const std::uint8_t flags = in.U8();
  Entry entry;
  entry.kind = kind;
  entry.action = (flags & kBlock) != 0 ? Action::kBlock : Action::kAllow;
  entry.all = (flags & kAll) != 0;
  entry.forgotten = (flags & kForgotten) != 0;
  entry.created = in.Time();
  entry.updated = in.Time();
  const WallTime expires = in.Time();
  if ((flags & kExpires) != 0) entry.expires = expires;
  entry.origin = in.U64();
  entry.key = in.Text();
  entry.note = in.Text();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return entry;
}

std::optional<Entry> Merged(const std::optional<Entry>& stored, const Entry& other) {
  if (stored && stored->updated >= other.updated) return std::nullopt;
  Entry merged = other;
  if (stored && !stored->forgotten && !other.forgotten) {
    merged.created = std::min(stored->created, other.created);
  }
  return merged;
}

bool InForce(const Entry& entry, WallTime now) {
  return !entry.forgotten && (!entry.expires || now < *entry.expires);
}

}  // namespace mxward::entries
