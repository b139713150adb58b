// SPDX-License-Identifier: Apache-2.0
#include "greylist/tuple_lookup.h"

namespace mxward::greylist {

Consideration Consider(const TupleLookup& lookup, WallTime now, const Terms& terms,
                       bool observing) {
  Consideration result;
  result.transition = Advance(lookup.record, now, terms, observing);
  if (result.transition.outcome != Outcome::kNew) return result;
  const auto folded = lookup.folded ? std::optional(RecordOf(*lookup.folded)) : std::nullopt;
  Transition transition = Advance(folded, now, terms, observing);
  const bool alive =
      transition.outcome == Outcome::kEarly || transition.outcome == Outcome::kPassed;
  if (!alive && lookup.pending_of_client < terms.config.max_pending) return result;
  result.fold = true;
  result.remembered = alive || !lookup.folded_full;
  // All that is kept of a folded one is when it was first seen.
  transition.write = result.remembered && (transition.outcome != Outcome::kEarly ||
                                           transition.next.first_seen != folded->first_seen);
  result.transition = transition;
  return result;
}

FoldedNote NoteFolded(FoldedTuples& folded, std::uint64_t tag, WallTime now, const Terms& terms,
                      const TryFlags& flags) {
  const FoldedTuple* one = folded.Find(tag);
  if (one == nullptr && !flags.may_begin) return {};
  const auto record = one == nullptr ? std::nullopt : std::optional(RecordOf(*one));
  Transition transition = Advance(record, now, terms, flags.observing);
  if (transition.outcome == Outcome::kPassed && !flags.may_pass) return {};
  if (transition.outcome == Outcome::kPassed) return {folded.Remove(tag), transition.next};
  return {folded.Put({tag, transition.next.first_seen}, now, terms), std::nullopt};
}

}  // namespace mxward::greylist
