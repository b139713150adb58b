// SPDX-License-Identifier: Apache-2.0
#include "engine/delay_header.h"

#include "catch.h"

namespace mxward {
namespace {

constexpr WallTime kNow = WallTime(Seconds(1795744804));  // Friday, the 27th of November 2026

Decision Accepted(Reason reason, Seconds delay = Seconds(0)) {
  Decision decision;
  decision.reason = reason;
  decision.delay = delay;
  return decision;
}

std::string Header(const DelaySummary& passage, std::string_view name = "mx.example.net") {
  return passage.Header(name, kNow).value_or("none");
}

TEST_CASE("a mail that was greylisted says for how long", "[engine]") {
  DelaySummary passage;
  CHECK(Header(passage) == "none");
  passage.Note(Accepted(Reason::kGreylistPassed, Seconds(302)), false);
  CHECK(Header(passage) ==
        "delayed 302 seconds by mxward at mx.example.net (greylist-passed); "
        "Fri, 27 Nov 2026 02:00:04 +0000");
  CHECK(Header(passage, "") ==
        "delayed 302 seconds by mxward (greylist-passed); Fri, 27 Nov 2026 02:00:04 +0000");
  // Nothing that could begin another header.
  CHECK(Header(passage, "mx\r\nX: y") == Header(passage, ""));
}

TEST_CASE("of several recipients the longest delay counts, else the first", "[engine]") {
  DelaySummary passage;
  passage.Note(Accepted(Reason::kGreylistKnown, Seconds(9)), false);
  passage.Note(Accepted(Reason::kExemptRecipient), false);
  CHECK(Header(passage) ==
        "not delayed by mxward at mx.example.net (greylist-known); "
        "Fri, 27 Nov 2026 02:00:04 +0000");
  passage.Note(Accepted(Reason::kGreylistPassed, Seconds(300)), false);
  passage.Note(Accepted(Reason::kGreylistPassed, Seconds(200)), false);
  CHECK_THAT(Header(passage), HasText("delayed 300 seconds by"));
}

TEST_CASE("nobody has waited while it was only observed", "[engine]") {
  DelaySummary passage;
  Decision deferred = Accepted(Reason::kGreylistNew, Seconds(240));
  deferred.verdict = Verdict::kDefer;
  passage.Note(deferred, true);
  CHECK_THAT(Header(passage), HasText("not delayed by mxward at mx.example.net "
                                      "(greylist-new, observing); "));
  DelaySummary back;
  back.Note(Accepted(Reason::kGreylistPassed, Seconds(240)), true);
  CHECK_THAT(Header(back), HasText("not delayed by"));
}

TEST_CASE("mail of our own has no such header", "[engine]") {
  for (const Reason reason : {Reason::kTrustedNetwork, Reason::kTrustedRelay,
                              Reason::kTrustedCertificate, Reason::kAuthenticated}) {
    DelaySummary passage;
    passage.Note(Accepted(reason), false);
    CHECK(Header(passage) == "none");
  }
}

}  // namespace
}  // namespace mxward
