// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "config/config.h"
#include "facts/decision.h"
#include "facts/session_facts.h"
#include "policy/evidence.h"

namespace mxward::policy {

// All DNS lists together can lower a score by no more than this.
inline constexpr int kMaxAllowListCredit = 5;

// The sum of all findings.
struct Score {
  int total = 0;
  int own = 0;        // what findings but those of lists add, before score.own_limit
  int max_total = 0;  // what the total can become through answers that are under way
  int min_total = 0;
  int listings = 0;      // what lists add,
  int max_listings = 0;  // and what they may add through answers under way
  // The part of total that would not be there with another sender or recipient. Never negative:
  // what speaks for them is not held against the client.
  int of_others = 0;
  std::vector<Finding> findings;  // in the order: name, helo, tls, spf, history, sender, lists
  // The list that adds most, as an index into Evidence::lists; nothing when none adds anything.
  std::optional<std::size_t> top_listing;
};

// Adds points that no evidence changes; of_others: the part that another sender or recipient would
// not have.
void Shift(int points, int of_others, Score& score);

// What is not a list's counts score.own_limit at most. A list counts once: the highest of all that
// it says about the client, its names and the sender.
// A private address is not judged by its name, HELO or lists. What a rule skips is left out. Pure.
Score ComputeScore(const SessionFacts& session, const Evidence& evidence, const Config& config,
                   const RuleSkips& skip = {});

// Whether the session has no TLS although it is offered, as the check tls-none counts it. Pure.
bool LacksTls(const SessionFacts& session, TlsOffer offer, const Config& config);
// The most that SPF can add. Pure.
int WorstSpf(const ScoreConfig& config, bool lacks_tls);

// What a score leads to.
enum class Suspicion : std::uint8_t { kNone, kSuspicious, kReject };
Suspicion SuspicionOf(int score, const ScoreConfig& config);

}  // namespace mxward::policy
