// SPDX-License-Identifier: Apache-2.0
#include "limits/subject_key.h"

#include <algorithm>
#include <array>

#include "base/canonical_address.h"
#include "base/client_network.h"
#include "base/text.h"
#include "clients/organisation.h"

namespace mxward::limits {
namespace {

// A group is 32 bits of the limit's hash, 31 of the counter's, and a mark.
constexpr int kLimitBits = 32;
constexpr std::uint64_t kNoSide = 1;

constexpr char kBetween = ' ';  // a client and a sender's domain
constexpr std::string_view kNullSender = "<>";

Prefix PrefixOf(const LimitConfig& limit, const IpAddress& client) {
  if (limit.per == LimitPer::kClient) return ClientNetwork(client);
  const int length = client.is_v4() ? limit.prefix_v4 : limit.prefix_v6;
  return Prefix(client, std::clamp(length, 0, client.bits()));
}

std::string TextOf(LimitPer per, const Subject& subject) {
  switch (per) {
    case LimitPer::kClient:
    case LimitPer::kNetwork:
      break;
    case LimitPer::kSender:
      return CanonicalAddressText(subject.sender);
    case LimitPer::kSenderDomain:
      return std::string(CanonicalAddress(subject.sender).domain());
    case LimitPer::kRecipient:
      return CanonicalAddressText(subject.recipient);
    case LimitPer::kUser:
      return ToLower(subject.user);
    case LimitPer::kAccount:
      return std::string(subject.account);
  }
  return "";
}

std::uint64_t NotZero(std::uint64_t id) { return id == 0 ? 1 : id; }

// A text never meets a prefix: what it is per stands in front of it.
std::string InFront(std::uint64_t limit_hash, const LimitConfig& limit) {
  std::string bytes(reinterpret_cast<const char*>(&limit_hash), sizeof limit_hash);
  bytes += static_cast<char>(limit.count);
  bytes += static_cast<char>(limit.per);
  return bytes;  // short enough to need no memory
}

std::uint64_t HashOf(const HashKey& key, std::string_view bytes, const Prefix& prefix) {
  std::array<char, 32> all{};
  auto end = std::copy(bytes.begin(), bytes.end(), all.begin());
  *end++ = static_cast<char>(prefix.length());
  end = std::copy_n(prefix.address().view().begin(), prefix.address().view().size(), end);
  return SipHash(key, {all.data(), static_cast<std::size_t>(end - all.begin())});
}

std::uint64_t HashOfSender(const HashKey& key, std::uint64_t client, std::string_view sender) {
  return SipHash(key, std::string(reinterpret_cast<const char*>(&client), sizeof client)
                          .append("sender ")
                          .append(sender));
}

}  // namespace

SubjectKey::SubjectKey(const LimitConfig& limit, const Subject& subject)
    : text_(TextOf(limit.per, subject)) {
  if (text_.empty()) prefix_ = PrefixOf(limit, subject.client);
}

std::optional<SubjectKey> SubjectKey::Parse(const LimitConfig& limit, std::string_view text) {
  SubjectKey key;
  switch (limit.per) {
    case LimitPer::kClient:
    case LimitPer::kNetwork: {
      if (const auto between = text.find(kBetween); between != std::string_view::npos) {
        const std::string_view sender = text.substr(between + 1);
        key.sender_ = sender == kNullSender ? std::string(sender) : CanonicalDomain(sender);
        text = text.substr(0, between);
        const bool can_be =
            limit.count == LimitCount::kBadRecipients && limit.per == LimitPer::kClient;
        if (key.sender_.empty() || !can_be) return std::nullopt;
      }
      const auto prefix = Prefix::Parse(text);
      if (!prefix) return std::nullopt;
      key.prefix_ = PrefixOf(limit, prefix->address());
      if (!prefix->IsHost() && *prefix != key.prefix_) return std::nullopt;
      return key;
    }
    case LimitPer::kSender:
    case LimitPer::kRecipient:
      key.text_ = CanonicalAddressText(text);
      break;
    case LimitPer::kSenderDomain:
      key.text_ = CanonicalDomain(text);
      break;
    case LimitPer::kUser:
    case LimitPer::kAccount:
      key.text_ = ToLower(text);
      break;
  }
  if (key.text_.empty()) return std::nullopt;
  return key;
}

std::optional<SubjectKey> SubjectKey::OfSender(const LimitConfig& limit, const Subject& subject) {
  if (limit.count != LimitCount::kBadRecipients || limit.per != LimitPer::kClient ||
      subject.client_name.empty()) {
    return std::nullopt;
  }
  SubjectKey key(limit, subject);
  const CanonicalAddress sender(subject.sender);
  const std::string_view domain = sender.domain();
  key.sender_ = OrganisationalDomain(domain);
  // A public suffix, a literal, or nothing that has an organisation.
  if (key.sender_.empty()) key.sender_ = domain.empty() ? kNullSender : domain;
  return key;
}

std::string SubjectKey::ToString() const {
  std::string text = text_.empty() ? prefix_.ToString() : text_;
  if (!sender_.empty()) text += kBetween + sender_;
  return text;
}

CounterKey SubjectKey::CounterOf(const HashKey& key, const LimitConfig& limit,
                                 const Holder& holder) const {
  const std::uint64_t name = SipHash(key, limit.name);
  CounterKey result;
  result.id = NotZero(text_.empty() ? HashOf(key, InFront(name, limit), prefix_)
                                    : SipHash(key, InFront(name, limit) + text_));
  result.group = (name << kLimitBits) | (result.id >> kLimitBits) | kNoSide;
  result.holder = holder;
  if (!sender_.empty()) result.id = NotZero(HashOfSender(key, result.id, sender_));
  return result;
}

CounterKey SideCounter(const HashKey& key, const CounterKey& counter, std::string_view what) {
  std::string bytes(reinterpret_cast<const char*>(&counter.id), sizeof counter.id);
  bytes += what;
  CounterKey result = counter;
  result.id = NotZero(SipHash(key, bytes));
  result.group &= ~kNoSide;
  return result;
}

bool IsSideCounter(const CounterKey& key) { return (key.group & kNoSide) == 0; }

bool AreOfOneLimit(const CounterKey& a, const CounterKey& b) {
  return (a.group >> kLimitBits) == (b.group >> kLimitBits);
}

bool AreOfOneKey(const CounterKey& a, const CounterKey& b) {
  return (a.group | kNoSide) == (b.group | kNoSide);
}

Rate RateOf(const LimitConfig& limit) { return {limit.amount, limit.period, limit.burst}; }

}  // namespace mxward::limits
