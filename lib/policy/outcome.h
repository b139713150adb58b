// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "facts/decision.h"
#include "greylist/record.h"
#include "limits/limits.h"
#include "policy/rules.h"

namespace mxward::policy {

// Changes that follow from a decision; the engine applies them, explain and replay discard them.
struct TryTuple {  // note this try in the tuple's record, or among the client's folded ones
  bool fold = false;
  std::optional<Seconds> delay;  // instead of greylist.delay
  bool must_commit_before_reply =
      false;            // a deferral is sent only after this is committed (invariant 2)
  bool starts = false;  // a pending record begins; pending counts change with it
  bool ends = false;    // a pending tuple passes
  std::optional<greylist::TupleRecord> before;  // the record until now
};
struct CreditAutoAllow {  // one more tuple of this identity passed
  std::uint64_t identity_hash = 0;
  std::string identity;
};
struct CreditOrganisation {  // one more tuple passed that its organisation may count
  std::string organisation;
  std::uint32_t client = 0;  // the tag of its client
};
struct TouchAutoAllow {
  std::uint64_t identity_hash = 0;
};
struct RevokeAutoAllow {};    // the client loses what it earned
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
using Effect = std::variant<TryTuple, CreditAutoAllow, CreditOrganisation, TouchAutoAllow,
                            RevokeAutoAllow, CountUnremembered, CountRecipient, ReturnConnection,
                            CountDenials, NoteHarvest, CountRules>;

struct Outcome {
  Decision decision;
  std::vector<Effect> effects;
};

// What a check needs before it can go on; the caller resolves it and calls again.
enum class Need : std::uint8_t {
  kEntries,       // allow and block entries for client, sender and recipient
  kLimits,        // what each limit says that applies
  kHistory,       // what the client did before
  kEvidence,      // what is known by now of the client, its names and the sender
  kMoreEvidence,  // something that is pending could still change the verdict: wait for it
  kHeloAddress,   // whether the HELO name resolves to the client
  kSpf,           // what SPF says of the client and the sender: have it evaluated
  kPermissions,   // what Inputs::wanted says
  kListText,      // the text (TXT) of the listing that the rejection is about
  kGreylist,      // the tuple's record and what its identities have earned
  kSpfIdentity,   // the same once more, if SPF gives the client a further identity
};

// What one check says: it needs something, it decides, or the next one goes on.
using Step = std::optional<std::variant<Need, Outcome>>;

Outcome Accepted(Reason reason, By by, std::string_view source = "");

// The decision when mxward itself failed (invariant 1, or on_failure = "tempfail").
Outcome FailureOutcome(const Config& config);

}  // namespace mxward::policy
