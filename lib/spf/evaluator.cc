// SPDX-License-Identifier: Apache-2.0
#include "spf/evaluator.h"

#include <algorithm>
#include <utility>

#include "base/a_labels.h"
#include "base/mail_address.h"
#include "base/text.h"

namespace mxward::spf {
namespace {

using dns::Outcome;
using dns::RecordType;

constexpr std::size_t kShownRecords = 4;

std::string Cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  return std::string(text.substr(0, most)) + "...";
}

std::string WhatItSaid(const dns::AnswerPtr& answer) {
  if (answer == nullptr) return "a name that cannot be queried";
  switch (answer->outcome) {
    case Outcome::kNoName:
      return "NXDOMAIN";
    case Outcome::kNoData:
      return "no such record";
    case Outcome::kFailed:
      return answer->failure;
    case Outcome::kFound:
      break;
  }
  std::vector<std::string> records;
  for (const IpAddress& one : answer->addresses) records.push_back(one.ToString());
  for (const dns::MailExchange& one : answer->exchanges) {
    records.push_back(std::to_string(one.preference) + " " +
                      (one.exchange.empty() ? "." : one.exchange));
  }
  for (const std::string& one : answer->names) records.push_back(one);
  // What SPF uses of them is shown as the record.
  if (!answer->texts.empty()) {
    return std::to_string(answer->texts.size()) +
           (answer->texts.size() == 1 ? " record" : " records");
  }
  std::string said;
  for (std::size_t i = 0; i < std::min(records.size(), kShownRecords); ++i) {
    said += (said.empty() ? "" : ", ") + records[i];
  }
  if (records.size() > kShownRecords) {
    said += " and " + std::to_string(records.size() - kShownRecords) + " more";
  }
  return said;
}

// Of what cannot be asked for, null is held to be no name at all.
Outcome OutcomeOf(const dns::AnswerPtr& answer) {
  return answer == nullptr ? Outcome::kNoName : answer->outcome;
}

bool IsAtOrBelow(std::string_view name, std::string_view domain) {
  return name == domain || (name.size() > domain.size() && name.ends_with(domain) &&
                            name[name.size() - domain.size() - 1] == '.');
}

std::string DomainOf(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (!IsAscii(text)) return ToALabels(text).value_or("");
  return ToLower(text);
}

// Lengths of networks that one operator can have for himself.
bool IsNarrow(const Term& term, const IpAddress& client) {
  switch (term.mechanism) {
    case Mechanism::kIp4:
    case Mechanism::kIp6:
    case Mechanism::kA:
    case Mechanism::kMx:
      return client.is_v4() ? term.length4 >= 16 : term.length6 >= 32;
    case Mechanism::kInclude:
      return true;
    case Mechanism::kAll:
    case Mechanism::kPtr:
    case Mechanism::kExists:
      return false;
  }
  return false;
}

std::string Describe(const dns::Question& question, const std::string& what) {
  return std::string(WordOf(question.type)) + " of " + EscapeForLog(question.name, 80) + ": " +
         what;
}

}  // namespace

std::string Report::Matched() const {
  std::string text;
  for (const std::string& one : path) text += (text.empty() ? "" : " ") + one;
  return text;
}

Evaluator::Evaluator(const Request& request, const Limits& limits, Mode mode)
    : limits_(limits), mode_(mode), client_(request.client), helo_(request.helo) {
  const std::string_view sender = StripAngles(request.sender);
  const MailAddress parts = SplitMailAddress(sender);
  report_.is_helo = sender.empty();
  sender_domain_ = DomainOf(report_.is_helo ? std::string_view(helo_) : parts.domain);
  // Section 4.3.
  local_part_ = parts.local.empty() || report_.is_helo ? "postmaster" : std::string(parts.local);
  report_.domain = sender_domain_;
  frames_.reserve(limits.terms + 1);
  frames_.push_back({.domain = sender_domain_, .trace = &report_.trace});
  report_.trace.domain = sender_domain_;
  Run();
}

void Evaluator::Feed(const dns::Question& question, dns::AnswerPtr answer, bool from_cache,
                     Millis took) {
  const auto place = std::find(needed_.begin(), needed_.end(), question);
  if (done_ || place == needed_.end()) return;
  needed_.erase(place);
  ++report_.questions;
  if (from_cache) ++report_.from_cache;
  const bool not_queried =
      answer != nullptr && answer->outcome == Outcome::kFailed && answer->not_queried;
  const std::string failure = not_queried ? answer->failure : std::string();
  heard_[question] = {std::move(answer), from_cache, took, uses_};
  if (not_queried) {
    Finish(ResultCode::kUnknown, Describe(question, failure));
  } else if (needed_.empty()) {
    Run();
  }
}

void Evaluator::GiveUp(const std::string& problem, bool late) {
  if (done_) return;
  report_.late = late;
  Finish(ResultCode::kUnknown, problem);
}

void Evaluator::Run() {
  while (!done_ && needed_.empty()) {
    question_too_many_ = false;
    Step();
    if (question_too_many_ && !done_ && needed_.empty()) {
      Finish(ResultCode::kPermerror,
             "more than " + std::to_string(limits_.questions) + " DNS queries");
    }
  }
}

void Evaluator::Step() {
  Frame& frame = frames_.back();
  if (frame.record == nullptr) {
    ReadRecord(frame);
  } else if (!frame.term) {
    NextTerm(frame);
  } else {
    EvaluateTerm(frame);
  }
}

// Sections 4.3 to 4.5.
void Evaluator::ReadRecord(Frame& frame) {
  if (!IsDomainName(frame.domain)) return Return(ResultCode::kNone, "not a domain name");
  if (!limits_.one_label && frame.domain.find('.') == std::string::npos) {
    return Return(ResultCode::kNone, "a name without a dot");
  }
  frame.trace->lookups.clear();
  const Heard* heard = Look(frame.domain, RecordType::kTxt, frame.trace->lookups);
  if (heard == nullptr) return;
  switch (OutcomeOf(heard->answer)) {
    case Outcome::kFailed:
      return Return(ResultCode::kTemperror,
                    Describe({frame.domain, RecordType::kTxt}, heard->answer->failure));
    case Outcome::kNoName:
      return Return(ResultCode::kNone, "no such domain");
    case Outcome::kNoData:
      return Return(ResultCode::kNone, "no SPF record");
    case Outcome::kFound:
      break;
  }
  std::vector<std::string> records = SelectRecords(heard->answer->texts);
  if (records.empty()) return Return(ResultCode::kNone, "no SPF record");
  if (records.size() > 1) return Return(ResultCode::kPermerror, "more than one SPF record");
  frame.trace->text = Cut(records.front(), kMaxShownRecord);
  if (frames_.size() == 1) report_.record = frame.trace->text;
  bytes_ += records.front().size();
  if (bytes_ > limits_.bytes) {
    return Finish(ResultCode::kPermerror,
                  "records of more than " + std::to_string(limits_.bytes) + " bytes in all");
  }
  auto record = Record::Parse(std::move(records.front()), limits_.one_label);
  if (!record) return Return(ResultCode::kPermerror, record.error().message);
  frame.record = std::make_unique<const Record>(*std::move(record));
}

void Evaluator::NextTerm(Frame& frame) {
  if (const auto term = frame.record->Next(frame.place)) {
    BeginTerm(frame, *term, /*is_redirect=*/false);
  } else {
    EndOfTerms(frame);
  }
}

// Sections 4.7 and 6.1.
void Evaluator::EndOfTerms(Frame& frame) {
  if (frame.record->redirect().empty()) {
    report_.path.clear();
    return Return(ResultCode::kNeutral);
  }
  Term redirect;
  redirect.text = frame.record->redirect_text();
  redirect.mechanism = Mechanism::kInclude;
  redirect.spec = frame.record->redirect();
  BeginTerm(frame, redirect, /*is_redirect=*/true);
}

void Evaluator::BeginTerm(Frame& frame, const Term& term, bool is_redirect) {
  ++uses_;
  frame.term = term;
  frame.is_redirect = is_redirect;
  frame.trace->terms.emplace_back().text = Cut(term.text, kMaxShown);
  if (term.AsksDns() && !CountTerm()) return;
}

bool Evaluator::CountTerm() {
  if (++report_.terms <= limits_.terms) return true;
  Finish(ResultCode::kPermerror,
         "more than " + std::to_string(limits_.terms) + " terms that need DNS lookups");
  return false;
}

void Evaluator::EvaluateTerm(Frame& frame) {
  const Term& term = *frame.term;
  if (term.mechanism == Mechanism::kAll) return Match(frame);
  if (!term.AsksDns()) {
    const int length = term.network.is_v4 ? term.length4 : term.length6;
    return term.network.Holds(client_, length) ? Match(frame) : NoMatch(frame);
  }
  const bool is_passed_over = term.mechanism == Mechanism::kPtr || DependsOnSession(term.spec);
  if (mode_ == Mode::kSurvey && is_passed_over) {
    return NoMatch(frame, "depends on the client or the sender");
  }
  frame.trace->terms.back().lookups.clear();
  const auto target = Target(frame, term.spec);
  if (!target || done_) return;
  frame.trace->terms.back().target = *target;
  EvaluateTarget(frame, *target);
}

void Evaluator::EvaluateTarget(Frame& frame, const std::string& target) {
  if (frame.term->mechanism == Mechanism::kInclude) return Enter(frame, target);
  // Section 4.8 leaves it open what an impossible name means; it does not exist.
  if (!IsDomainName(target)) return NoMatch(frame, "not a domain name");
  switch (frame.term->mechanism) {
    case Mechanism::kExists:
      return Exists(frame, target);
    case Mechanism::kA:
      return Addresses(frame, target);
    case Mechanism::kMx:
      return Exchanges(frame, target);
    default:
      return Pointers(frame, target);
  }
}

// Sections 5.2 and 6.1: check_host() of another domain.
void Evaluator::Enter(Frame& frame, const std::string& domain) {
  std::vector<RecordTrace>& inner = frame.trace->terms.back().inner;
  ++uses_;
  inner.push_back({.domain = domain});
  frames_.push_back({.domain = domain, .trace = &inner.back()});
}

// Section 5.7.
void Evaluator::Exists(Frame& frame, const std::string& target) {
  const dns::Question question{target, RecordType::kA};
  const Heard* heard = Look(target, RecordType::kA, frame.trace->terms.back().lookups);
  if (heard == nullptr) return;
  if (heard->answer == nullptr) {
    return Finish(ResultCode::kUnknown, Describe(question, WhatItSaid(heard->answer)));
  }
  if (!IsSettled(frame, question, *heard)) Match(frame);
}

// Section 5.3.
void Evaluator::Addresses(Frame& frame, const std::string& target) {
  const Heard* heard = Look(target, AddressType(), frame.trace->terms.back().lookups);
  if (heard == nullptr || IsSettled(frame, {target, AddressType()}, *heard)) return;
  Matches(*heard->answer, *frame.term) ? Match(frame) : NoMatch(frame);
}

// Section 5.4. The hosts are taken in their order, as if they were asked one by one.
void Evaluator::Exchanges(Frame& frame, const std::string& target) {
  std::vector<Lookup>& lookups = frame.trace->terms.back().lookups;
  const Heard* heard = Look(target, RecordType::kMx, lookups);
  if (heard == nullptr || IsSettled(frame, {target, RecordType::kMx}, *heard)) return;
  if (heard->answer->exchanges.size() > limits_.names) {
    return Finish(ResultCode::kPermerror, EscapeForLog(target, 80) + " has more than " +
                                              std::to_string(limits_.names) + " MX hosts");
  }
  bool waiting = false;
  for (const dns::MailExchange& mx : heard->answer->exchanges) {
    if (!IsDomainName(mx.exchange)) continue;  // "": null MX
    const dns::Question question{mx.exchange, AddressType()};
    const Heard* host = Look(question.name, question.type, lookups);
    waiting = waiting || host == nullptr;
    if (waiting || host->answer == nullptr) continue;
    if (host->answer->outcome == Outcome::kFailed) {
      return Finish(ResultCode::kTemperror, Describe(question, host->answer->failure));
    }
    if (Matches(*host->answer, *frame.term)) return Match(frame);
  }
  if (!waiting) NoMatch(frame);
}

// Section 5.5. Only names that would match if they are the client's own have to be.
void Evaluator::Pointers(Frame& frame, const std::string& target) {
  std::vector<Lookup>& lookups = frame.trace->terms.back().lookups;
  const dns::Question question{dns::ReverseName(client_), RecordType::kPtr};
  const Heard* heard = Look(question.name, question.type, lookups);
  if (heard == nullptr) return;
  if (OutcomeOf(heard->answer) == Outcome::kFailed) {
    return NoMatch(frame, Describe(question, heard->answer->failure));
  }
  if (IsSettled(frame, question, *heard)) return;
  const std::vector<std::string>& names = heard->answer->names;
  bool waiting = false;
  for (std::size_t i = 0; i < std::min(names.size(), limits_.names); ++i) {
    if (!IsAtOrBelow(names[i], target)) continue;
    switch (IsAddressOf(names[i], lookups)) {
      case Tri::kYes:
        if (!waiting) return Match(frame);
        break;
      case Tri::kNo:
        break;
      case Tri::kWaiting:
        waiting = true;
    }
  }
  if (!waiting) NoMatch(frame);
}

std::optional<std::string> Evaluator::Target(Frame& frame, std::string_view spec) {
  if (spec.empty()) return frame.domain;
  std::string valid_name;
  if (NeedsValidName(spec)) {
    if (!std::exchange(valid_name_counted_, true) && !CountTerm()) return std::nullopt;
    auto name = ValidName(frame);
    if (!name) return std::nullopt;
    valid_name = *std::move(name);
  }
  return ExpandDomain(spec, {.local_part = local_part_,
                             .sender_domain = sender_domain_,
                             .domain = frame.domain,
                             .helo = helo_,
                             .valid_name = valid_name,
                             .client = client_});
}

// Section 7.3: the domain's own name is preferred, then one below it, then any. Nothing while
// questions are needed.
std::optional<std::string> Evaluator::ValidName(Frame& frame) {
  std::vector<Lookup>& lookups = frame.trace->terms.back().lookups;
  const Heard* heard = Look(dns::ReverseName(client_), RecordType::kPtr, lookups);
  if (heard == nullptr) return std::nullopt;
  if (OutcomeOf(heard->answer) != Outcome::kFound) return "unknown";
  std::vector<std::string> names = heard->answer->names;
  names.resize(std::min(names.size(), limits_.names));
  const auto distance = [&](const std::string& name) {
    return name == frame.domain ? 0 : IsAtOrBelow(name, frame.domain) ? 1 : 2;
  };
  std::stable_sort(names.begin(), names.end(), [&](const auto& one, const auto& other) {
    return distance(one) < distance(other);
  });
  bool waiting = false;
  for (const std::string& name : names) {
    const Tri is_valid = IsAddressOf(name, lookups);
    waiting = waiting || is_valid == Tri::kWaiting;
    if (!waiting && is_valid == Tri::kYes) return name;
  }
  if (waiting) return std::nullopt;
  return "unknown";
}

Evaluator::Tri Evaluator::IsAddressOf(const std::string& name, std::vector<Lookup>& lookups) {
  if (!IsDomainName(name)) return Tri::kNo;
  const Heard* heard = Look(name, AddressType(), lookups);
  if (heard == nullptr) return Tri::kWaiting;
  if (OutcomeOf(heard->answer) != Outcome::kFound) return Tri::kNo;
  const std::vector<IpAddress>& addresses = heard->answer->addresses;
  return std::find(addresses.begin(), addresses.end(), client_) != addresses.end() ? Tri::kYes
                                                                                   : Tri::kNo;
}

bool Evaluator::Matches(const dns::Answer& answer, const Term& term) const {
  return std::any_of(answer.addresses.begin(), answer.addresses.end(), [&](const IpAddress& one) {
    return Network{one.is_v4(), one.bytes()}.Holds(client_,
                                                   one.is_v4() ? term.length4 : term.length6);
  });
}

const Evaluator::Heard* Evaluator::Look(const std::string& name, RecordType type,
                                        std::vector<Lookup>& lookups) {
  const dns::Question question{name, type};
  const auto found = heard_.find(question);
  if (found == heard_.end()) {
    if (std::find(needed_.begin(), needed_.end(), question) != needed_.end()) return nullptr;
    if (report_.questions + needed_.size() < limits_.questions) {
      needed_.push_back(question);
    } else {
      question_too_many_ = true;
    }
    return nullptr;
  }
  const Heard& heard = found->second;
  const bool is_new = std::none_of(lookups.begin(), lookups.end(),
                                   [&](const Lookup& one) { return one.question == question; });
  if (is_new) {
    lookups.push_back({.question = question,
                       .said = WhatItSaid(heard.answer),
                       .failed = OutcomeOf(heard.answer) == Outcome::kFailed,
                       .again = heard.use != uses_,
                       .from_cache = heard.from_cache,
                       .took = heard.took});
  }
  return &heard;
}

RecordType Evaluator::AddressType() const {
  return client_.is_v4() ? RecordType::kA : RecordType::kAaaa;
}

bool Evaluator::IsSettled(Frame& frame, const dns::Question& question, const Heard& heard) {
  switch (OutcomeOf(heard.answer)) {
    case Outcome::kFound:
      return false;
    case Outcome::kFailed:
      Finish(ResultCode::kTemperror, Describe(question, heard.answer->failure));
      return true;
    case Outcome::kNoData:
    case Outcome::kNoName:
      break;
  }
  // Section 4.6.4.
  if (++report_.voids > limits_.voids) {
    Finish(ResultCode::kPermerror, "more than " + std::to_string(limits_.voids) + " void lookups");
  } else {
    NoMatch(frame);
  }
  return true;
}

void Evaluator::Match(Frame& frame) {
  const Term& term = *frame.term;
  if (mode_ == Mode::kSurvey && term.mechanism != Mechanism::kAll) return NoMatch(frame);
  frame.trace->terms.back().matched = true;
  const bool narrow = IsNarrow(term, client_) && !HasMacro(term.spec);
  if (term.mechanism != Mechanism::kInclude) {
    report_.path.clear();
    report_.carries_identity = narrow;
  }
  report_.carries_identity = report_.carries_identity && narrow;
  report_.path.insert(report_.path.begin(), Cut(term.text, kMaxShown));
  Return(term.qualifier);
}

void Evaluator::NoMatch(Frame& frame, const std::string& note) {
  const bool counts = !frame.term->AsksDns();
  frame.trace->terms.back().note = note;
  if (counts && ++traced_ > kMaxTraced) {
    frame.trace->terms.pop_back();
    ++frame.trace->left_out;
  }
  frame.term.reset();
}

void Evaluator::Return(ResultCode result, const std::string& note) {
  frames_.back().trace->result = result;
  frames_.back().trace->note = note;
  const std::string domain = std::move(frames_.back().domain);
  frames_.pop_back();
  if (frames_.empty()) {
    Finish(result, note);
  } else {
    Returned(frames_.back(), result, EscapeForLog(domain, 80) + ": " + note);
  }
}

// What an include or a redirect led to.
void Evaluator::Returned(Frame& frame, ResultCode result, const std::string& note) {
  if (result == ResultCode::kTemperror || result == ResultCode::kPermerror) {
    return Finish(result, note);
  }
  if (result == ResultCode::kNone) return Finish(ResultCode::kPermerror, note);
  if (!frame.is_redirect) {
    return result == ResultCode::kPass ? Match(frame) : NoMatch(frame);
  }
  frame.trace->terms.back().matched = true;
  if (!report_.path.empty()) {
    report_.path.insert(report_.path.begin(), Cut(frame.term->text, kMaxShown));
  }
  report_.carries_identity = report_.carries_identity && !HasMacro(frame.term->spec);
  Return(result);
}

void Evaluator::Finish(ResultCode result, const std::string& problem) {
  done_ = true;
  needed_.clear();
  for (const Frame& frame : frames_) frame.trace->result = result;
  frames_.clear();
  heard_.clear();
  report_.result = result;
  report_.problem = problem;
  report_.carries_identity = report_.carries_identity && result == ResultCode::kPass;
  const bool judged = result == ResultCode::kPass || result == ResultCode::kFail ||
                      result == ResultCode::kSoftfail || result == ResultCode::kNeutral;
  if (!judged) report_.path.clear();
}

}  // namespace mxward::spf
