// SPDX-License-Identifier: Apache-2.0
#include "greylist/record.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/text.h"

namespace mxward::greylist {
namespace {

constexpr std::uint8_t kTupleFormat = 1;
constexpr std::uint8_t kObserved = 1;
constexpr std::uint8_t kFolded = 2;
constexpr std::uint8_t kAddresses = 4;
constexpr std::uint8_t kIpv6 = 8;
constexpr std::uint8_t kGoodEvidence = 16;
constexpr std::uint8_t kNetworkTags = 32;
constexpr std::uint8_t kCut = 64;
constexpr std::uint8_t kSpf = 128;
constexpr std::size_t kNameHashOffset = 12;
constexpr std::uint64_t kOfNetwork = (1ULL << TupleKey::kNetworkBits) - 1;
constexpr std::size_t kMostStored = 512;  // by 0.1.0

}  // namespace

IpAddress AddressFromBytes(std::string_view bytes) {
  std::array<std::uint8_t, 16> raw{};
  std::copy(bytes.begin(), bytes.end(), raw.begin());
  if (bytes.size() == 16) return IpAddress::V6(raw);
  return IpAddress::V4((std::uint32_t{raw[0]} << 24) | (std::uint32_t{raw[1]} << 16) |
                       (std::uint32_t{raw[2]} << 8) | std::uint32_t{raw[3]});
}

TupleKey TupleKey::Of(std::uint64_t addresses, std::uint64_t network_hash, std::uint64_t name_hash,
                      bool spf) {
  if (spf) name_hash = SpfBucketOf(addresses);
  if (name_hash == 0) return {addresses, network_hash};
  return {addresses, FirstOf(addresses, name_hash).network | (network_hash & kOfNetwork)};
}

TupleKey TupleKey::FirstOf(std::uint64_t addresses, std::uint64_t name_hash) {
  return {addresses, name_hash & ~kOfNetwork};
}

bool TupleKey::InBucketOf(std::uint64_t name_hash) const {
  return ((network ^ name_hash) & ~kOfNetwork) == 0;
}

bool TupleKey::IsOfNetwork(std::uint64_t network_hash) const {
  return ((network ^ network_hash) & kOfNetwork) == 0;
}

std::string TupleKey::Encode() const {
  ByteWriter out;
  out.U64(addresses);
  out.U64(network);
  return out.Take();
}

std::optional<TupleKey> TupleKey::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  TupleKey key;
  key.addresses = in.U64();
  key.network = in.U64();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return key;
}

std::string TupleKey::ToHex() const { return HexEncode(Encode()); }

void TupleRecord::SetAddresses(std::string_view sender_as_given,
                               std::string_view recipient_as_given) {
  sender = sender_as_given.substr(0, kMaxAddress);
  recipient = recipient_as_given.substr(0, kMaxAddress);
  cut = sender_as_given.size() > kMaxAddress || recipient_as_given.size() > kMaxAddress;
}

std::string TupleRecord::Encode() const {
  const bool addresses = client || !sender.empty() || !recipient.empty();
  std::uint8_t flags = 0;
  if (observed) flags |= kObserved;
  if (folded) flags |= kFolded;
  if (addresses) flags |= kAddresses;
  if (client && !client->is_v4()) flags |= kIpv6;
  if (good_evidence) flags |= kGoodEvidence;
  const bool tags = wide_tag != 0 || network_tag != 0;
  if (tags) flags |= kNetworkTags;
  if (cut && addresses) flags |= kCut;
  if (spf) flags |= kSpf;
  ByteWriter out;
  out.U8(static_cast<std::uint8_t>(kTupleFormat << 4) | static_cast<std::uint8_t>(state));
  out.U8(flags);
  out.Time(first_seen);
  out.Time(last_seen);
  out.U16(tries);
  out.U64(name_hash);
  out.U32(client_tag);
  if (state == State::kPassed) {
    out.Time(passed_at);
    out.U16(passes);
  }
  if (tags) {
    out.U16(wide_tag);
    out.U16(network_tag);
  }
  if (addresses) {
    out.Raw(client.value_or(IpAddress()).view());
    out.Text(std::string_view(sender).substr(0, kMostStored));
    out.Text(std::string_view(recipient).substr(0, kMostStored));
  }
  return out.Take();
}

std::optional<TupleRecord> TupleRecord::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t head = in.U8();
  if (head >> 4 != kTupleFormat) return std::nullopt;
  TupleRecord record;
  record.state = static_cast<State>(head & 0x0f);
  if (record.state != State::kPending && record.state != State::kPassed &&
      record.state != State::kForgotten) {
    return std::nullopt;
  }
  const std::uint8_t flags = in.U8();
  record.observed = (flags & kObserved) != 0;
  record.folded = (flags & kFolded) != 0;
  record.good_evidence = (flags & kGoodEvidence) != 0;
  record.spf = (flags & kSpf) != 0;
  record.first_seen = in.Time();
  record.last_seen = in.Time();
  record.tries = in.U16();
  record.name_hash = in.U64();
  record.client_tag = in.U32();
  if (record.state == State::kPassed) {
    record.passed_at = in.Time();
    record.passes = in.U16();
  }
  if ((flags & kNetworkTags) != 0) {
    record.wide_tag = in.U16();
    record.network_tag = in.U16();
  }
  if ((flags & kAddresses) != 0) {
    const std::string_view client = in.Raw((flags & kIpv6) != 0 ? 16 : 4);
    record.sender = in.Text();
    record.recipient = in.Text();
    record.cut = (flags & kCut) != 0;
    if (in.ok()) record.client = AddressFromBytes(client);
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return record;
}

std::uint64_t TupleRecord::PeekNameHash(std::string_view bytes) {
  if (bytes.size() < kNameHashOffset + 8) return 0;
  return ByteReader(bytes.substr(kNameHashOffset)).U64();
}

bool TupleRecord::PeekSpf(std::string_view bytes) {
  return bytes.size() > 1 && (static_cast<std::uint8_t>(bytes[1]) & kSpf) != 0;
}

}  // namespace mxward::greylist
