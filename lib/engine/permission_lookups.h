// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "config/config.h"
#include "dns/resolver.h"
#include "engine/spf_lookup.h"
#include "engine/trouble.h"
#include "facts/session_facts.h"
#include "policy/permissions.h"
#include "spf/evaluations.h"

namespace mxward {

// What evaluations use up that rules, entries and limits have asked for. Apart from what the score
// has, so that asking changes nothing else: no budget of a client, and none of the evaluations of a
// domain that may be under way. One for all sessions.
struct PermissionBudgets {
  explicit PermissionBudgets(const Clock& clock) : evaluations(clock) {}

  spf::Evaluations evaluations;
  Trouble of_senders;  // whose domains clients choose
  Trouble of_domains;  // that the administrator has chosen
};

// The evaluations of SPF that rules, entries and limits have asked for in one session. Those of
// domains (spf_of) are made once a session, that of the sender once a message. Used as its session
// is: by one thread at a time.
class PermissionLookups {
 public:
  // All outlive it.
  struct Services {
    dns::Resolver* resolver;
    PermissionBudgets& budgets;
    const Clock& clock;
    bool leaves_trace;  // its trouble is remembered
  };
  explicit PermissionLookups(Services services) : services_(services) {}

  // In one session; of further ones nothing is found out.
  static constexpr std::size_t kMostDomains = 64;
  static constexpr std::size_t kMostSenders = 100;

  // Begins what has not been begun. senders: what the score has begun for the message; null: none.
  void Ask(const policy::PermissionRequest& request, const SessionFacts& session,
           const MessageFacts& message, const Config& config,
           const std::shared_ptr<SpfLookup>& senders,
           const std::shared_ptr<dns::Progress>& progress);
  // When the last of what is under way of the request was asked.
  std::optional<MonoTime> LastAskedPending(const policy::PermissionRequest& request) const;
  // What has come; what is wanted and under way is unknown from now on, for this message.
  policy::Permissions Take(const policy::PermissionRequest& request);
  // Nobody can be asked.
  static policy::Permissions Unknown(const policy::PermissionRequest& request);

  // The sender's, if it is known to pass.
  bool SenderPasses() const;

  void EndMessage();
  // Records may ask for the HELO name.
  void NewHelo() { domains_.clear(); }
  void Reset();

 private:
  using Answer = policy::Permissions::Answer;
  static Answer AnswerOf(const SpfLookup* lookup);

  Services services_;
  std::shared_ptr<SpfLookup> sender_;
  bool sender_asked_ = false;
  policy::Permissions known_;  // of this message
  std::map<std::string, std::shared_ptr<SpfLookup>, std::less<>> domains_;
  std::set<std::string, std::less<>> senders_;  // domains asked for in this session
};

}  // namespace mxward
