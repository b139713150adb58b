// SPDX-License-Identifier: Apache-2.0
// Whatever a DNS server sends: the parser answers within bounds, and the cache's form of the answer
// reads back as what it was.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dns/answer_cache.h"
#include "dns/answer_parser.h"
#include "tests/fake/dns_message.h"

namespace mxward::dns {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckAnswer(const Answer& answer) {
  const std::size_t records =
      answer.addresses.size() + answer.exchanges.size() + answer.texts.size() + answer.names.size();
  Require(records <= std::max(Answer::kMaxRecords, answer.texts.size()));
  Require(answer.texts.size() <= Answer::kMaxTexts);
  Require((answer.outcome == Outcome::kFound) == (records > 0));
  Require((answer.outcome == Outcome::kFailed) == !answer.failure.empty());
  if (answer.outcome == Outcome::kFailed) {
    Require(answer.ttl == Seconds(0));
  } else {
    Require(answer.ttl >= kMinTtl && answer.ttl <= kMaxTtl);
  }
  for (const std::string& one : answer.names) {
    for (const char c : one) Require(c > ' ' && c < '\x7f');
  }
  for (const MailExchange& one : answer.exchanges) {
    for (const char c : one.exchange) Require(c > ' ' && c < '\x7f');
  }
  Answer copy;
  UnpackRecords(PackRecords(answer), copy);
  Require(copy.addresses == answer.addresses);
  Require(copy.exchanges == answer.exchanges);
  Require(copy.texts == answer.texts);
  Require(copy.names == answer.names);
}

// The first byte chooses the type asked for, and whether the rest is a whole message or what
// follows a question that is right.
void Run(std::string_view input) {
  if (input.empty()) return;
  constexpr RecordType kTypes[] = {RecordType::kA, RecordType::kAaaa, RecordType::kMx,
                                   RecordType::kTxt, RecordType::kPtr};
  const auto choice = static_cast<unsigned char>(input.front());
  const Question question{"a.example", kTypes[(choice & 16U) != 0 ? 4 : choice % 4U]};
  std::string message(input.substr(1));
  if ((choice & 4U) != 0 && message.size() >= 4) {
    DnsMessage head;
    head.type = static_cast<unsigned>(question.type);
    head.Rcode((choice & 8U) != 0 ? 3 : 0);
    std::string bytes = head.Bytes();
    bytes.replace(6, 4, message, 0, 4);  // the numbers of answers and authorities
    message = bytes + message.substr(4);
  }
  CheckAnswer(ParseAnswer(message, question, MonoTime(Seconds(1))));
}

}  // namespace
}  // namespace mxward::dns

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mxward::dns::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
