// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "clients/client_record.h"
#include "config/config.h"
#include "entries/entry.h"
#include "facts/decision.h"
#include "greylist/table.h"
#include "limits/limits.h"
#include "policy/evidence.h"
#include "policy/facts.h"
#include "policy/rules.h"

namespace mxward::policy {

// What has been found out so far for this recipient. What is not set has not been asked for.
struct Known {
  // Of this config and this evidence. Once they want more of it, they are looked at again.
  std::optional<RuleResult> rules;
  std::optional<std::vector<entries::Entry>> entries;  // the winner of each kind
  // Of connection and message as they were counted, of recipients now.
  std::optional<std::vector<limits::State>> limits;
  std::optional<StandingResult> history;  // the client's
  // What has come so far; once nothing in it is pending, all that will come.
  std::optional<Evidence> evidence;
  std::optional<std::string> list_text;  // what the heaviest list says of its listing; may be empty
  std::optional<greylist::Tuple> tuple;  // set together with greylist
  std::optional<greylist::View> greylist;
  bool failed = false;  // a need could not be fulfilled: promise 1
};

// What Step needs before it can go on.
enum class Need : std::uint8_t {
  kRules,         // what the rules lead to; never where there are none
  kEntries,       // allow and block entries for client, sender and recipient
  kLimits,        // what each limit says that applies
  kHistory,       // what the client did before
  kEvidence,      // what is known by now of the client, its names and the sender
  kMoreEvidence,  // something that is pending could still change the verdict: wait for it
  kListText,      // the text (TXT) of the listing that the rejection is about
  kGreylist,      // the tuple's record and what its identities have earned
};

// Changes that follow from a decision; the engine applies them, explain and replay discard them.
struct TryTuple {  // note this try in the tuple's record, or among the client's folded ones
  bool fold = false;
  std::optional<Seconds> delay;  // instead of greylist.delay
  bool promised = false;         // a deferral is told only once this is committed (promise 2)
  bool starts = false;           // a pending record begins; pending counts change with it
  bool ends = false;             // a pending tuple passes
  std::optional<greylist::TupleRecord> before;  // the record until now
};
struct Earn {  // one more tuple of this identity passed
  std::uint64_t identity_hash = 0;
  std::string identity;
};
struct TouchEarned {
  std::uint64_t identity_hash = 0;
};
struct LoseEarned {};         // the client loses what it earned
struct CountUnremembered {};  // deferred without a record: the client has too many that wait
struct CountRecipient {};     // one more, for the limits of recipients
struct ReturnConnection {};   // the limits of connections take back what this one counted
struct CountDenials {         // one more of each, that its limit has turned away or would have
  std::vector<limits::State> states;
};
struct NoteHarvest {};  // the client was over a limit of bad recipients
struct CountRules {     // one more hit of each
  std::vector<RuleResult::Hit> hits;
};
using Effect =
    std::variant<TryTuple, Earn, TouchEarned, LoseEarned, CountUnremembered, CountRecipient,
                 ReturnConnection, CountDenials, NoteHarvest, CountRules>;

struct Outcome {
  Decision decision;
  std::vector<Effect> effects;
};

// The order of all checks, in one place (DESIGN: "The life of a session"). Pure: the same input
// gives the same answer, nothing is read or written. Call again with the need fulfilled until it
// decides.
std::variant<Need, Outcome> Step(const Facts& facts, const Known& known, const Config& config,
                                 WallTime now);

// The listing that a rejection by the score is about, as an index into known.evidence->lists.
// REQUIRES: known.evidence
std::optional<std::size_t> HeaviestListing(const Facts& facts, const Known& known,
                                           const Config& config);

// The decision when mxward itself failed (promise 1, or on_failure = "tempfail").
Outcome FailureOutcome(const Config& config);

}  // namespace mxward::policy
