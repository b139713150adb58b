// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/sendmail_log.h"

#include "cli/replay/log_scanner.h"

namespace mxward::cli::maillog {
namespace {

// The value of ", name=" up to the next ", ", wherever it stands; empty when it does not. Addresses
// may hold both, and come first: the last one is Sendmail's.
std::string_view Field(std::string_view text, std::string_view name) {
  const std::size_t at = text.rfind(name);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + name.size());
  return text.substr(0, text.find(", "));
}

std::string_view WithoutAngles(std::string_view address) {
  if (address.starts_with('<')) address.remove_prefix(1);
  if (address.ends_with('>')) address.remove_suffix(1);
  return address;
}

// "mail.example.org [192.0.2.1] (may be forged)", "[192.0.2.1]", "joe@localhost", "IDENT:...".
bool ReadRelay(std::string_view relay, Event& event) {
  const std::size_t open = relay.find('[');
  if (open == std::string_view::npos) return false;
  const std::size_t close = relay.find(']', open);
  if (close == std::string_view::npos) return false;
  event.client = IpAddress::Parse(relay.substr(open + 1, close - open - 1));
  if (!event.client) return false;
  std::string_view name = relay.substr(0, open);
  while (name.ends_with(' ')) name.remove_suffix(1);
  // RFC 1413: "IDENT:user@host"
  const std::size_t at = name.rfind('@');
  if (at != std::string_view::npos) name.remove_prefix(at + 1);
  event.client_name = name;
  if (name.empty()) {
    event.name_class = NameClass::kNone;
  } else {
    event.name_class = relay.find("(may be forged)") != std::string_view::npos ? NameClass::kForged
                                                                               : NameClass::kGood;
  }
  return true;
}

void ReadReply(std::string_view reply, Event& event) {
  event.refuser = Refuser::kMta;
  TakeCodes(reply, event);
  if (event.code < 500 && IsGreylisting(reply)) event.refuser = Refuser::kGreylister;
}

// "from=<a>, size=1, class=0, nrcpts=1, ..., relay=...": the end of a message's reception.
Event ParseFrom(std::string_view text, Event event) {
  std::string_view sender;
  if (!TakeUntil(text, ", size=", sender)) return event;
  if (!ReadRelay(Field(text, ", relay="), event)) return event;  // a local submission
  event.sender = WithoutAngles(sender);
  event.has_sender = true;
  std::string_view recipients = Field(text, ", nrcpts=");
  event.recipients = TakeNumber(recipients);
  event.user = Field(text, ", authid=");
  event.kind = EventKind::kReceived;
  return event;
}

// "to=<a>,<b>, delay=..., stat=Sent": as they were given, before or behind aliases.
Event ParseTo(std::string_view text, Event event) {
  if (!TakeUntil(text, ", ", event.recipient)) return event;
  event.has_recipient = true;
  event.kind = EventKind::kDelivery;
  return event;
}

// "ruleset=check_rcpt, arg1=<b>, relay=..., reject=550 5.7.1 <b>... Relaying denied"
Event ParseRuleset(std::string_view text, Event event) {
  if (!Skip(text, "check_rcpt, arg1=")) return event;
  const std::size_t relay = text.find(", relay=");
  const std::size_t reject = text.find(", reject=");
  if (relay == std::string_view::npos || reject == std::string_view::npos || reject < relay) {
    return event;
  }
  if (!ReadRelay(text.substr(relay + 8, reject - relay - 8), event)) return event;
  event.recipient = WithoutAngles(text.substr(0, relay));
  event.has_recipient = true;
  ReadReply(text.substr(reject + 9), event);
  event.kind = EventKind::kRefusal;
  return event;
}

// "STARTTLS=server, relay=name [a], version=TLSv1.3, verify=NO, cipher=..., bits=256/256"
Event ParseTls(std::string_view text, Event event) {
  if (!ReadRelay(Field(text, ", relay="), event)) return event;
  // "STARTTLS=server, error: accept failed=-1" has no version.
  if (text.find(", version=") == std::string_view::npos) return event;
  event.kind = EventKind::kTls;
  return event;
}

// "Milter: to=<b>, reject=451 4.7.1 ...", "Milter: data, reject=..."
Event ParseMilter(std::string_view text, Event event) {
  event.refuser = Refuser::kFilter;
  if (Skip(text, "to=")) {
    if (!TakeUntil(text, ", reject=", event.recipient)) return event;
    event.recipient = WithoutAngles(event.recipient);
    event.has_recipient = true;
    TakeCodes(text, event);
    event.kind = EventKind::kRefusal;
    return event;
  }
  if (text.starts_with("data, reject=")) {
    text.remove_prefix(text.find('=') + 1);
    TakeCodes(text, event);
    event.kind = EventKind::kContentRefusal;
  }
  return event;
}

}  // namespace

bool IsSendmail(std::string_view program) {
  return program == "sendmail" || program.starts_with("sm-mta") ||
         program == "sm-acceptingconnections";
}

Event ParseSendmail(std::string_view text) {
  Event event;
  if (Skip(text, "STARTTLS=server")) return ParseTls(text, event);
  if (!TakeQueueId(text, event.queue_id)) return event;
  if (Skip(text, "from=")) return ParseFrom(text, event);
  if (Skip(text, "to=")) return ParseTo(text, event);
  if (Skip(text, "ruleset=")) return ParseRuleset(text, event);
  if (Skip(text, "Milter: ")) return ParseMilter(text, event);
  // "<b>... User unknown"
  if (text.starts_with('<') && text.ends_with(">... User unknown")) {
    event.recipient = WithoutAngles(text.substr(0, text.rfind("... ")));
    event.has_recipient = true;
    event.code = 550;
    event.enhanced = "5.1.1";
    event.kind = EventKind::kRefusal;
  }
  return event;
}

}  // namespace mxward::cli::maillog
