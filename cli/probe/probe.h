// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/enum_words.h"
#include "base/ip_address.h"
#include "base/result.h"
#include "facts/decision.h"

namespace mxward::cli {

// A mail as a probe pretends to deliver it.
struct ProbeMail {
  IpAddress client;
  std::string name;  // verified reverse name; empty: none
  std::string helo;
  std::string sender;  // without angle brackets; empty: the null sender
  std::vector<std::string> recipients;
  std::string user;  // empty: not logged in
};

// One step of the dialogue with the milter.
struct ProbeStep {
  std::string event;  // "RCPT TO:<user@example.org>"
  enum class Answer : std::uint8_t {
    kNotSent,   // the milter does not want to hear of it
    kNotAsked,  // told, no answer wanted
    kContinue,
    kAccept,
    kDefer,
    kReject,
    kOther,  // discarded, connection refused, ...
  } answer = Answer::kNotSent;
  SmtpReply reply;  // of kDefer and kReject, as the client would get it
};

constexpr auto EnumWordsOf(ProbeStep::Answer) {
  return EnumWords<ProbeStep::Answer>({{ProbeStep::Answer::kNotSent, "not-sent"},
                                       {ProbeStep::Answer::kNotAsked, "not-asked"},
                                       {ProbeStep::Answer::kContinue, "continue"},
                                       {ProbeStep::Answer::kAccept, "accept"},
                                       {ProbeStep::Answer::kDefer, "defer"},
                                       {ProbeStep::Answer::kReject, "reject"},
                                       {ProbeStep::Answer::kOther, "other"}});
}

struct ProbeRun {
  std::vector<ProbeStep> steps;
  // For each recipient, whether the mail would be taken; with the answer to the whole counted in.
  struct Recipient {
    std::string address;
    Verdict verdict = Verdict::kAccept;
    SmtpReply reply;
  };
  std::vector<Recipient> recipients;

  bool Accepted() const;
};

// Speaks to the milter at `address` (in libmilter's or Postfix's words) as Postfix does for a mail,
// to the end of the message; that has no header and no body. Whatever the milter notes about it
// stays noted.
Result<ProbeRun> Probe(const std::string& address, const ProbeMail& mail);

// How long a deferral asks to wait: the largest number in its text; nothing without one.
std::optional<std::int64_t> SecondsIn(const std::string& text);

}  // namespace mxward::cli
