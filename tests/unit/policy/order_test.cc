// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "catch.h"
#include "tests/fake/test_config.h"
#include "tests/fake/times.h"
#include "tests/unit/policy/step.h"

namespace mxward::policy {
namespace {

using entries::Action;
using entries::Entry;
using entries::Kind;

enum class Origin { kTrusted, kRelay, kUser, kCertificate, kStranger };

SessionFacts Session(Origin from) {
  SessionFacts facts;
  facts.client = IpAddress::Parse(from == Origin::kTrusted ? "127.0.0.1"
                                  : from == Origin::kRelay ? "198.51.100.7"
                                                           : "192.0.2.1");
  if (from == Origin::kCertificate) {
    facts.certificate_subject = "subject";
    facts.certificate_issuer = "issuer";
  }
  return facts;
}

MessageFacts Message(Origin from) {
  MessageFacts facts;
  facts.sender = "a@example.org";
  if (from == Origin::kUser) facts.authenticated_user = "alice";
  return facts;
}

Config ConfigOfOrder() {
  Config config = TestConfig();
  config.trust.relays = {*Prefix::Parse("198.51.100.7")};
  config.trust.certificates = {{"subject", "issuer"}};
  return config;
}

// "allow sender", "block client", "allow-all recipient"
Entry Make(const std::string& text) {
  const auto blank = text.find(' ');
  const std::string action = text.substr(0, blank);
  Entry entry;
  entry.kind = *FromWord<entries::Kind>(text.substr(blank + 1));
  entry.action = action == "block" ? Action::kBlock : Action::kAllow;
  entry.all = action == "allow-all";
  entry.key = "key";
  return entry;
}

struct Case {
  Origin from;
  std::vector<std::string> entries;
  const char* recipient;
  GreylistApply apply;
  Verdict verdict;
  Reason reason;
};

const char* const kUsual = "b@here.test";
const char* const kExempt = "postmaster@here.test";
constexpr auto kAll = GreylistApply::kAll;
constexpr auto kOff = GreylistApply::kOff;

const std::vector<Case> kCases = {
    // Trusted networks are never judged.
    {Origin::kTrusted, {"block client"}, kUsual, kAll, Verdict::kAccept, Reason::kTrustedNetwork},
    {Origin::kTrusted,
     {"block recipient"},
     kUsual,
     kAll,
     Verdict::kAccept,
     Reason::kTrustedNetwork},

    // A relay: what is about the client does not count, the rest does.
    {Origin::kRelay, {}, kUsual, kAll, Verdict::kAccept, Reason::kTrustedRelay},
    {Origin::kRelay, {"block client"}, kUsual, kAll, Verdict::kAccept, Reason::kTrustedRelay},
    {Origin::kRelay, {"block client-name"}, kUsual, kAll, Verdict::kAccept, Reason::kTrustedRelay},
    {Origin::kRelay, {"allow client"}, kUsual, kAll, Verdict::kAccept, Reason::kTrustedRelay},
    {Origin::kRelay, {"block sender"}, kUsual, kAll, Verdict::kReject, Reason::kBlocked},
    {Origin::kRelay, {"block recipient"}, kUsual, kAll, Verdict::kReject, Reason::kBlocked},
    {Origin::kRelay,
     {"allow client", "block sender"},
     kUsual,
     kAll,
     Verdict::kReject,
     Reason::kBlocked},
    {Origin::kRelay, {"allow-all sender"}, kUsual, kAll, Verdict::kAccept, Reason::kAllowed},

    // Users and certificates: blocks hold, greylisting does not.
    {Origin::kUser, {}, kUsual, kAll, Verdict::kAccept, Reason::kAuthenticated},
    {Origin::kUser, {"block sender"}, kUsual, kAll, Verdict::kReject, Reason::kBlocked},
    {Origin::kUser, {"block client"}, kUsual, kAll, Verdict::kReject, Reason::kBlocked},
    {Origin::kUser, {}, kExempt, kAll, Verdict::kAccept, Reason::kAuthenticated},
    {Origin::kCertificate, {}, kUsual, kAll, Verdict::kAccept, Reason::kTrustedCertificate},
    {Origin::kCertificate, {"block client"}, kUsual, kAll, Verdict::kReject, Reason::kBlocked},

    // Strangers.
    {Origin::kStranger, {}, kUsual, kAll, Verdict::kDefer, Reason::kGreylistNew},
    {Origin::kStranger, {}, kUsual, kOff, Verdict::kAccept, Reason::kGreylistOff},
    {Origin::kStranger, {"block client"}, kUsual, kOff, Verdict::kReject, Reason::kBlocked},
    {Origin::kStranger, {"block client-name"}, kUsual, kAll, Verdict::kReject, Reason::kBlocked},
    {Origin::kStranger, {"block sender-domain"}, kUsual, kAll, Verdict::kReject, Reason::kBlocked},
    {Origin::kStranger,
     {"block recipient-domain"},
     kUsual,
     kAll,
     Verdict::kReject,
     Reason::kBlocked},

    // A block of any kind beats an allow of any other.
    {Origin::kStranger,
     {"allow client", "block sender"},
     kUsual,
     kAll,
     Verdict::kReject,
     Reason::kBlocked},
    {Origin::kStranger,
     {"block client", "allow-all sender"},
     kUsual,
     kAll,
     Verdict::kReject,
     Reason::kBlocked},
    {Origin::kStranger,
     {"allow client", "allow sender", "block recipient"},
     kUsual,
     kAll,
     Verdict::kReject,
     Reason::kBlocked},

    // What an allow spares.
    {Origin::kStranger, {"allow client"}, kUsual, kAll, Verdict::kAccept, Reason::kAllowed},
    {Origin::kStranger, {"allow client-name"}, kUsual, kAll, Verdict::kAccept, Reason::kAllowed},
    {Origin::kStranger, {"allow sender"}, kUsual, kAll, Verdict::kAccept, Reason::kAllowed},
    {Origin::kStranger, {"allow sender-domain"}, kUsual, kAll, Verdict::kAccept, Reason::kAllowed},
    {Origin::kStranger, {"allow recipient"}, kUsual, kAll, Verdict::kAccept, Reason::kAllowed},
    {Origin::kStranger,
     {"allow recipient-domain"},
     kUsual,
     kAll,
     Verdict::kAccept,
     Reason::kAllowed},
    {Origin::kUser, {"allow client"}, kUsual, kAll, Verdict::kAccept, Reason::kAllowed},
    {Origin::kUser, {"allow sender"}, kUsual, kAll, Verdict::kAccept, Reason::kAuthenticated},

    // Exempt recipients: not greylisted, but blocked.
    {Origin::kStranger, {}, kExempt, kAll, Verdict::kAccept, Reason::kExemptRecipient},
    {Origin::kStranger,
     {"allow sender"},
     kExempt,
     kAll,
     Verdict::kAccept,
     Reason::kExemptRecipient},
    {Origin::kStranger, {"allow-all sender"}, kExempt, kAll, Verdict::kAccept, Reason::kAllowed},
    {Origin::kStranger, {"block client"}, kExempt, kAll, Verdict::kReject, Reason::kBlocked},
};

TEST_CASE("the first check that decides ends it", "[policy]") {
  for (const Case& c : kCases) {
    std::string name = "from " + std::to_string(static_cast<int>(c.from)) + " to " + c.recipient;
    Known known;
    known.entries.emplace();
    for (const std::string& entry : c.entries) {
      name += ", " + entry;
      known.entries->push_back(Make(entry));
    }
    known.evidence.emplace();
    known.tuple.emplace();
    known.greylist.emplace();
    Config config = ConfigOfOrder();
    config.greylist.apply = c.apply;
    const SessionFacts session = Session(c.from);
    const MessageFacts message = Message(c.from);
    DYNAMIC_SECTION(name) {
      const auto step = AskOnce({session, message, c.recipient}, known, config, kNow);
      const auto* outcome = std::get_if<Outcome>(&step);
      REQUIRE(outcome != nullptr);
      CHECK(outcome->decision.verdict == c.verdict);
      CHECK(WordOf(outcome->decision.reason) == WordOf(c.reason));
      CHECK((outcome->decision.reply.code == 0) == (c.verdict == Verdict::kAccept));
    }
  }
}

TEST_CASE("a need is stated only when the decision hangs on it", "[policy]") {
  const SessionFacts stranger = Session(Origin::kStranger);
  const SessionFacts trusted = Session(Origin::kTrusted);
  const MessageFacts message = Message(Origin::kStranger);
  Known known;
  CHECK(std::holds_alternative<Outcome>(
      AskOnce({trusted, message, kUsual}, known, ConfigOfOrder(), kNow)));
  CHECK(std::get<Need>(AskOnce({stranger, message, kUsual}, known, ConfigOfOrder(), kNow)) ==
        Need::kEntries);
  known.entries.emplace();
  CHECK(std::get<Need>(AskOnce({stranger, message, kUsual}, known, ConfigOfOrder(), kNow)) ==
        Need::kEvidence);
  CHECK(std::holds_alternative<Outcome>(
      AskOnce({stranger, message, kExempt}, known, ConfigOfOrder(), kNow)));
  known.evidence.emplace();
  CHECK(std::get<Need>(AskOnce({stranger, message, kUsual}, known, ConfigOfOrder(), kNow)) ==
        Need::kGreylist);
  known.entries->push_back(Make("allow sender"));
  CHECK(std::holds_alternative<Outcome>(
      AskOnce({stranger, message, kUsual}, known, ConfigOfOrder(), kNow)));
}

TEST_CASE("a failure accepts, unless the config asks for a deferral", "[policy]") {
  Config config = ConfigOfOrder();
  Outcome outcome = FailureOutcome(config);
  CHECK(outcome.decision.verdict == Verdict::kAccept);
  CHECK(outcome.decision.reason == Reason::kFailure);
  CHECK(outcome.effects.empty());
  config.on_failure = OnFailure::kTempfail;
  outcome = FailureOutcome(config);
  CHECK(outcome.decision.verdict == Verdict::kDefer);
  CHECK(outcome.decision.reply.code == 451);
}

TEST_CASE("a block says what it is about and takes away what the client earned", "[policy]") {
  const auto [entry, text, about] = GENERATE(table<std::string, std::string, About>({
      {"block client", "Client blocked by local policy", About::kClient},
      {"block client-name", "Client blocked by local policy", About::kClient},
      {"block sender", "Sender address blocked by local policy", About::kSender},
      {"block sender-domain", "Sender address blocked by local policy", About::kSender},
      {"block recipient", "Recipient address blocked by local policy", About::kRecipient},
      {"block recipient-domain", "Recipient address blocked by local policy", About::kRecipient},
  }));
  Known known;
  known.entries = {Make(entry)};
  const SessionFacts session = Session(Origin::kStranger);
  const MessageFacts message = Message(Origin::kStranger);
  const auto outcome =
      std::get<Outcome>(AskOnce({session, message, kUsual}, known, ConfigOfOrder(), kNow));
  CHECK(outcome.decision.reply.code == 550);
  CHECK(outcome.decision.reply.text == text);
  REQUIRE(outcome.decision.findings.size() == 1);
  CHECK(outcome.decision.findings[0].Name() == "block");
  CHECK(outcome.decision.findings[0].detail.Full() == entry.substr(6) + " key");
  CHECK(outcome.decision.about == about);
  CHECK(outcome.effects.empty() == (about != About::kClient));

  // While observing nobody is rejected.
  const auto observed =
      AskOnce({session, message, kUsual, /*observing=*/true}, known, ConfigOfOrder(), kNow);
  CHECK(std::get<Outcome>(observed).decision.verdict == Verdict::kReject);
  CHECK(std::get<Outcome>(observed).effects.empty());

  // Whom the client sends for says nothing about a relay or a user's machine.
  const SessionFacts relay = Session(Origin::kRelay);
  const auto step = AskOnce({relay, message, kUsual}, known, ConfigOfOrder(), kNow);
  CHECK(std::get<Outcome>(step).effects.empty());
}

}  // namespace
}  // namespace mxward::policy
