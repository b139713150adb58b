// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "spf/evaluator.h"
#include "tests/fake/fake_resolver.h"

namespace mxward::spf {

inline IpAddress AddressOf(const std::string& text) { return IpAddress::Parse(text).value(); }

// What a DNS holds that answers at once: NXDOMAIN for what is not told.
class Zone {
 public:
  Zone& Set(const std::string& name, dns::RecordType type, dns::Answer answer) {
    answers_[{name, type}] = std::make_shared<const dns::Answer>(std::move(answer));
    return *this;
  }
  Zone& Txt(const std::string& name, const std::string& text) {
    return Set(name, dns::RecordType::kTxt, dns::answers::Texts({text}));
  }
  Zone& A(const std::string& name, const std::vector<std::string>& addresses) {
    return Set(name, dns::RecordType::kA, dns::answers::Addresses(addresses));
  }
  Zone& Mx(const std::string& name, const std::vector<std::string>& hosts) {
    std::vector<dns::MailExchange> exchanges;
    for (const std::string& host : hosts) exchanges.push_back({10, host});
    return Set(name, dns::RecordType::kMx, dns::answers::Exchanges(std::move(exchanges)));
  }
  Zone& Ptr(const std::string& address, std::vector<std::string> names) {
    return Set(dns::ReverseName(AddressOf(address)), dns::RecordType::kPtr,
               dns::answers::Names(std::move(names)));
  }
  Zone& Fails(const std::string& name, dns::RecordType type, bool not_queried = false) {
    dns::Answer answer = dns::answers::Failed("no answer in 2s");
    answer.not_queried = not_queried;
    return Set(name, type, std::move(answer));
  }

  // The report, and in asked() what was asked for it.
  Report Check(const std::string& client, const std::string& sender = "user@example.org",
               const std::string& helo = "mx.example.org", const Limits& limits = {}) {
    return Run(Evaluator({AddressOf(client), sender, helo}, limits));
  }
  Report Survey(const std::string& domain) {
    return Run(Evaluator({{}, "postmaster@" + domain, ""}, {.terms = 40}, Mode::kSurvey));
  }
  ResultCode Result(const std::string& client) { return Check(client).result; }
  const std::vector<dns::Question>& asked() const { return asked_; }

 private:
  Report Run(Evaluator evaluator) {
    static const auto kNothing = std::make_shared<const dns::Answer>(dns::answers::NoName());
    asked_.clear();
    while (!evaluator.done()) {
      for (const dns::Question& one : std::vector(evaluator.needed())) {
        asked_.push_back(one);
        const auto known = answers_.find(one);
        evaluator.Feed(one, known == answers_.end() ? kNothing : known->second);
      }
    }
    return evaluator.TakeReport();
  }

  std::map<dns::Question, dns::AnswerPtr> answers_;
  std::vector<dns::Question> asked_;
};

}  // namespace mxward::spf
