// SPDX-License-Identifier: Apache-2.0
#include "config/limit_text.h"

#include "config/limit_fields.h"

namespace mxward {
namespace {

// The limit as it would be with no more than what it has to say.
LimitConfig Plain(const LimitConfig& limit) {
  LimitConfig plain;
  plain.count = limit.count;
  plain.per = limit.per;
  plain.name = DefaultLimitName(limit.count, limit.per);
  plain.share = kDefaultLimitShare;
  plain.prefix_v4 = kDefaultLimitPrefixV4;
  plain.prefix_v6 = kDefaultLimitPrefixV6;
  return plain;
}

bool AlwaysSaidOfLimits(std::string_view key) {
  return key == "count" || key == "per" || key == "rate";
}

}  // namespace

std::vector<EntryValues> LimitValues(const Config& config) {
  std::vector<EntryValues> out;
  for (const LimitConfig& limit : config.limit) {
    EntryValues entry;
    entry.name = limit.name;
    const LimitConfig plain = Plain(limit);
    for (const LimitField& field : LimitFields()) {
      OptionText value = field.text(limit);
      if (value.empty()) continue;
      OptionText without = AlwaysSaidOfLimits(field.key) ? OptionText() : field.text(plain);
      entry.values.push_back({field.key, std::move(value), std::move(without)});
    }
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace mxward
