// SPDX-License-Identifier: Apache-2.0
#include "greylist/view.h"

namespace mxward::greylist {

Consideration Consider(const View& view, WallTime now, const Terms& terms, bool observing) {
  Consideration result;
  result.judgement = Advance(view.record, now, terms, observing);
  if (result.judgement.outcome != Outcome::kNew) return result;
  const auto folded = view.folded ? std::optional(RecordOf(*view.folded)) : std::nullopt;
  Judgement judgement = Advance(folded, now, terms, observing);
  const bool alive = judgement.outcome == Outcome::kEarly || judgement.outcome == Outcome::kPassed;
  if (!alive && view.pending_of_client < terms.config.max_pending) return result;
  result.fold = true;
  result.remembered = alive || !view.folded_full;
  // All that is kept of a folded one is when it was first seen.
  judgement.write = result.remembered && (judgement.outcome != Outcome::kEarly ||
                                          judgement.next.first_seen != folded->first_seen);
  result.judgement = judgement;
  return result;
}

FoldedNote NoteFolded(FoldedTuples& folded, std::uint64_t tag, WallTime now, const Terms& terms,
                      const TryFlags& flags) {
  const FoldedTuple* one = folded.Find(tag);
  if (one == nullptr && !flags.may_begin) return {};
  const auto record = one == nullptr ? std::nullopt : std::optional(RecordOf(*one));
  Judgement judgement = Advance(record, now, terms, flags.observing);
  if (judgement.outcome == Outcome::kPassed && !flags.may_pass) return {};
  if (judgement.outcome == Outcome::kPassed) return {folded.Remove(tag), judgement.next};
  return {folded.Put({tag, judgement.next.first_seen}, now, terms), std::nullopt};
}

}  // namespace mxward::greylist
