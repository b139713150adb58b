// SPDX-License-Identifier: Apache-2.0
// What a scenario expects: the other half of runner.cc.
#include <algorithm>

#include "scenario/runner.h"
#include "scenario/words.h"

namespace mxward::scenario {
namespace {

std::string Describe(const Answer& answer) {
  std::string text(WordOf(answer.verdict));
  if (answer.verdict != Verdict::kAccept) {
    text += " " + std::to_string(answer.reply.code) + " " + answer.reply.enhanced + " " +
            answer.reply.text;
  }
  return text;
}

bool IsPair(const std::string& word) {
  const auto equals = word.find('=');
  return equals != std::string::npos && equals > 0;
}

// The value of key= in a line "ID: key=value, key=value, ...".
std::optional<std::string> FieldOf(const std::string& line, const std::string& key) {
  for (const std::string& lead : {": " + key + "=", ", " + key + "="}) {
    const auto at = line.find(lead);
    if (at == std::string::npos) continue;
    const auto from = at + lead.size();
    return line.substr(from, line.find(", ", from) - from);
  }
  return std::nullopt;
}

// A member of an object, or an item of an array by its first member. Throws Problem when there is
// none.
const Json& MemberOf(const Json& value, const std::string& name) {
  const auto& members = value.members();
  const auto member = std::find_if(members.begin(), members.end(),
                                   [&](const JsonMember& one) { return one.name == name; });
  if (member != members.end()) return member->value;
  const auto& items = value.items();
  const auto item = std::find_if(items.begin(), items.end(), [&](const Json& one) {
    return !one.members().empty() && one.members().front().value.text() == name;
  });
  if (item == items.end()) throw Problem("there is no \"" + name + "\"");
  return *item;
}

// Findings are logged as "rdns-none:4 (no reverse name); dnsbl:ZEN:6 (127.0.0.2)".
void CheckFinding(const std::string& findings, const std::string& wanted) {
  for (std::size_t from = 0; from < findings.size();) {
    const auto end = std::min(findings.find("; ", from), findings.size());
    const std::string one = findings.substr(from, end - from);
    if (one.substr(0, one.find(' ')) == wanted) return;
    from = end + 2;
  }
  throw Problem("expected the finding " + wanted + ", got findings=" + findings);
}

}  // namespace

// finding=NAME[:SCORE] is one of the findings. Each other word key=value must stand in the log line
// of the last answer; key= alone must not.
void Runner::CheckLogLine(const Words& words, std::size_t from) {
  for (std::size_t i = from; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    const std::string key = words[i].substr(0, equals);
    const std::string value = words[i].substr(equals + 1);
    if (key == "finding") {
      CheckFinding(FieldOf(answer_line_, "findings").value_or(""), value);
      continue;
    }
    const auto got = FieldOf(answer_line_, key);
    if (value.empty() && !got) continue;
    if (!got) throw Problem("expected " + words[i] + ", but the log does not say " + key + "=");
    if (*got != value) throw Problem("expected " + words[i] + ", got " + key + "=" + *got);
  }
}

// expect accept|defer|reject [CODE [ENHANCED]] ["part of the text"] [key=value ...]
void Runner::Expect(const Words& words) {
  if (words.empty()) throw Problem("usage: expect accept|defer|reject [CODE] [key=value]");
  if (!answer_) throw Problem("there is no answer yet: expect comes after rcpt or eom");
  expected_something_ = true;
  const std::string got = Describe(*answer_);
  if (words[0] != "accept" && words[0] != "defer" && words[0] != "reject") {
    throw Problem("expect what? \"" + words[0] + "\" is neither accept, defer nor reject");
  }
  if (WordOf(answer_->verdict) != words[0]) {
    throw Problem("expected " + words[0] + ", got " + got);
  }
  std::size_t i = 1;
  for (; i < words.size() && !IsPair(words[i]); ++i) {
    if (got.find(words[i]) == std::string::npos) {
      throw Problem("expected \"" + words[i] + "\" in the reply, got " + got);
    }
  }
  if (i == words.size()) return;
  if (answer_is_eom_)
    throw Problem("the end of a message is not logged: key=value belongs to the expect of a rcpt");
  CheckLogLine(words, i);
}

// expect-list 2 state=pending progress=waiting ...: what mxwardctl list would show.
void Runner::ExpectList(const Words& words) {
  if (words.empty()) throw Problem("usage: expect-list NUMBER [FILTER=VALUE ...]");
  std::map<std::string, std::string, std::less<>> query;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (!IsPair(words[i])) throw Problem("expect-list: what is \"" + words[i] + "\"?");
    const auto equals = words[i].find('=');
    query[words[i].substr(0, equals)] = words[i].substr(equals + 1);
  }
  expected_something_ = true;
  const std::uint64_t wanted = NumberOf(words[0]);
  std::uint64_t listed = 0;
  std::string after;
  do {
    auto slice = query;
    if (!after.empty()) slice["after"] = after;
    const Json answer = world_.Ask("GET", "/v1/tuples", std::move(slice));
    listed += answer["items"].items().size();
    after = answer["next"].text();
  } while (!after.empty());
  if (listed != wanted) {
    throw Problem("expected a list of " + words[0] + ", got " + std::to_string(listed));
  }
}

// expect-log "some text": among the lines logged so far; expect-log no "some text": in none of
// them.
void Runner::ExpectLog(const Words& words) {
  const bool wanted = words.size() == 1;
  if (!wanted && (words.size() != 2 || words[0] != "no")) {
    throw Problem("usage: expect-log [no] \"some text\"");
  }
  expected_something_ = true;
  if (world_.log().Contains(words.back()) != wanted) {
    throw Problem((wanted ? "nobody logged \"" : "somebody logged \"") + words.back() + "\"");
  }
}

// expect-store pending 3 passed 1 ...
void Runner::ExpectStore(const Words& words) {
  if (words.empty() || words.size() % 2 != 0) throw Problem("usage: expect-store pending 3 ...");
  expected_something_ = true;
  const auto counts = world_.CountStore().by_name;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const auto found = counts.find(words[i]);
    if (found == counts.end()) throw Problem("nothing is counted as \"" + words[i] + "\"");
    if (found->second != NumberOf(words[i + 1])) {
      throw Problem("expected " + words[i + 1] + " " + words[i] + ", got " +
                    std::to_string(found->second));
    }
  }
}

// expect-client ADDRESS [none] [connections=N] [passed=N] [deferred=N] [rejected=N] [bad=N]
// [days=N]
void Runner::ExpectClient(const Words& words) {
  if (words.size() < 2) throw Problem("usage: expect-client ADDRESS none | NAME=NUMBER ...");
  const auto client = IpAddress::Parse(words[0]);
  if (!client) throw Problem("\"" + words[0] + "\" is not an address");
  expected_something_ = true;
  const auto read = world_.engine().history().Get(*client);
  if (!read) throw Problem(read.error().message);
  if (words[1] == "none") {
    if (*read) throw Problem("expected nothing to be known of " + words[0]);
    return;
  }
  if (!*read) throw Problem("nothing is known of " + words[0]);
  const ClientRecord& record = **read;
  const std::map<std::string, std::uint32_t> counts = {{"connections", record.connections},
                                                       {"passed", record.passed},
                                                       {"deferred", record.deferred},
                                                       {"rejected", record.rejected},
                                                       {"bad", record.bad},
                                                       {"harvests", record.harvests},
                                                       {"days", record.passed_on.days},
                                                       {"named", record.named_on.days}};
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    const auto count = counts.find(words[i].substr(0, equals));
    if (count == counts.end()) throw Problem("expect-client: what is \"" + words[i] + "\"?");
    if (std::to_string(count->second) != words[i].substr(equals + 1)) {
      throw Problem("expected " + words[i] + ", got " + std::to_string(count->second));
    }
  }
}

void Runner::ExpectRule(const Words& words) {
  if (words.size() != 2) throw Problem("usage: expect-rule NAME hits=NUMBER|observed=NUMBER");
  expected_something_ = true;
  const RuleCounts::Count count = world_.engine().rule_counts().Of(words[0]);
  const bool hits = words[1].starts_with("hits=");
  if (!hits && !words[1].starts_with("observed=")) {
    throw Problem("expect-rule: what is \"" + words[1] + "\"?");
  }
  const std::string got = std::to_string(hits ? count.hits : count.observed);
  if (words[1].substr(words[1].find('=') + 1) != got) {
    throw Problem("expected " + words[1] + ", got " + got);
  }
}

// expect-report mails/deferred=2 missed/example.org/lost=1 findings=0 ...: members of /v1/report;
// an item of an array by its first member, an array alone by how many items it has.
void Runner::ExpectReport(const Words& words) {
  if (words.empty()) throw Problem("usage: expect-report MEMBER[/...]=VALUE ...");
  expected_something_ = true;
  const Json report = world_.Ask("GET", "/v1/report", {{"limit", "500"}});
  for (const std::string& word : words) {
    const auto equals = word.rfind('=');
    if (equals == std::string::npos) throw Problem("expect-report: what is \"" + word + "\"?");
    const Json* at = &report;
    for (std::size_t begin = 0; begin < equals;) {
      const std::size_t end = std::min(word.find('/', begin), equals);
      at = &MemberOf(*at, word.substr(begin, end - begin));
      begin = end + 1;
    }
    const std::string got = at->is_text()    ? at->text()
                            : at->is_array() ? std::to_string(at->items().size())
                                             : at->Dump();
    if (word.substr(equals + 1) != got) throw Problem("expected " + word + ", got " + got);
  }
}

}  // namespace mxward::scenario
