// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "dns/resolver.h"
#include "spf/check.h"

namespace mxward::spf {

// The evaluations that all sessions have under way. Equal ones are made once, and those of one
// domain are few: a record that is slow on purpose keeps no more than kMostOfDomain of them waiting
// at a time, however many sessions name the domain. What sessions use of this folder:
//
//   spf::Limits limits;
//   limits.questions = config.spf.questions;  // the others are RFC 7208's
//   const auto waiter = evaluations.Start(
//       {client, mail_from, helo}, organisational_domain, limits, resolver, deadline,
//       [](spf::Report report) { ... });
//   ...
//   evaluations.Cancel(waiter);  // when the session is over; nothing when the report has come
//
// Of the report `result` is the finding (kUnknown is none), Matched() and `record` are for the log,
// `carries_identity` says whether clients may be taken for one by it, and `trace` explains it.
//
// Thread-safe. Reports come as those of Check do: on the resolver's thread, or inside Start(). The
// clock outlives all evaluations that were started, also beyond this object's end.
class Evaluations {
 public:
  static constexpr std::size_t kMostOfDomain = 8;
  using Waiter = std::uint64_t;

  explicit Evaluations(const Clock& clock);
  ~Evaluations();
  Evaluations(const Evaluations&) = delete;
  Evaluations& operator=(const Evaluations&) = delete;

  // Waits for an equal evaluation (client, sender and HELO) that is under way, or begins one. With
  // kMostOfDomain of the domain under way, the newest of the network (/24, /48) that has the most
  // of them gives way: its result is unknown at once. So is the new one's when its own network
  // would then have as many. Thus nobody who makes a domain's lookups slow keeps other networks
  // out.
  //
  // domain: what is counted as one, which should be the organisational domain of whom is judged, as
  // names below it cost nothing. resolver, limits and deadline are those of who asked first; the
  // resolver is kept as long as it is needed, also when who handed it in is gone.
  Waiter Start(const Request& request, const std::string& domain, const Limits& limits,
               std::shared_ptr<dns::Resolver> resolver, MonoTime deadline, Check::Done done);
  // The waiter's report does not come, unless it is on its way already. An evaluation that nobody
  // waits for any more ends.
  void Cancel(Waiter waiter);

  std::size_t under_way() const;

 private:
  class Table;
  const std::shared_ptr<Table> table_;
};

}  // namespace mxward::spf
