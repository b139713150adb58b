// SPDX-License-Identifier: Apache-2.0
#include "scenario/runner.h"

#include <cstdio>
#include <exception>
#include <fstream>

#include "base/mail_address.h"
#include "base/text.h"
#include "scenario/lines.h"
#include "scenario/words.h"

namespace mxward::scenario {
namespace {

void NeedWords(const std::vector<std::string>& words, std::size_t least, std::size_t most,
               const char* usage) {
  if (words.size() < least || words.size() > most) throw Problem(std::string("usage: ") + usage);
}

// "user=joe" is "joe" for "user"; nothing when the word is another.
std::optional<std::string> ValueOf(const std::string& word, std::string_view name) {
  if (word.size() <= name.size() || word.compare(0, name.size(), name) != 0 ||
      word[name.size()] != '=') {
    return std::nullopt;
  }
  return word.substr(name.size() + 1);
}

void NoWords(const std::vector<std::string>& words, const std::string& command) {
  if (!words.empty()) throw Problem(command + ": what is \"" + words[0] + "\"?");
}

bool IsSessionLabel(const std::string& word) { return word.size() > 1 && word.back() == ':'; }

}  // namespace

bool Runner::Play(const std::string& path) {
  std::ifstream in(path);
  if (!in) {
    std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
    return false;
  }
  Runner runner;
  Lines lines(in);
  try {
    while (const auto line = lines.Next()) runner.Line(*line);
    if (!runner.expected_something_) throw Problem("nothing is expected: this cannot fail");
    return true;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s:%s: %s\n", path.c_str(), lines.place().c_str(), problem.what());
  }
  for (const MemoryLog::Line& line : runner.world_.log().lines()) {
    std::fprintf(stderr, "    %s\n", line.text.c_str());
  }
  return false;
}

void Runner::Line(const std::string& text) {
  const std::string_view line = Trim(text);
  if (line == "config" || line.starts_with("config ")) {
    // What follows is TOML, with quotes and comments of its own.
    Config(std::string(Trim(line.substr(6))));
    return;
  }
  if (line.starts_with("list ")) {
    world_.AddList(std::string(Trim(line.substr(5))));
    return;
  }
  if (line.starts_with("rule ")) {
    world_.AddRule(std::string(Trim(line.substr(5))));
    return;
  }
  if (line.starts_with("limit ")) {
    world_.AddLimit(std::string(Trim(line.substr(6))));
    return;
  }
  Words words = SplitWords(text);
  if (words.empty()) return;
  if (words[0] == "unlist") {
    NeedWords(words, 2, 2, "unlist NAME");
    world_.RemoveList(words[1]);
    return;
  }
  if (words[0] == "unrule") {
    NeedWords(words, 2, 2, "unrule NAME");
    world_.RemoveRule(words[1]);
    return;
  }
  if (words[0] == "unlimit") {
    NeedWords(words, 2, 2, "unlimit NAME");
    world_.RemoveLimit(words[1]);
    return;
  }
  if (IsSessionLabel(words[0])) {
    session_ = words[0].substr(0, words[0].size() - 1);
    words.erase(words.begin());
    if (words.empty()) throw Problem("a command must follow the session's name");
  } else {
    session_ = "main";
  }
  const std::string command = words[0];
  words.erase(words.begin());
  Dispatch(command, words);
}

void Runner::Dispatch(const std::string& command, const Words& words) {
  if (command == "connect") return Connect(words);
  if (command == "mail") return Mail(words);
  if (command == "rcpt") return Recipient(words);
  if (command == "allow" || command == "block") return Entry(command, words);
  if (command == "forget") return Forget(words);
  if (command == "store") return Store(words);
  if (command == "dns") return Dns(words);
  if (command == "dns-zone") return DnsZone(words);
  if (command == "expect-dns") return ExpectDns(words);
  if (command == "expect-health") return ExpectHealth(words);
  if (command == "expect") return Expect(words);
  if (command == "expect-list") return ExpectList(words);
  if (command == "expect-log") return ExpectLog(words);
  if (command == "expect-store") return ExpectStore(words);
  if (command == "expect-client") return ExpectClient(words);
  if (command == "expect-rule") return ExpectRule(words);
  if (command == "expect-report") return ExpectReport(words);
  if (command == "helo") {
    NeedWords(words, 1, 1, "helo NAME");
    world_.SessionOf(session_).Helo(words[0]);
  } else if (command == "tls") {
    if (words.size() != 0 && words.size() != 2) throw Problem("usage: tls [SUBJECT ISSUER]");
    world_.SessionOf(session_).Tls(words.empty() ? "" : words[0], words.size() < 2 ? "" : words[1]);
  } else if (command == "eom") {
    NoWords(words, command);
    answer_ = world_.SessionOf(session_).TakeMessage();
    answer_is_eom_ = true;
  } else if (command == "reset") {
    NoWords(words, command);
    world_.SessionOf(session_).EndMessage();
    answer_.reset();
  } else if (command == "quit") {
    NoWords(words, command);
    world_.SessionOf(session_);  // there must be one
    world_.EndSession(session_);
    answer_.reset();
  } else if (command == "time") {
    NeedWords(words, 1, 1, "time +6m");
    const Millis by = SignedDurationOf(words[0]);
    if (by < Millis(0)) throw Problem("time only goes on; \"clock -2h\" sets the wall clock back");
    world_.Advance(by);
  } else if (command == "clock") {
    NeedWords(words, 1, 1, "clock +1h");
    world_.clock().StepWall(SignedDurationOf(words[0]));
  } else if (command == "pause") {
    NeedWords(words, 1, 1, "pause 1h");
    world_.Ask("PUT", "/v1/pause", {{"for", words[0]}});
  } else if (command == "resume") {
    NoWords(words, command);
    world_.Ask("DELETE", "/v1/pause", {});
  } else if (command == "restart") {
    NoWords(words, command);
    answer_.reset();
    world_.Restart();
  } else if (command == "kill") {
    NoWords(words, command);
    answer_.reset();
    world_.Restart(/*orderly=*/false);
  } else if (command == "check-names") {
    NoWords(words, command);
    world_.CheckNames();
  } else if (command == "test-lists") {
    NoWords(words, command);
    world_.TestLists();
  } else if (command == "sweep") {
    NoWords(words, command);
    world_.Sweep();
  } else {
    throw Problem("unknown command \"" + command + "\"");
  }
}

void Runner::Config(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) throw Problem("usage: config KEY = VALUE");
  world_.Configure(std::string(Trim(text.substr(0, equals))),
                   std::string(Trim(text.substr(equals + 1))));
}

// connect ADDRESS|local [NAME | forged NAME | claimed NAME | none | tempfail] [port=587]
// [daemon=NAME]
void Runner::Connect(const Words& given) {
  constexpr const char* kUsage =
      "connect ADDRESS|local [NAME | forged NAME | claimed NAME | none | tempfail] [port=587] "
      "[daemon=NAME]";
  SessionFacts facts;
  facts.mta_name = "mx.here.example";
  facts.daemon_port = "25";
  Words words = given;
  for (; !words.empty(); words.pop_back()) {
    if (const auto port = ValueOf(words.back(), "port")) {
      facts.daemon_port = *port;
    } else if (const auto daemon = ValueOf(words.back(), "daemon")) {
      facts.daemon_name = *daemon;
    } else {
      break;
    }
  }
  NeedWords(words, 1, 3, kUsage);
  if (words[0] != "local") {
    facts.client = IpAddress::Parse(words[0]);
    if (!facts.client) throw Problem("\"" + words[0] + "\" is not an address");
  }
  const std::string how = words.size() > 1 ? words[1] : "";
  const bool unverified = how == "forged" || how == "claimed";
  if ((words.size() == 3) != unverified) throw Problem(std::string("usage: ") + kUsage);
  std::string helo = "client.example";
  if (unverified) {
    facts.name_class = how == "forged" ? NameClass::kForged : NameClass::kUnknown;
    facts.claimed_name = helo = words[2];
  } else if (how == "none") {
    facts.name_class = NameClass::kNone;
  } else if (how == "tempfail") {
    facts.name_class = NameClass::kTempfail;
  } else if (!how.empty()) {
    facts.name_class = NameClass::kGood;
    facts.client_name = facts.claimed_name = helo = how;
  }
  Session& session = world_.NewSession(session_);
  const std::size_t lines = world_.log().size();
  answer_ = session.Connect(std::move(facts));
  answer_is_eom_ = false;
  FindAnswerLine(lines);
  // Only a limit answers a connection.
  if (answer_line_.empty()) answer_.reset();
  session.Helo(helo);
}

// mail SENDER [user=NAME] [id=QUEUEID]
void Runner::Mail(const Words& words) {
  if (words.empty()) throw Problem("usage: mail SENDER [user=NAME] [id=QUEUEID]");
  MessageFacts facts;
  facts.sender = StripAngles(words[0]);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (const auto user = ValueOf(words[i], "user")) {
      facts.authenticated_user = *user;
    } else if (const auto id = ValueOf(words[i], "id")) {
      facts.queue_id = *id;
    } else {
      throw Problem("mail: what is \"" + words[i] + "\"?");
    }
  }
  world_.SessionOf(session_).Mail(std::move(facts));
  answer_.reset();
}

// rcpt ADDRESS [refused[=CODE]] [id=QUEUEID]
void Runner::Recipient(const Words& words) {
  constexpr const char* kUsage = "rcpt ADDRESS [refused[=CODE]] [id=QUEUEID]";
  if (words.empty()) throw Problem(std::string("usage: ") + kUsage);
  std::string refused;
  std::string id;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "refused") {
      refused = "5.1.1";
    } else if (const auto code = ValueOf(words[i], "refused")) {
      refused = *code;
    } else if (const auto value = ValueOf(words[i], "id")) {
      id = *value;
    } else {
      throw Problem("rcpt: what is \"" + words[i] + "\"?");
    }
  }
  const std::size_t lines = world_.log().size();
  if (!refused.empty()) {
    world_.SessionOf(session_).RefusedRecipient(StripAngles(words[0]), refused);
    answer_ = Answer();
  } else {
    answer_ = world_.SessionOf(session_).Recipient(StripAngles(words[0]), id);
  }
  answer_is_eom_ = false;
  FindAnswerLine(lines);
}

void Runner::FindAnswerLine(std::size_t from) {
  answer_line_.clear();
  const auto all = world_.log().lines();
  for (std::size_t i = from; i < all.size(); ++i) {
    if (all[i].text.find("action=") != std::string::npos) answer_line_ = all[i].text;
  }
}

// allow KIND KEY [for 30d] [all]
void Runner::Entry(const std::string& action, const Words& words) {
  if (words.size() < 2) throw Problem("usage: " + action + " KIND KEY [for 30d] [all]");
  std::map<std::string, std::string, std::less<>> query = {
      {"action", action}, {"kind", words[0]}, {"key", words[1]}};
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "all") {
      query["all"] = "1";
    } else if (words[i] == "for" && i + 1 < words.size()) {
      query["for"] = words[++i];
    } else {
      throw Problem(action + ": what is \"" + words[i] + "\"?");
    }
  }
  world_.Ask("PUT", "/v1/entries", std::move(query));
}

void Runner::Forget(const Words& words) {
  NeedWords(words, 2, 2, "forget KIND KEY");
  std::string after;
  do {
    std::map<std::string, std::string, std::less<>> query = {{"kind", words[0]}, {"key", words[1]}};
    if (!after.empty()) query["after"] = after;
    after = world_.Ask("POST", "/v1/forget", std::move(query))["next"].text();
  } while (!after.empty());
}

void Runner::Store(const Words& words) {
  NeedWords(words, 1, 1, "store works|fails|hangs");
  if (words[0] == "works") {
    world_.writer().Set(FailingWriter::Mode::kWorks);
  } else if (words[0] == "fails") {
    world_.writer().Set(FailingWriter::Mode::kFails);
  } else if (words[0] == "hangs") {
    world_.writer().Set(FailingWriter::Mode::kHangs);
  } else {
    throw Problem("usage: store works|fails|hangs");
  }
}

}  // namespace mxward::scenario
