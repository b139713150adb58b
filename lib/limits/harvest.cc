// SPDX-License-Identifier: Apache-2.0
#include "limits/harvest.h"

#include <algorithm>
#include <string>

#include "base/canonical_address.h"
#include "limits/subject_key.h"

namespace mxward::limits {
namespace {

constexpr std::string_view kGoodLevel = "G";
constexpr std::string_view kShareOfWhole = "W";

// With so many good recipients a full burst of bad ones is not over the share.
Rate GoodRate(const LimitConfig& limit) {
  const int share = std::clamp(limit.share, 1, 100);
  const Rate bad = RateOf(limit);
  return {bad.interval(), bad.burst() * (100 - share) / share + 1};
}

// What one sender's organisation can add to the level of the whole.
Rate SenderRate(const LimitConfig& limit) {
  constexpr std::int64_t kParts = 8;
  return {RateOf(limit).interval(), (limit.burst + kParts - 1) / kParts};
}

}  // namespace

Level Harvest::Look(const LimitConfig& limit, const CounterKey& counter, MonoTime now) {
  Level level = table_.Look(counter.id, RateOf(limit), now);
  if (!level.over) return level;
  const Level good = table_.Look(SideCounter(key_, counter, kGoodLevel).id, GoodRate(limit), now);
  level.over = level.used * 100 > (level.used + good.used) * limit.share;
  if (!level.over) level.wait = Nanos(0);
  return level;
}

bool Harvest::Note(const LimitConfig& limit, const CounterKey& counter, std::string_view recipient,
                   bool bad, MonoTime now) {
  const CounterKey once =
      SideCounter(key_, counter, (bad ? "b" : "g") + CanonicalAddressText(recipient));
  if (table_.Take(once, Rate(1, limit.period, 1), now).over) return false;
  if (bad) {
    table_.Take(counter, RateOf(limit), now);
  } else {
    table_.Take(SideCounter(key_, counter, kGoodLevel), GoodRate(limit), now);
  }
  return true;
}

bool Harvest::NoteWhole(const LimitConfig& limit, const CounterKey& whole, const CounterKey& sender,
                        std::string_view recipient, bool bad, MonoTime now) {
  if (!bad) return Note(limit, whole, recipient, bad, now);
  const Rate most = SenderRate(limit);
  const CounterKey share = SideCounter(key_, sender, kShareOfWhole);
  if (table_.Look(share.id, most, now).over) return false;
  if (!Note(limit, whole, recipient, bad, now)) return false;
  table_.Take(share, most, now);
  return true;
}

}  // namespace mxward::limits
