// SPDX-License-Identifier: Apache-2.0
#include "clients/host_name.h"

#include <algorithm>

#include "base/text.h"

namespace mxward {
namespace {

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxLabel = 63;

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool IsName(std::string_view name) {
  std::size_t label = 0;
  for (const char c : name) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if (!IsNameByte(c) || ++label > kMaxLabel) {
      return false;
    }
  }
  return label != 0;
}

}  // namespace

std::optional<std::string> HostName(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.size() > kMaxName) return std::nullopt;
  std::string name = ToLower(text);
  if (!IsName(name)) return std::nullopt;
  const std::size_t dot = name.rfind('.');
  const std::size_t top = dot == std::string::npos ? 0 : dot + 1;
  if (name.find_first_not_of("0123456789", top) == std::string::npos) return std::nullopt;
  return name;
}

bool IsAtOrBelow(std::string_view name, std::string_view domain) {
  if (domain.empty() || !name.ends_with(domain)) return false;
  const std::size_t rest = name.size() - domain.size();
  return rest == 0 || name[rest - 1] == '.';
}

}  // namespace mxward
