// SPDX-License-Identifier: Apache-2.0
#include "limits/subject_key.h"

#include <algorithm>

#include "base/mail_address.h"
#include "base/text.h"

namespace mxward::limits {
namespace {

// A group is the hash of the limit's name, 32 bits, and 31 of the key's, in front of the mark of a
// main counter.
constexpr int kLimitBits = 32;
constexpr std::uint64_t kMain = 1;

Prefix PrefixOf(const LimitConfig& limit, const IpAddress& client) {
  if (limit.per == LimitPer::kClient) return Prefix(client, client.is_v4() ? 32 : 64);
  const int length = client.is_v4() ? limit.prefix_v4 : limit.prefix_v6;
  return Prefix(client, std::clamp(length, 0, client.bits()));
}

// Without a source route and a trailing dot: they would make another sender of the same one.
std::string Address(std::string_view text) {
  const MailAddress address = SplitMailAddress(text);
  std::string result = ToLower(address.local);
  if (!address.domain.empty()) result += "@" + ToLower(address.domain);
  return result;
}

std::string TextOf(LimitPer per, const Subject& subject) {
  switch (per) {
    case LimitPer::kClient:
    case LimitPer::kNetwork:
      break;
    case LimitPer::kSender:
      return Address(subject.sender);
    case LimitPer::kSenderDomain:
      return ToLower(SplitMailAddress(subject.sender).domain);
    case LimitPer::kRecipient:
      return Address(subject.recipient);
    case LimitPer::kUser:
      return ToLower(subject.user);
  }
  return "";
}

std::uint64_t NotZero(std::uint64_t id) { return id == 0 ? 1 : id; }

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
      const auto prefix = Prefix::Parse(text);
      if (!prefix) return std::nullopt;
      key.prefix_ = PrefixOf(limit, prefix->address());
      if (!prefix->IsHost() && *prefix != key.prefix_) return std::nullopt;
      return key;
    }
    case LimitPer::kSender:
    case LimitPer::kRecipient:
      key.text_ = Address(text);
      break;
    case LimitPer::kSenderDomain:
    case LimitPer::kUser:
      key.text_ = ToLower(text);
      break;
  }
  if (key.text_.empty()) return std::nullopt;
  return key;
}

std::string SubjectKey::ToString() const { return text_.empty() ? prefix_.ToString() : text_; }

std::uint64_t SubjectKey::Hash(const HashKey& key, const LimitConfig& limit) const {
  std::string bytes;
  bytes.reserve(limit.name.size() + text_.size() + 20);
  bytes += limit.name;
  bytes += '\0';
  bytes += static_cast<char>(limit.count);
  bytes += static_cast<char>(limit.per);
  if (text_.empty()) {
    bytes += static_cast<char>(prefix_.length());
    bytes += prefix_.address().view();
  } else {
    bytes += text_;
  }
  return NotZero(SipHash(key, bytes));
}

CounterKey MainCounter(const HashKey& key, const LimitConfig& limit, std::uint64_t hash,
                       const Holder& holder) {
  CounterKey result;
  result.id = hash;
  result.group = (SipHash(key, limit.name) << kLimitBits) | (hash >> kLimitBits) | kMain;
  result.holder = holder;
  return result;
}

CounterKey SideCounter(const HashKey& key, const CounterKey& main, std::string_view what) {
  std::string bytes(reinterpret_cast<const char*>(&main.id), sizeof main.id);
  bytes += what;
  CounterKey result = main;
  result.id = NotZero(SipHash(key, bytes));
  result.group &= ~kMain;
  return result;
}

bool IsMain(const CounterKey& key) { return (key.group & kMain) != 0; }

bool IsOfLimit(const CounterKey& key, const CounterKey& main) {
  return (key.group >> kLimitBits) == (main.group >> kLimitBits);
}

bool IsOfKey(const CounterKey& key, const CounterKey& main) {
  return (key.group | kMain) == main.group;
}

}  // namespace mxward::limits
