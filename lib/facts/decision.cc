// SPDX-License-Identifier: Apache-2.0
#include "facts/decision.h"

namespace mxward {

std::string_view ReasonName(Reason reason) {
  switch (reason) {
    case Reason::kTrustedNetwork:
      return "trusted-network";
    case Reason::kTrustedRelay:
      return "trusted-relay";
    case Reason::kTrustedCertificate:
      return "trusted-certificate";
    case Reason::kAuthenticated:
      return "authenticated";
    case Reason::kExemptRecipient:
      return "exempt-recipient";
    case Reason::kRule:
      return "rule";
    case Reason::kBlocked:
      return "blocked";
    case Reason::kAllowed:
      return "allowed";
    case Reason::kLimit:
      return "limit";
    case Reason::kScore:
      return "score";
    case Reason::kNotSuspicious:
      return "not-suspicious";
    case Reason::kGreylistOff:
      return "greylist-off";
    case Reason::kGreylistNew:
      return "greylist-new";
    case Reason::kGreylistEarly:
      return "greylist-early";
    case Reason::kGreylistExpired:
      return "greylist-expired";
    case Reason::kGreylistPassed:
      return "greylist-passed";
    case Reason::kGreylistKnown:
      return "greylist-known";
    case Reason::kGreylistAutoAllowed:
      return "greylist-auto-allowed";
    case Reason::kMessageDeferred:
      return "message-deferred";
    case Reason::kFailure:
      return "failure";
  }
  return "failure";
}

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAccept:
      return "accept";
    case Verdict::kDefer:
      return "defer";
    case Verdict::kReject:
      return "reject";
  }
  return "accept";
}

std::string_view AboutName(About about) {
  switch (about) {
    case About::kNobody:
      return "";
    case About::kClient:
      return "client";
    case About::kSender:
      return "sender";
    case About::kRecipient:
      return "recipient";
  }
  return "";
}

std::string_view ByName(By by) {
  switch (by) {
    case By::kConfig:
      return "config";
    case By::kRule:
      return "rule";
    case By::kEntry:
      return "entry";
    case By::kLimit:
      return "limit";
    case By::kList:
      return "list";
    case By::kScore:
      return "score";
    case By::kGreylist:
      return "greylist";
    case By::kMessage:
      return "message";
    case By::kFailure:
      return "failure";
  }
  return "failure";
}

}  // namespace mxward
