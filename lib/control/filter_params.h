// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "control/address_pattern.h"
#include "control/params.h"

namespace mxward::control {

// Parameters by which listings are narrowed down; nothing when they are absent. Errors name the
// parameter.
template <class Condition>
Result<std::optional<Condition>> ConditionOf(const Params& params, std::string_view name) {
  const auto text = params.Text(name);
  if (!text) return std::optional<Condition>();
  auto condition = Condition::Parse(*text);
  if (!condition) return Fail(std::string(name), condition.error());
  return std::optional<Condition>(*std::move(condition));
}

// An address or a network.
inline auto PrefixOf(const Params& params, std::string_view name) {
  return ConditionOf<Prefix>(params, name);
}
inline auto PatternOf(const Params& params, std::string_view name) {
  return ConditionOf<AddressPattern>(params, name);
}

}  // namespace mxward::control
