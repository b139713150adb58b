// SPDX-License-Identifier: Apache-2.0
#include "policy/replies.h"

#include <string>

#include "catch.h"
#include "tests/fake/test_config.h"

namespace mxward::policy {
namespace {

const SessionFacts kNoSession;
const MessageFacts kNoMessage;
const Facts kNobody{kNoSession, kNoMessage, ""};

TEST_CASE("a deferral says how long to wait, wherever the text has it", "[policy]") {
  Config config = TestConfig();
  config.reply_contact = "postmaster@here.test";
  SessionFacts session;
  session.client = IpAddress::Parse("192.0.2.1");
  session.helo = "a\nb";
  const MessageFacts message;
  const Facts facts{session, message, "joe@here.test"};
  const auto [text, said] = GENERATE(table<std::string, std::string>({
      {"Greylisted, please try again in {seconds} seconds",
       "Greylisted, please try again in 90 seconds"},
      {"{seconds}/{seconds}", "90/90"},
      {"{seconds}{seconds}", "9090"},
      {"Later", "Later"},
      {"{client} [{client_name}] {helo} {sender} {recipient} {contact}",
       "192.0.2.1 [unknown] a?b <> joe@here.test postmaster@here.test"},
      {"", ""},
  }));
  config.greylist.text = text;
  const SmtpReply reply = GreylistReply(Seconds(90), facts, config);
  CHECK(reply.code == 451);
  CHECK(reply.enhanced == "4.7.1");
  CHECK(reply.text == said);
}

TEST_CASE("a rejection says what is blocked and whom to ask", "[policy]") {
  Config config = TestConfig();
  CHECK(BlockedReply("Client", config).text == "Client blocked by local policy");
  config.reply_contact = "postmaster@here.test";
  const SmtpReply reply = BlockedReply("Sender address", config);
  CHECK(reply.code == 550);
  CHECK(reply.enhanced == "5.7.1");
  CHECK(reply.text == "Sender address blocked by local policy; contact postmaster@here.test");
}

TEST_CASE("codes and enhanced codes are of one class", "[policy]") {
  for (const SmtpReply& reply : {GreylistReply(Seconds(1), kNobody, TestConfig()),
                                 BlockedReply("Client", TestConfig()), FailureReply()}) {
    CHECK(std::to_string(reply.code)[0] == reply.enhanced[0]);
  }
}

TEST_CASE("no temporary reply has the words that fail2ban bans for", "[policy]") {
  for (const SmtpReply& reply :
       {GreylistReply(Seconds(1), kNobody, TestConfig()), FailureReply()}) {
    CHECK(reply.text.find("Service unavailable") == std::string::npos);
    CHECK(reply.text.find("Client host rejected") == std::string::npos);
  }
}

}  // namespace
}  // namespace mxward::policy
