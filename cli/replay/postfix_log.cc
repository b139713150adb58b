// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/postfix_log.h"

#include <algorithm>
#include <array>

#include "cli/replay/log_scanner.h"

namespace mxward::cli::maillog {
namespace {

// They log what became of a recipient: "QUEUEID: to=<...>, ...". relay is a transport of smtp(8)
// with a name of its own.
constexpr std::array<std::string_view, 9> kDelivering = {
    "smtp", "lmtp", "local", "virtual", "pipe", "error", "discard", "retry", "relay"};

Event Broken() {
  Event event;
  event.kind = EventKind::kBroken;
  return event;
}

bool TakeAngled(std::string_view& text, std::string_view end, std::string_view& address) {
  return Skip(text, "<") && TakeUntil(text, end, address);
}

// "<a@b>, ", or "a@b, " of an old local(8).
bool TakeRecipient(std::string_view& text, std::string_view& address) {
  if (text.starts_with('<')) return TakeAngled(text, ">, ", address);
  return TakeUntil(text, ", ", address);
}

// "from=<a> to=<b> proto=ESMTP helo=<c>", of which each may be missing, and each may hold what the
// network likes: an address is taken to end where the next word begins.
void TakeEnvelope(std::string_view text, Event& event) {
  std::string_view rest = text;
  if (Skip(rest, "from=<") && TakeUntil(rest, "> to=<", event.sender)) {
    event.has_sender = true;
    event.has_recipient = TakeUntil(rest, "> proto=", event.recipient);
  } else if (TakeUntil(rest, "> proto=", event.sender)) {
    event.has_sender = text.starts_with("from=<");
  }
  const std::size_t helo = text.rfind(" helo=<");
  if (helo == std::string_view::npos) return;
  text.remove_prefix(helo + 7);
  const std::size_t end = text.find('>');
  if (end != std::string_view::npos) event.helo = text.substr(0, end);
}

// Where the envelope begins behind a reply or a header; npos where there is none.
std::size_t EnvelopeIn(std::string_view text) {
  const std::size_t from = text.find("; from=<");
  if (from != std::string_view::npos) return from;
  const std::size_t proto = text.rfind("; proto=");
  return proto != std::string_view::npos ? proto : text.rfind("; helo=<");
}

// Without the address or name in front of the words: "<a@b>: Recipient address rejected: ...".
bool SaysGreylisting(std::string_view reply) {
  if (reply.starts_with('<')) {
    const std::size_t end = reply.find(">: ");
    if (end != std::string_view::npos) reply.remove_prefix(end + 3);
  }
  return IsGreylisting(reply);
}

// Behind "NOQUEUE: reject: " and the like: "RCPT from CLIENT: 550 5.1.1 text; from=<a> ...".
Event ParseRefusal(std::string_view text, std::string_view queue_id, bool by_filter) {
  Event event;
  event.queue_id = queue_id;
  std::string_view stage;
  if (!TakeUntil(text, " from ", stage) || !TakeClient(text, event)) return Broken();
  if (!Skip(text, ": ")) return Broken();
  const std::size_t envelope = EnvelopeIn(text);
  std::string_view reply = text.substr(0, envelope);
  if (envelope != std::string_view::npos) TakeEnvelope(text.substr(envelope + 2), event);
  TakeCodes(reply, event);
  if (event.code == 0 && !event.enhanced.empty()) event.code = event.enhanced[0] == '4' ? 450 : 550;
  event.refuser = by_filter ? Refuser::kFilter : Refuser::kMta;
  if (!by_filter && event.code < 500 && SaysGreylisting(reply)) {
    event.refuser = Refuser::kGreylister;
  }
  const bool recipient_stage = stage == "RCPT";
  // The reply for a null sender's only recipient may come at DATA.
  const bool data_stage = stage == "DATA" && by_filter;
  if (recipient_stage || (data_stage && event.has_recipient)) {
    event.kind = event.has_recipient ? EventKind::kRefusal : EventKind::kNote;
  } else if (stage == "END-OF-MESSAGE" || stage == "DATA" || stage == "BDAT") {
    event.kind = EventKind::kContentRefusal;
  } else {
    event.kind = EventKind::kNote;
  }
  event.refused = true;
  return event;
}

// "hostname X does not resolve to address A[: why]", and before Postfix 2.8
// "A: hostname X verification failed: why", "A: address not listed for hostname X".
Event ParseWarning(std::string_view text) {
  Event event;
  std::string_view why;
  std::string_view address;
  if (Skip(text, "hostname ")) {
    if (!TakeUntil(text, " does not resolve to address ", event.client_name)) return event;
    const std::size_t end = std::min(text.find(": "), text.size());
    address = text.substr(0, end);
    why = text.substr(end);
  } else {
    if (!TakeUntil(text, ": ", address)) return event;
    if (Skip(text, "address not listed for hostname ")) {
      event.client_name = text;
    } else if (!Skip(text, "hostname ") ||
               !TakeUntil(text, " verification failed: ", event.client_name)) {
      return event;
    }
    why = text;
  }
  event.client = IpAddress::Parse(address);
  if (!event.client) return event;
  const bool passing = why.find("emporary failure") != std::string_view::npos ||
                       why.find("try again") != std::string_view::npos;
  event.name_class = passing ? NameClass::kTempfail : NameClass::kForged;
  event.kind = EventKind::kNameTrouble;
  return event;
}

// Behind "QUEUEID: client=" and the client.
void TakeLogin(std::string_view text, Event& event) {
  constexpr std::string_view kUser = ", sasl_username=";
  const std::size_t user = text.find(kUser);
  if (user != std::string_view::npos) {
    event.user = text.substr(user + kUser.size());
    // The name may have commas in it; what Postfix writes behind it is known.
    for (const std::string_view next : {", sasl_sender=", ", orig_queue_id=", ", orig_client="}) {
      event.user = event.user.substr(0, event.user.find(next));
    }
  }
  event.reinjected = text.find(", orig_client=") != std::string_view::npos ||
                     text.find(", orig_queue_id=") != std::string_view::npos;
}

Event ClientEvent(std::string_view text, EventKind kind) {
  Event event;
  // "unknown[unknown]" has gone before anybody asked who it is.
  if (text.find("[unknown]") != std::string_view::npos) return event;
  if (!TakeClient(text, event)) return Broken();
  event.kind = kind;
  return event;
}

// "CLIENT ehlo=2 starttls=1 mail=1 rcpt=0/1 quit=1 commands=6"; "0/1": of one none succeeded.
Event DisconnectEvent(std::string_view text) {
  Event event = ClientEvent(text, EventKind::kDisconnect);
  if (event.kind != EventKind::kDisconnect) return event;
  event.counts_commands = text.find(" commands=") != std::string_view::npos;
  std::string_view count;
  if (TakeUntil(text, " starttls=", count)) event.used_tls = TakeNumber(text) > 0;
  return event;
}

// A message that passed through a before-queue filter: "proxy-accept: END-OF-MESSAGE: 250 2.0.0
// ...; from=<a> to=<b> proto=ESMTP helo=<c>". The recipient is only there when there is one.
Event ParseProxied(std::string_view text, bool accepted) {
  Event event;
  const std::size_t envelope = EnvelopeIn(text);
  if (envelope == std::string_view::npos || !Skip(text, "END-OF-MESSAGE")) return event;
  std::string_view before;
  if (!TakeUntil(text, ": ", before)) return event;
  std::string_view reply = text.substr(0, EnvelopeIn(text));
  TakeCodes(reply, event);
  TakeEnvelope(text.substr(EnvelopeIn(text) + 2), event);
  if (accepted) event.code = 250;
  if (!accepted && event.code < 400) event.code = 550;
  event.kind = EventKind::kWhole;
  return event;
}

Event ParseSmtpd(std::string_view text) {
  Event event;
  if (Skip(text, "connect from ")) return ClientEvent(text, EventKind::kConnect);
  if (Skip(text, "disconnect from ")) return DisconnectEvent(text);
  if (Skip(text, "warning: ")) return ParseWarning(text);
  if (Skip(text, "proxy-accept: ")) return ParseProxied(text, /*accepted=*/true);
  if (Skip(text, "proxy-reject: ")) return ParseProxied(text, /*accepted=*/false);
  const std::size_t tls = text.find(" TLS connection established from ");
  if (tls != std::string_view::npos && tls < 12) {
    text.remove_prefix(text.find("from ") + 5);
    return ClientEvent(text, EventKind::kTls);
  }
  std::string_view queue_id;
  if (!Skip(text, "NOQUEUE: ") && !TakeQueueId(text, queue_id)) return event;
  if (Skip(text, "client=")) {
    if (queue_id.empty()) return event;  // a before-queue filter's; see ParseProxied()
    event = ClientEvent(text, EventKind::kMessage);
    if (event.kind != EventKind::kMessage) return event;
    event.queue_id = queue_id;
    TakeLogin(text, event);
    return event;
  }
  if (Skip(text, "reject: ")) return ParseRefusal(text, queue_id, /*by_filter=*/false);
  if (Skip(text, "milter-reject: ")) return ParseRefusal(text, queue_id, /*by_filter=*/true);
  if (Skip(text, "proxy-accept: ")) return ParseProxied(text, /*accepted=*/true);
  if (Skip(text, "proxy-reject: ")) return ParseProxied(text, /*accepted=*/false);
  // Warnings, FILTER, HOLD, ... : not about a recipient.
  std::string_view action;
  if (!TakeUntil(text, ": ", action) || action.find(' ') != std::string_view::npos) return event;
  event = ParseRefusal(text, queue_id, /*by_filter=*/false);
  event.kind = event.kind == EventKind::kBroken ? EventKind::kNothing : EventKind::kNote;
  event.refused = false;
  return event;
}

// "QUEUEID: reject: header Subject: ... from CLIENT; from=<a> to=<b> proto=P helo=<c>: 5.7.1 text",
// "QUEUEID: milter-reject: END-OF-MESSAGE from CLIENT: 5.7.1 text; from=<a> ...", "QUEUEID: info:
// ..." with the same envelope.
Event ParseCleanup(std::string_view text) {
  Event event;
  if (!TakeQueueId(text, event.queue_id)) return event;
  if (text.starts_with("message-id=") || text.starts_with("resent-message-id=")) return event;
  std::string_view action;
  if (!TakeUntil(text, ": ", action)) return event;
  const bool refused = action == "reject" || action == "milter-reject" ||
                       action == "milter-discard" || action == "discard";
  // Within a header anything can stand; the last one is Postfix's.
  const std::size_t envelope = text.rfind("; from=<");
  if (envelope == std::string_view::npos) return event;
  TakeEnvelope(text.substr(envelope + 2), event);
  event.kind = refused ? EventKind::kContentRefusal : EventKind::kNote;
  if (!refused) return event;
  event.code = 550;
  std::string_view reply = text;
  if (action == "milter-reject") {
    std::string_view before;
    if (TakeUntil(reply, "]: ", before)) TakeCodes(reply, event);
  } else {
    const std::size_t end = text.rfind(">: ");
    if (end != std::string_view::npos) {
      reply.remove_prefix(end + 3);
      TakeCodes(reply, event);
    }
  }
  if (!event.enhanced.empty() && event.enhanced[0] == '4') event.code = 450;
  return event;
}

// "QUEUEID: to=<b>, orig_to=<a>, relay=..., ... status=sent (...)": the client said a.
Event ParseDelivery(std::string_view queue_id, std::string_view text) {
  Event event;
  event.queue_id = queue_id;
  if (!TakeRecipient(text, event.recipient)) return Broken();
  if (Skip(text, "orig_to=") && !TakeRecipient(text, event.recipient)) return Broken();
  event.kind = EventKind::kDelivery;
  event.has_recipient = true;
  return event;
}

Event ParseQmgr(std::string_view text) {
  Event event;
  if (!TakeQueueId(text, event.queue_id)) return event;
  if (text == "removed") {
    event.kind = EventKind::kDone;
    return event;
  }
  if (Skip(text, "to=")) return ParseDelivery(event.queue_id, text);
  if (!Skip(text, "from=")) return event;
  if (!TakeAngled(text, ">, ", event.sender)) return Broken();
  std::string_view size;
  if (!Skip(text, "size=") || !TakeUntil(text, ", nrcpt=", size)) return event;
  event.recipients = TakeNumber(text);
  event.has_sender = true;
  event.kind = EventKind::kSender;
  return event;
}

Event ParsePostscreen(std::string_view text) {
  Event event;
  if (Skip(text, "NOQUEUE: reject: ") && Skip(text, "RCPT from "))
    event.kind = EventKind::kScreened;
  return event;
}

}  // namespace

PostfixProgram ParsePostfixProgram(std::string_view program) {
  const std::size_t slash = program.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return {};
  PostfixProgram parsed;
  parsed.daemon = program.substr(slash + 1);
  const std::string_view instance = program.substr(0, slash);
  const std::size_t service = instance.rfind('/');
  if (service == std::string_view::npos) return parsed;
  const std::string_view name = instance.substr(service + 1);
  if (name == "smtps" || name.starts_with("submissions")) {
    parsed.daemon_port = kSubmissionsPort;
  } else if (name.starts_with("submission")) {
    parsed.daemon_port = kSubmissionPort;
  }
  return parsed;
}

std::string_view PostfixDaemonOf(std::string_view text) {
  if (text.starts_with("connect from ") || text.starts_with("disconnect from ") ||
      text.starts_with("warning: hostname ") || text.starts_with("proxy-") ||
      text.substr(0, 48).find(" TLS connection established from ") != std::string_view::npos) {
    return "smtpd";
  }
  // postscreen names no client: "NOQUEUE: reject: RCPT from [192.0.2.1]:4711: ..."
  if (Skip(text, "NOQUEUE: ")) {
    return text.starts_with("reject: RCPT from [") ? "postscreen" : "smtpd";
  }
  std::string_view queue_id;
  if (!TakeQueueId(text, queue_id)) return {};
  if (text.starts_with("from=<") || text == "removed") return "qmgr";
  if (text.starts_with("to=<")) return "smtp";
  const std::string_view stage = text.substr(std::min(text.find(": "), text.size()));
  if (text.starts_with("client=") || stage.starts_with(": RCPT from ") ||
      stage.starts_with(": DATA from ")) {
    return "smtpd";
  }
  return "cleanup";
}

Event ParsePostfix(std::string_view daemon, std::string_view text) {
  if (daemon == "smtpd") return ParseSmtpd(text);
  if (daemon == "qmgr" || daemon == "oqmgr" || daemon == "nqmgr") return ParseQmgr(text);
  if (daemon == "cleanup") return ParseCleanup(text);
  if (daemon == "postscreen") return ParsePostscreen(text);
  if (std::find(kDelivering.begin(), kDelivering.end(), daemon) == kDelivering.end()) return {};
  Event event;
  std::string_view queue_id;
  if (!TakeQueueId(text, queue_id) || !Skip(text, "to=")) return event;
  return ParseDelivery(queue_id, text);
}

}  // namespace mxward::cli::maillog
