// SPDX-License-Identifier: Apache-2.0
#include "dns/answer_parser.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "dns/wire.h"

namespace mxward::dns {
namespace {

constexpr std::uint16_t kClassIn = 1;
constexpr std::uint16_t kTypeNs = 2;
constexpr std::uint16_t kTypeCname = 5;
constexpr std::uint16_t kTypeSoa = 6;

constexpr unsigned kFlagResponse = 0x8000;
constexpr unsigned kFlagTruncated = 0x0200;
constexpr unsigned kMaskOpcode = 0x7800;
constexpr unsigned kMaskRcode = 0x000f;
constexpr unsigned kNoError = 0;
constexpr unsigned kNxDomain = 3;

constexpr int kMaxChain = 16;

struct Header {
  unsigned flags = 0;
  std::uint16_t questions = 0;
  std::uint16_t answers = 0;
  std::uint16_t authorities = 0;
  unsigned rcode() const { return flags & kMaskRcode; }
};

struct Record {
  std::string owner;  // wire form
  std::uint16_t type = 0;
  std::uint16_t record_class = 0;
  std::uint32_t ttl = 0;
  std::size_t offset = 0;  // of its data in the message
  std::uint16_t size = 0;
};

std::string RcodeText(unsigned rcode) {
  constexpr std::array kNames = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
  if (rcode < kNames.size()) return kNames[rcode];
  return "response code " + std::to_string(rcode);
}

Header ReadHeader(WireReader& reader) {
  Header header;
  reader.U16();  // the id is the business of who asked
  header.flags = reader.U16();
  header.questions = reader.U16();
  header.answers = reader.U16();
  header.authorities = reader.U16();
  reader.U16();
  return header;
}

Record ReadRecord(WireReader& reader) {
  Record record;
  record.owner = reader.Name();
  record.type = reader.U16();
  record.record_class = reader.U16();
  record.ttl = reader.U32();
  if (record.ttl > std::numeric_limits<std::int32_t>::max()) record.ttl = 0;  // RFC 2181 8
  record.size = reader.U16();
  record.offset = reader.offset();
  reader.Bytes(record.size);
  return record;
}

// Only records of class IN are kept.
std::vector<Record> ReadSection(WireReader& reader, std::uint16_t count) {
  std::vector<Record> records;
  for (std::uint16_t i = 0; i < count && !reader.bad(); ++i) {
    Record record = ReadRecord(reader);
    if (record.record_class == kClassIn) records.push_back(std::move(record));
  }
  return records;
}

bool IsAtOrBelow(std::string_view name, std::string_view zone) {
  while (name.size() > zone.size()) {
    name.remove_prefix(
        std::min<std::size_t>(static_cast<unsigned char>(name.front()) + 1U, name.size()));
  }
  return name == zone;
}

tl::unexpected<Error> Malformed(std::string reason) {
  return Fail(ErrorCode::kInvalid, std::move(reason));
}

// One message's way to an Answer; each step fails with the reason why it cannot be one.
class Parser {
 public:
  Parser(std::string_view message, const Question& question)
      : message_(message), type_(question.type), name_(ToWireName(question.name)) {}

  Result<void> Parse(Answer& answer) {
    MXWARD_TRY(ReadMessage());
    MXWARD_TRY(FollowChain());
    MXWARD_TRY(ReadRecords(answer));
    return Conclude(answer);
  }

 private:
  Result<void> ReadMessage() {
    WireReader reader(message_);
    header_ = ReadHeader(reader);
    if (reader.bad()) return Malformed("a message cut short");
    if ((header_.flags & kFlagResponse) == 0 || (header_.flags & kMaskOpcode) != 0) {
      return Malformed("no response to a query");
    }
    if (header_.rcode() != kNoError && header_.rcode() != kNxDomain) {
      return Malformed(RcodeText(header_.rcode()));
    }
    if ((header_.flags & kFlagTruncated) != 0) return Malformed("truncated");
    if (header_.questions != 1) return Malformed("not one question in the answer");
    const std::string asked = reader.Name();
    const std::uint16_t type = reader.U16();
    const std::uint16_t question_class = reader.U16();
    if (reader.bad()) return Malformed("malformed");
    if (asked != name_ || type != static_cast<std::uint16_t>(type_) || question_class != kClassIn) {
      return Malformed("the answer to another question");
    }
    answers_ = ReadSection(reader, header_.answers);
    authorities_ = ReadSection(reader, header_.authorities);
    if (reader.bad()) return Malformed("malformed");
    return {};
  }

  // Makes name_ the end of the chain of CNAMEs.
  Result<void> FollowChain() {
    for (int links = 0; links <= kMaxChain; ++links) {
      const auto link = std::find_if(answers_.begin(), answers_.end(), [&](const Record& record) {
        return record.type == kTypeCname && record.owner == name_;
      });
      if (link == answers_.end()) {
        chained_ = links > 0;
        return {};
      }
      WireReader reader(message_, link->offset);
      name_ = reader.Name();
      if (reader.bad() || reader.offset() != link->offset + link->size)
        return Malformed("malformed CNAME");
      Limit(link->ttl);
    }
    return Malformed("a chain of CNAMEs without an end");
  }

  Result<void> ReadRecords(Answer& answer) {
    for (const Record& record : answers_) {
      if (record.type != static_cast<std::uint16_t>(type_) || record.owner != name_) continue;
      if (!ReadData(record, answer)) return Malformed("malformed " + std::string(WordOf(type_)));
      Limit(record.ttl);
      ++found_;
    }
    std::stable_sort(
        answer.exchanges.begin(), answer.exchanges.end(),
        [](const auto& one, const auto& other) { return one.preference < other.preference; });
    if (answer.exchanges.size() > Answer::kMaxRecords) {
      answer.exchanges.resize(Answer::kMaxRecords);
    }
    return {};
  }

  bool ReadData(const Record& record, Answer& answer) {
    const std::string_view data = message_.substr(record.offset, record.size);
    switch (type_) {
      case RecordType::kA:
      case RecordType::kAaaa:
        return ReadAddress(data, answer.addresses);
      case RecordType::kMx:
        return ReadExchange(record, answer.exchanges);
      case RecordType::kTxt:
        return ReadText(data, answer.texts);
      case RecordType::kPtr:
        return ReadName(record, answer.names);
      case RecordType::kNs:
      case RecordType::kSoa:
        return true;
    }
    return false;
  }

  bool ReadAddress(std::string_view data, std::vector<IpAddress>& addresses) const {
    if (data.size() != (type_ == RecordType::kA ? 4U : 16U)) return false;
    if (addresses.size() >= Answer::kMaxRecords) return true;
    if (type_ == RecordType::kA) {
      addresses.push_back(IpAddress::V4(WireReader(data).U32()));
    } else {
      std::array<std::uint8_t, 16> bytes{};
      std::copy(data.begin(), data.end(), bytes.begin());
      addresses.push_back(IpAddress::V6(bytes));
    }
    return true;
  }

  // All of them: only once they are sorted is it known which are too many.
  bool ReadExchange(const Record& record, std::vector<MailExchange>& exchanges) const {
    WireReader reader(message_, record.offset);
    MailExchange exchange;
    exchange.preference = reader.U16();
    exchange.exchange = ToTextName(reader.Name());
    if (reader.bad() || reader.offset() != record.offset + record.size) return false;
    exchanges.push_back(std::move(exchange));
    return true;
  }

  bool ReadName(const Record& record, std::vector<std::string>& names) const {
    WireReader reader(message_, record.offset);
    std::string name = ToTextName(reader.Name());
    if (reader.bad() || reader.offset() != record.offset + record.size) return false;
    if (names.size() < Answer::kMaxRecords) names.push_back(std::move(name));
    return true;
  }

  static bool ReadText(std::string_view data, std::vector<std::string>& texts) {
    if (data.empty()) return false;
    WireReader reader(data);
    std::string text;
    while (reader.offset() < data.size() && !reader.bad()) text += reader.Bytes(reader.U8());
    if (reader.bad()) return false;
    if (texts.size() < Answer::kMaxTexts) texts.push_back(std::move(text));
    return true;
  }

  Result<void> Conclude(Answer& answer) {
    const bool no_name = header_.rcode() == kNxDomain;
    if (found_ > 0) {
      if (no_name) return Malformed("NXDOMAIN, but with records");
      answer.outcome = Outcome::kFound;
    } else {
      if (!chained_ && header_.answers > 0)
        return Malformed("records, but none that was asked for");
      MXWARD_TRY(LimitBySoa());
      answer.outcome = no_name ? Outcome::kNoName : Outcome::kNoData;
    }
    answer.ttl = std::clamp(Seconds(ttl_), kMinTtl, kMaxTtl);
    return {};
  }

  Result<void> LimitBySoa() {
    const auto soa = std::find_if(authorities_.begin(), authorities_.end(), [&](const Record& one) {
      return one.type == kTypeSoa && IsAtOrBelow(name_, one.owner);
    });
    if (soa != authorities_.end()) {
      WireReader reader(message_, soa->offset);
      reader.Name();
      reader.Name();
      for (int i = 0; i < 4; ++i) reader.U32();  // serial, refresh, retry, expire
      const std::uint32_t minimum = reader.U32();
      if (reader.bad() || reader.offset() != soa->offset + soa->size)
        return Malformed("malformed SOA");
      Limit(soa->ttl);
      Limit(minimum);
      return {};
    }
    // RFC 2308 2.2: name servers without an SOA record tell whom else to ask.
    const bool referral = header_.rcode() == kNoError &&
                          std::any_of(authorities_.begin(), authorities_.end(),
                                      [](const Record& record) { return record.type == kTypeNs; });
    if (referral) return Malformed("a referral to other servers");
    Limit(static_cast<std::uint32_t>(kDefaultNegativeTtl.count()));
    return {};
  }

  void Limit(std::uint32_t ttl) { ttl_ = std::min(ttl_, ttl); }

  const std::string_view message_;
  const RecordType type_;
  std::string name_;  // wire form
  Header header_;
  std::vector<Record> answers_;
  std::vector<Record> authorities_;
  bool chained_ = false;
  std::size_t found_ = 0;
  std::uint32_t ttl_ = std::numeric_limits<std::int32_t>::max();
};

}  // namespace

Answer ParseAnswer(std::string_view message, const Question& question, MonoTime now) {
  Answer answer;
  if (auto parsed = Parser(message, question).Parse(answer); !parsed) {
    answer = Answer{.failure = std::move(parsed.error().message)};
  }
  answer.answered = now;
  return answer;
}

}  // namespace mxward::dns
