// SPDX-License-Identifier: Apache-2.0
// A hostile DNS: whatever it answers, an evaluation ends, within its limits of questions, terms and
// voids, asks nothing twice, and leaves a report of bounded size that makes sense.
//
// The input is what the DNS says, line by line, in the order of the questions: of an MX or a PTR
// question names with blanks between them, of an address one number (from which a few addresses
// are made), of a TXT the rest of a record; "!" fails, "?" is NODATA, "%" cannot be asked, an empty
// line is NXDOMAIN. The first line is client, sender and HELO.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "spf/evaluator.h"

namespace mxward::spf {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

class Script {
 public:
  explicit Script(std::string_view text) : rest_(text) {}
  std::string_view Line() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
  }

 private:
  std::string_view rest_;
};

std::string_view Word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

dns::AnswerPtr AnswerTo(const dns::Question& question, std::string_view line) {
  dns::Answer answer;
  if (line == "%") return nullptr;
  if (line == "!" || line == "!!") {
    answer.failure = "SERVFAIL";
    answer.not_queried = line.size() > 1;
  } else if (line == "?") {
    answer.outcome = dns::Outcome::kNoData;
  } else if (line.empty()) {
    answer.outcome = dns::Outcome::kNoName;
  } else {
    answer.outcome = dns::Outcome::kFound;
    switch (question.type) {
      case dns::RecordType::kTxt:
        answer.texts = {"another", "v=spf1 " + std::string(line)};
        break;
      case dns::RecordType::kMx:
        while (!line.empty()) answer.exchanges.push_back({10, std::string(Word(line))});
        break;
      case dns::RecordType::kPtr:
        while (!line.empty()) answer.names.emplace_back(Word(line));
        break;
      default:
        for (std::uint32_t i = 0; i < 3; ++i) {
          answer.addresses.push_back(
              IpAddress::V4(0xc0000200U + static_cast<unsigned char>(line.front()) + i));
        }
    }
  }
  return std::make_shared<const dns::Answer>(std::move(answer));
}

// How many nodes it has; every text of it is bounded.
std::size_t CheckTrace(const RecordTrace& record, std::size_t depth) {
  Require(depth <= 11);
  std::size_t nodes = 1 + record.lookups.size();
  Require(record.text.size() <= Evaluator::kMaxShownRecord + 3);
  for (const TermTrace& term : record.terms) {
    Require(term.text.size() <= Evaluator::kMaxShown + 3 && term.inner.size() <= 1);
    nodes += 1 + term.lookups.size();
    for (const RecordTrace& inner : term.inner) nodes += CheckTrace(inner, depth + 1);
  }
  return nodes;
}

void CheckReport(const Report& report, const Limits& limits, std::size_t asked) {
  Require(report.questions == asked && asked <= limits.questions);
  Require(report.terms <= limits.terms + 1 && report.voids <= limits.voids + 1);
  const bool judged = report.result == ResultCode::kPass || report.result == ResultCode::kFail ||
                      report.result == ResultCode::kSoftfail ||
                      report.result == ResultCode::kNeutral;
  Require(judged == report.problem.empty());
  Require(report.path.empty() || judged);
  Require(report.result == ResultCode::kNeutral || !judged || !report.path.empty());
  Require(!report.carries_identity || report.result == ResultCode::kPass);
  Require(report.path.size() <= 12);
  // Terms that ask (11), those that do not, the one that matched, records and lookups.
  Require(CheckTrace(report.trace, 0) <= 11 * 24 + 2 * Evaluator::kMaxTraced + 64);
}

void Evaluate(std::string_view input, Mode mode) {
  Script script(input);
  std::string_view session = script.Line();
  const auto client = IpAddress::Parse(Word(session)).value_or(IpAddress::V4(0xc0000201U));
  const std::string sender(Word(session));
  const Limits limits;
  Evaluator evaluator({client, sender, std::string(session)}, limits, mode);
  std::set<dns::Question> asked;
  while (!evaluator.done()) {
    Require(!evaluator.needed().empty());
    for (const dns::Question& one : std::vector(evaluator.needed())) {
      if (evaluator.done()) break;
      Require(IsDomainName(one.name));
      Require(asked.insert(one).second);
      evaluator.Feed(one, AnswerTo(one, script.Line()));
    }
  }
  CheckReport(evaluator.report(), limits, asked.size());
}

}  // namespace
}  // namespace mxward::spf

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  mxward::spf::Evaluate(input, mxward::spf::Mode::kCheck);
  mxward::spf::Evaluate(input, mxward::spf::Mode::kSurvey);
  return 0;
}
