// SPDX-License-Identifier: Apache-2.0
// lib/spf over a table of answers, for tests in Python: reads lines, and writes one for each
// "check".
//
//   zone                                   forgets all answers
//   answer NAME TYPE none|nodata|fails     what a question gets; "none" is what is not told
//   answer NAME TYPE found VALUE...        addresses, names, texts; of MX "PREFERENCE:NAME"
//   check CLIENT SENDER HELO [one-label]   -> RESULT QUESTIONS TERMS VOIDS MATCHED PROBLEM
//
// Every NAME, VALUE, SENDER and HELO, and what is written of MATCHED and PROBLEM, is hexadecimal;
// "-" is the empty text.
#include <algorithm>
#include <charconv>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "spf/evaluator.h"

namespace mxward::spf {
namespace {

using Table = std::map<dns::Question, dns::AnswerPtr>;

std::string Read(const std::string& word) {
  if (word == "-") return {};
  const auto text = HexDecode(word);
  if (!text) throw std::runtime_error("not hexadecimal: " + word);
  return *text;
}

std::string Write(const std::string& text) { return text.empty() ? "-" : HexEncode(text); }

dns::RecordType TypeOf(const std::string& word) {
  for (const auto type : {dns::RecordType::kA, dns::RecordType::kAaaa, dns::RecordType::kMx,
                          dns::RecordType::kTxt, dns::RecordType::kPtr}) {
    if (WordOf(type) == word) return type;
  }
  throw std::runtime_error("no type: " + word);
}

void AddValue(dns::Answer& answer, dns::RecordType type, const std::string& value) {
  if (type == dns::RecordType::kTxt) {
    answer.texts.push_back(value);
  } else if (type == dns::RecordType::kPtr) {
    answer.names.push_back(value);
  } else if (type == dns::RecordType::kMx) {
    const std::size_t colon = value.find(':');
    dns::MailExchange mx;
    std::from_chars(value.data(), value.data() + colon, mx.preference);
    mx.exchange = value.substr(colon + 1);
    answer.exchanges.push_back(std::move(mx));
  } else if (const auto address = IpAddress::Parse(value)) {
    answer.addresses.push_back(*address);
  } else {
    throw std::runtime_error("no address: " + value);
  }
}

void ReadAnswer(std::istringstream& words, Table& table) {
  std::string name;
  std::string type_word;
  std::string outcome;
  words >> name >> type_word >> outcome;
  const dns::RecordType type = TypeOf(type_word);
  dns::Answer answer;
  if (outcome == "none") answer.outcome = dns::Outcome::kNoName;
  if (outcome == "nodata") answer.outcome = dns::Outcome::kNoData;
  if (outcome == "fails") answer.failure = "SERVFAIL";
  if (outcome == "found") {
    answer.outcome = dns::Outcome::kFound;
    for (std::string value; words >> value;) AddValue(answer, type, Read(value));
    std::stable_sort(
        answer.exchanges.begin(), answer.exchanges.end(),
        [](const auto& one, const auto& other) { return one.preference < other.preference; });
  }
  table[{Read(name), type}] = std::make_shared<const dns::Answer>(std::move(answer));
}

void Check(std::istringstream& words, const Table& table) {
  static const auto kNothing =
      std::make_shared<const dns::Answer>(dns::Answer{.outcome = dns::Outcome::kNoName});
  std::string client;
  std::string sender;
  std::string helo;
  std::string option;
  words >> client >> sender >> helo >> option;
  const auto address = IpAddress::Parse(client);
  if (!address) throw std::runtime_error("no client: " + client);
  Limits limits;
  limits.one_label = option == "one-label";
  Evaluator evaluator({*address, Read(sender), Read(helo)}, limits);
  while (!evaluator.done()) {
    for (const dns::Question& one : std::vector(evaluator.needed())) {
      const auto known = table.find(one);
      evaluator.Feed(one, known == table.end() ? kNothing : known->second);
    }
  }
  const Report& report = evaluator.report();
  std::cout << WordOf(report.result) << ' ' << report.questions << ' ' << report.terms << ' '
            << report.voids << ' ' << Write(report.Matched()) << ' ' << Write(report.problem)
            << std::endl;
}

void Run() {
  Table table;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string what;
    words >> what;
    if (what == "zone") {
      table.clear();
    } else if (what == "answer") {
      ReadAnswer(words, table);
    } else if (what == "check") {
      Check(words, table);
    } else {
      throw std::runtime_error("what is \"" + what + "\"?");
    }
  }
}

}  // namespace
}  // namespace mxward::spf

int main() {
  try {
    mxward::spf::Run();
  } catch (const std::exception& problem) {
    std::cerr << "spf_table: " << problem.what() << '\n';
    return 1;
  }
  return 0;
}
