// SPDX-License-Identifier: Apache-2.0
#include "match/keys.h"

#include <algorithm>

namespace mxward::match {
namespace {

constexpr std::size_t kLongestPrefixKey = 18;

void AppendKey(const Prefix& prefix, std::string& out) {
  out.push_back(prefix.address().is_v4() ? '4' : '6');
  out.push_back(static_cast<char>(prefix.length()));
  out.append(prefix.address().view());
}

}  // namespace

std::size_t LabelsOf(std::string_view domain) {
  return 1 + static_cast<std::size_t>(std::count(domain.begin(), domain.end(), '.'));
}

NameKeys::NameKeys(std::string_view name, const Lengths& labels) : dotted_(1, '.') {
  if (name.empty()) return;
  dotted_ += name;
  PushDomains(dotted_, labels);
}

void NameKeys::PushDomains(std::string_view dotted, const Lengths& labels) {
  std::array<std::size_t, kMaxLabels> starts;
  std::size_t count = 0;
  for (std::size_t dot = dotted.rfind('.'); count < kMaxLabels; dot = dotted.rfind('.', dot - 1)) {
    starts[count++] = dot;
    if (dot == 0) break;
  }
  for (; count > 0; --count) {
    if (labels.test(count)) Push(dotted.substr(starts[count - 1]));
  }
}

AddressKeys::AddressKeys(std::string_view local, std::string_view domain, const Lengths& labels)
    : address_(local) {
  address_ += '@';
  address_ += domain;
  dotted_domain_.push_back('.');
  dotted_domain_ += domain;
  Push(address_);
  Push(std::string_view(address_).substr(0, local.size() + 1));
  if (domain.empty()) return;
  Push(std::string_view(address_).substr(local.size()));
  PushDomains(dotted_domain_, labels);
}

std::string PrefixKey(const Prefix& prefix) {
  std::string key;
  AppendKey(prefix, key);
  return key;
}

ClientKeys::ClientKeys(const IpAddress& client, const Lengths& lengths) {
  // Never moved while keys refer to it.
  bytes_.reserve(lengths.count() * kLongestPrefixKey);
  for (int length = client.bits(); length >= 0; --length) {
    if (!lengths.test(static_cast<std::size_t>(length))) continue;
    const std::size_t start = bytes_.size();
    AppendKey(Prefix(client, length), bytes_);
    Push(std::string_view(bytes_).substr(start));
  }
}

}  // namespace mxward::match
