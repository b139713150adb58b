// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenario/world.h"

namespace mxward::scenario {

// Plays one scenario file, line by line. tests/scenario/README.md describes the lines.
class Runner {
 public:
  // True when everything was as expected. Otherwise what was not is on standard error, with its
  // place and the log of mxward until then.
  static bool Play(const std::string& path);

 private:
  using Words = std::vector<std::string>;

  void Line(const std::string& text);
  void Dispatch(const std::string& command, const Words& words);
  void Config(const std::string& text);
  void Connect(const Words& words);
  void Mail(const Words& words);
  void Recipient(const Words& words);
  void Entry(const std::string& action, const Words& words);
  void Forget(const Words& words);
  void Store(const Words& words);
  // dns_words.cc
  void Dns(const Words& words);
  void DnsZone(const Words& words);
  void ExpectDns(const Words& words);
  void ExpectHealth(const Words& words);
  void Expect(const Words& words);
  void ExpectList(const Words& words);
  void ExpectLog(const Words& words);
  void ExpectStore(const Words& words);
  void ExpectClient(const Words& words);
  void ExpectRule(const Words& words);
  void ExpectReport(const Words& words);
  void FindAnswerLine(std::size_t from);
  void CheckLogLine(const Words& words, std::size_t from);

  World world_;
  std::string session_ = "main";
  std::optional<Answer> answer_;  // to the last rcpt or eom of the message under way
  std::string answer_line_;       // what was logged for it
  bool answer_is_eom_ = false;
  bool expected_something_ = false;
};

}  // namespace mxward::scenario
