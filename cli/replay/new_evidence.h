// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "cli/replay/tally.h"
#include "config/config.h"
#include "facts/decision.h"
#include "facts/session_facts.h"
#include "outcomes/new_findings.h"

namespace mxward::cli {

// Which clients of a replay are suspicious only because of new findings: with the score of the
// rest they would not be. A client is its verified name, or else its address (IPv6: its /64). Each
// message counts under the new finding that adds most.
//
// Bounded memory: kMostClients are told apart, kMostNamed of each finding are known by name.
class NewEvidence {
 public:
  explicit NewEvidence(const ScoreConfig& score) : score_(score) {}

  // A recipient that was judged; of a stranger. tls: the session had it.
  void Note(const SessionFacts& client, bool tls, const Decision& decision, LogFate fate,
            WallTime when);

  struct Client {
    std::string name;
    bool named = false;  // else name is an address or prefix
    std::uint64_t recipients = 0;
    std::uint64_t deferred = 0;
    std::uint64_t taken = 0;  // by the log's server
    WallTime last{};
  };
  struct Row {
    std::uint64_t recipients = 0;
    std::uint64_t deferred = 0;
    std::uint64_t taken = 0;
    std::unordered_map<std::string, Client> clients;
    bool full = false;  // there are more clients than that
  };
  const Row& Of(Check finding) const;
  // Those with this finding, who came last first; at most so many.
  std::vector<const Client*> Newest(Check finding, std::size_t most) const;

  std::uint64_t clients() const { return clients_.size(); }
  std::uint64_t clients_with_tls() const { return with_tls_; }
  bool full() const { return full_; }

  static constexpr std::size_t kMostClients = 500000;
  static constexpr std::size_t kMostNamed = 50000;

 private:
  const ScoreConfig score_;
  std::array<Row, outcomes::kNewFindings.size()> rows_;
  std::unordered_map<std::uint64_t, bool> clients_;  // whether it had TLS
  std::uint64_t with_tls_ = 0;
  bool full_ = false;
};

}  // namespace mxward::cli
