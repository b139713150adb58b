// SPDX-License-Identifier: Apache-2.0
#include "clients/host_name.h"

#include "base/a_labels.h"
#include "dns/question.h"

namespace mxward {

std::optional<std::string> HostName(std::string_view text) {
  auto name = dns::CleanName(text);
  if (!name) {
    const auto converted = ToALabels(text);
    if (converted) name = dns::CleanName(*converted);
  }
  if (!name) return std::nullopt;
  const std::size_t dot = name->rfind('.');
  const std::size_t top = dot == std::string::npos ? 0 : dot + 1;
  if (name->find_first_not_of("0123456789", top) == std::string::npos) return std::nullopt;
  return name;
}

bool IsAtOrBelow(std::string_view name, std::string_view domain) {
  if (domain.empty() || !name.ends_with(domain)) return false;
  const std::size_t rest = name.size() - domain.size();
  return rest == 0 || name[rest - 1] == '.';
}

}  // namespace mxward
