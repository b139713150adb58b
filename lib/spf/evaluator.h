// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "dns/question.h"
#include "spf/macro.h"
#include "spf/record.h"

namespace mxward::spf {

// Whose permission is asked for (RFC 7208 section 4.1).
struct Request {
  IpAddress client;
  std::string sender;  // MAIL FROM as it was given; of the null sender HELO is judged (section 2.4)
  std::string helo;
};

// Section 4.6.4, and two limits of ours. Beyond any of them: permerror.
struct Limits {
  std::size_t terms = 10;      // include, a, mx, ptr, exists, redirect, and %{p} once
  std::size_t voids = 2;       // terms whose own question found nothing
  std::size_t names = 10;      // MX hosts of one term; further names of a PTR are passed over
  std::size_t questions = 20;  // to the DNS in all, whether a cache answers them or not: what an
                               // evaluation comes to does not depend on what was asked before
  std::size_t bytes = 65536;  // of records in all, which is what one answer holds: they are read on
                              // the resolver's thread
  bool one_label = false;     // names without a dot are domains, too (an intranet's)
};

enum class Mode : std::uint8_t {
  kCheck,
  // What a record has looked up for an IPv4 client that nothing matches: no term but all ends it,
  // and what depends on more than the domain is passed over. The result is what others get.
  kSurvey,
};

// A question and its answer, for people.
struct Lookup {
  dns::Question question;
  std::string said{};       // "192.0.2.1 192.0.2.2", "NXDOMAIN", "no such record", "SERVFAIL", ...
  bool failed = false;      // nobody knows
  bool again = false;       // had been asked before in this evaluation, which costs nothing
  bool from_cache = false;  // of the resolver
  Millis took{};
};

struct RecordTrace;
// A term that was looked at.
struct TermTrace {
  std::string text;               // as written, cut after kMaxShown bytes
  std::string target{};           // the name that it is about; "" of all, ip4 and ip6
  std::vector<Lookup> lookups{};  // its own, and those of its %{p}
  bool matched = false;
  std::string note{};              // why it did not or could not: for people
  std::vector<RecordTrace> inner;  // what include and redirect led to: one at most
};
// A domain's record and how far it was read.
struct RecordTrace {
  std::string domain;
  std::string text{};  // cut after kMaxShownRecord bytes; "" when there is none
  std::vector<Lookup> lookups{};
  std::vector<TermTrace> terms{};
  std::size_t left_out = 0;  // of them, as there are so many: only ip4 and ip6 that do not match
  ResultCode result = ResultCode::kUnknown;
  std::string note{};
};

// What came out, and how.
struct Report {
  ResultCode result = ResultCode::kUnknown;
  std::string domain;             // whose record was asked for: the sender's, or HELO's
  bool is_helo = false;           // the null sender's: HELO was judged
  std::string record;             // of the domain; "" without one
  std::vector<std::string> path;  // the term that matched; before it the include or redirect that
                                  // led to it; empty when none did
  // Of pass: it rests on ip4 of at most /16, ip6 of at most /32, a or mx of such lengths, or an
  // include of or redirect to such; and on no macro. Only then may clients be taken for one because
  // both pass: exists, ptr, macros and all let anybody in.
  bool carries_identity = false;
  std::string problem;    // of none, temperror, permerror and unknown, for people
  bool late = false;      // of unknown: the deadline passed while servers were asked
  std::size_t terms = 0;  // that count against the limit
  std::size_t voids = 0;
  std::size_t questions = 0;   // different ones
  std::size_t from_cache = 0;  // of them
  RecordTrace trace;

  // "ip4:192.0.2.0/24", "include:_spf.example.net ip4:192.0.2.0/24"; "" when no term matched.
  std::string Matched() const;
};

// check_host() of RFC 7208 section 4, without any I/O: it says what has to be looked up, is fed
// the answers, and says what has to be looked up next, until it is done.
//
//   Evaluator evaluator(request, limits);
//   while (!evaluator.done())
//     for (const dns::Question& one : std::vector(evaluator.needed())) evaluator.Feed(one,
//     Ask(one));
//   evaluator.report();
//
// Lazy: a term is looked up when all before it have not matched; the addresses of MX hosts are
// needed at once, and of a client's names only those that could match. A question is needed once.
// Bounded by the limits, whatever records and envelope hold: questions, depth, and memory (a record
// and an answer are no larger than a DNS message; the trace holds at most kMaxTraced terms beside
// those that ask the DNS). exp= is checked and not fetched. Not thread-safe.
class Evaluator {
 public:
  static constexpr std::size_t kMaxShown = 256;
  static constexpr std::size_t kMaxShownRecord = 4096;
  static constexpr std::size_t kMaxTraced = 200;

  explicit Evaluator(const Request& request, const Limits& limits = {}, Mode mode = Mode::kCheck);

  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  bool done() const { return done_; }
  // Empty when done. Names are lower case and domain names (IsDomainName()), but may hold bytes
  // that no host name does, when macros or PTR and MX records do: see Feed().
  const std::vector<dns::Question>& needed() const { return needed_; }
  // REQUIRES: question is one of needed(), which loses it. A null answer says that such a name
  // cannot be asked for: as the name of a host or a domain, that it does not exist; what exists:
  // asks for stays unknown.
  void Feed(const dns::Question& question, dns::AnswerPtr answer, bool from_cache = false,
            Millis took = Millis(0));
  // Nobody waits any longer: unknown. Nothing when it is done.
  void GiveUp(const std::string& problem, bool late);

  // Whole once it is done.
  const Report& report() const { return report_; }
  Report TakeReport() { return std::move(report_); }

 private:
  struct Frame {
    std::string domain;
    std::unique_ptr<const Record> record{};  // null until it is known
    std::size_t place = 0;
    std::optional<Term> term{};  // under way; redirect= is one whose mechanism counts as include
    bool is_redirect = false;    // that term
    RecordTrace* trace = nullptr;
  };
  struct Heard {
    dns::AnswerPtr answer;
    bool from_cache = false;
    Millis took{};
    std::size_t use = 0;  // uses_ when it was heard
  };
  enum class Tri { kYes, kNo, kWaiting };

  void Run();
  void Step();
  void ReadRecord(Frame& frame);
  void NextTerm(Frame& frame);
  void EndOfTerms(Frame& frame);
  void BeginTerm(Frame& frame, const Term& term, bool is_redirect);
  void EvaluateTerm(Frame& frame);
  void EvaluateTarget(Frame& frame, const std::string& target);
  void Enter(Frame& frame, const std::string& domain);
  void Exists(Frame& frame, const std::string& target);
  void Addresses(Frame& frame, const std::string& target);
  void Exchanges(Frame& frame, const std::string& target);
  void Pointers(Frame& frame, const std::string& target);

  std::optional<std::string> Target(Frame& frame, std::string_view spec);
  std::optional<std::string> ValidName(Frame& frame);
  // Whether the client is among a name's addresses. kNo for what failed as well.
  Tri IsAddressOf(const std::string& name, std::vector<Lookup>& lookups);
  bool Matches(const dns::Answer& answer, const Term& term) const;

  // The answer; null while it is needed, or when there must not be another question.
  const Heard* Look(const std::string& name, dns::RecordType type, std::vector<Lookup>& lookups);
  dns::RecordType AddressType() const;
  // What a term's own question was answered by, when that settles the term: true then.
  bool IsSettled(Frame& frame, const dns::Question& question, const Heard& heard);

  void Match(Frame& frame);
  void NoMatch(Frame& frame, const std::string& note = {});
  void Return(ResultCode result, const std::string& note = {});
  void Returned(Frame& frame, ResultCode result, const std::string& note);
  bool CountTerm();
  void Finish(ResultCode result, const std::string& problem);

  const Limits limits_;
  const Mode mode_;
  IpAddress client_;
  std::string local_part_;
  std::string sender_domain_;
  std::string helo_;
  std::vector<Frame> frames_;
  std::map<dns::Question, Heard> heard_;
  std::vector<dns::Question> needed_;
  std::size_t bytes_ = 0;           // of records
  std::size_t uses_ = 0;            // terms and records begun
  bool question_too_many_ = false;  // of this step: another question would be one too many
  bool valid_name_counted_ = false;
  std::size_t traced_ = 0;  // terms that ask nothing
  bool done_ = false;
  Report report_;
};

}  // namespace mxward::spf
