// SPDX-License-Identifier: Apache-2.0
// What a scenario says about the DNS and expects of it.
#include <charconv>

#include "scenario/runner.h"
#include "scenario/words.h"

namespace mxward::scenario {
namespace {

using dns::RecordType;

RecordType TypeOf(const std::string& word) {
  if (const auto type = FromWord<RecordType>(word)) return *type;
  throw Problem("\"" + word + "\" is not a record type, as A, AAAA or MX");
}

// What stands behind a name: an answer, or silence.
struct Said {
  dns::Answer answer;
  bool silent = false;
  Millis latency = dns::FakeResolver::kLatency;
};

dns::MailExchange ExchangeOf(const std::string& word) {
  if (word == "null") return {0, ""};
  return {10, word};
}

// VALUE... [ttl=1h] [after=200ms]
Said SaidBy(RecordType type, const std::vector<std::string>& words, std::size_t from) {
  Said said;
  Seconds ttl = dns::answers::kTtl;
  std::vector<std::string> values;
  for (std::size_t i = from; i < words.size(); ++i) {
    if (words[i].starts_with("ttl=")) {
      ttl = std::chrono::duration_cast<Seconds>(DurationOf(words[i].substr(4)));
    } else if (words[i].starts_with("after=")) {
      said.latency = DurationOf(words[i].substr(6));
    } else {
      values.push_back(words[i]);
    }
  }
  if (values.empty())
    throw Problem("what does the DNS say? An answer, none, nodata, fails, silent");
  if (values[0] == "none") {
    said.answer = dns::answers::NoName(ttl);
  } else if (values[0] == "nodata") {
    said.answer = dns::answers::NoData(ttl);
  } else if (values[0] == "fails") {
    said.answer = dns::answers::Failed();
  } else if (values[0] == "silent") {
    said.silent = true;
  } else if (type == RecordType::kMx) {
    std::vector<dns::MailExchange> exchanges;
    for (const std::string& value : values) exchanges.push_back(ExchangeOf(value));
    said.answer = dns::answers::Exchanges(std::move(exchanges), ttl);
  } else if (type == RecordType::kSoa) {
    said.answer = {.outcome = dns::Outcome::kFound, .ttl = ttl};
  } else if (type == RecordType::kPtr) {
    said.answer = dns::answers::Names(values, ttl);
  } else if (type == RecordType::kTxt) {
    said.answer = dns::answers::Texts(values, ttl);
  } else {
    said.answer = dns::answers::Addresses(values, ttl);
    if (said.answer.addresses.size() != values.size()) throw Problem("addresses are expected");
  }
  return said;
}

}  // namespace

// dns NAME TYPE VALUE... | none | nodata | fails | silent, [ttl=5m] [after=200ms]
void Runner::Dns(const Words& words) {
  if (words.size() < 3) throw Problem("usage: dns NAME TYPE VALUE... [ttl=5m] [after=200ms]");
  const RecordType type = TypeOf(words[1]);
  Said said = SaidBy(type, words, 2);
  if (said.silent) {
    world_.resolver().SetSilent(words[0], type);
  } else {
    world_.resolver().Set(words[0], type, std::move(said.answer), said.latency);
  }
}

// dns-zone ZONE ADDRESS... | none | nodata | fails | silent: whatever is asked there. "." is all.
void Runner::DnsZone(const Words& words) {
  if (words.size() < 2) throw Problem("usage: dns-zone ZONE VALUE... [ttl=5m] [after=200ms]");
  const std::string zone = words[0] == "." ? "" : words[0];
  Said said = SaidBy(RecordType::kA, words, 1);
  if (said.silent) {
    world_.resolver().SetZoneSilent(zone);
  } else {
    world_.resolver().SetZone(zone, std::move(said.answer), said.latency);
  }
}

// expect-dns ZONE 3: so many questions were asked about names in the zone since the beginning.
void Runner::ExpectDns(const Words& words) {
  if (words.size() != 2) throw Problem("usage: expect-dns ZONE NUMBER");
  expected_something_ = true;
  const std::size_t asked = world_.resolver().asked_below(words[0] == "." ? "" : words[0]);
  if (asked != NumberOf(words[1])) {
    throw Problem("expected " + words[1] + " questions about " + words[0] + ", got " +
                  std::to_string(asked));
  }
}

// expect-health LIST healthy: the list's condition.
void Runner::ExpectHealth(const Words& words) {
  if (words.size() != 2) throw Problem("usage: expect-health LIST CONDITION");
  expected_something_ = true;
  for (const dnsbl::ListStatus& status : world_.engine().parts().list_health.Status()) {
    if (status.name != words[0]) continue;
    const std::string_view condition = WordOf(status.condition);
    if (condition != words[1]) {
      throw Problem("expected " + words[0] + " to be " + words[1] + ", it is " +
                    std::string(condition) + ": " + status.detail);
    }
    return;
  }
  throw Problem("there is no list \"" + words[0] + "\"");
}

}  // namespace mxward::scenario
