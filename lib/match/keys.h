// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "match/key_set.h"

namespace mxward::match {

// Keys of a KeySet under which something can be found, the most specific first.
class Keys {
 public:
  std::span<const std::string_view> all() const { return {keys_.data(), count_}; }

 protected:
  void Push(std::string_view key) {
    if (count_ < keys_.size()) keys_[count_++] = key;
  }

 private:
  std::array<std::string_view, KeySet::kMost> keys_;
  std::size_t count_ = 0;
};

// How long the domains or prefixes of a set are, so that nobody asks for others.
using Lengths = std::bitset<129>;

// ".mail.example.org", ".example.org", ".org", as far as domains have so many labels. Of a longer
// name the last kMaxLabels labels: many labels do not get around a pattern.
inline constexpr std::size_t kMaxLabels = 16;
std::size_t LabelsOf(std::string_view domain);

class NameKeys : public Keys {
 public:
  // In lower case, without a trailing dot.
  NameKeys(std::string_view name, const Lengths& labels);
  NameKeys(const NameKeys&) = delete;
  NameKeys& operator=(const NameKeys&) = delete;

 protected:
  NameKeys() = default;
  void PushDomains(std::string_view dotted, const Lengths& labels);

 private:
  std::string dotted_;
};

// "user@example.org", "user@", "@example.org", then as of a name ".example.org", ".org".
class AddressKeys : public NameKeys {
 public:
  AddressKeys(std::string_view local, std::string_view domain, const Lengths& labels);

 private:
  std::string address_, dotted_domain_;
};

// The bytes of a prefix: its family and length, then its address.
std::string PrefixKey(const Prefix& prefix);

class ClientKeys : public Keys {
 public:
  ClientKeys(const IpAddress& client, const Lengths& lengths);
  ClientKeys(const ClientKeys&) = delete;
  ClientKeys& operator=(const ClientKeys&) = delete;

 private:
  std::string bytes_;
};

}  // namespace mxward::match
