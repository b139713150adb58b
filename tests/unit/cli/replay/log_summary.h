// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

#include "base/name_class.h"
#include "cli/replay/event.h"
#include "cli/replay/step.h"

namespace mxward::cli::maillog {

inline std::string KindText(EventKind kind) {
  constexpr std::array kNames = {"nothing",      "broken",   "connect",  "disconnect",
                                 "name-trouble", "tls",      "message",  "note",
                                 "sender",       "delivery", "done",     "refusal",
                                 "content",      "whole",    "received", "screened"};
  return kNames.at(static_cast<std::size_t>(kind));
}

// What an event says, in one line: only what is set.
inline std::string Summary(const Event& event) {
  std::string text = KindText(event.kind);
  const auto add = [&text](const char* name, std::string_view value) {
    if (!value.empty()) text.append(" ").append(name).append("=").append(value);
  };
  add("id", event.queue_id);
  if (event.client) {
    add("client", event.client->ToString());
    add("name", event.client_name);
    add("class", WordOf(event.name_class));
  }
  if (event.has_sender) text.append(" from=<").append(event.sender).append(">");
  if (event.has_recipient) text.append(" to=<").append(event.recipient).append(">");
  add("helo", event.helo);
  add("user", event.user);
  if (event.recipients != 0) add("recipients", std::to_string(event.recipients));
  if (event.code != 0) add("code", std::to_string(event.code));
  add("enhanced", event.enhanced);
  if (event.refused) text += " refused";
  if (event.refuser == Refuser::kFilter) text += " by-filter";
  if (event.refuser == Refuser::kGreylister) text += " by-greylister";
  if (event.reinjected) text += " reinjected";
  if (event.counts_commands) text += " counted";
  if (event.used_tls) text += " used-tls";
  return text;
}

// A step of a session, in one line.
inline std::string Summary(const Step& step, WallTime start) {
  std::string text =
      std::to_string((step.time - start).count()) + "s #" + std::to_string(step.session) + " ";
  if (step.kind == Step::Kind::kDisconnect) return text + "disconnect";
  const SessionFacts& client =
      step.kind == Step::Kind::kConnect ? *step.client : *step.message->client;
  if (step.kind == Step::Kind::kConnect) {
    text += "connect " + client.client->ToString() + " " + std::string(WordOf(client.name_class));
    if (!client.claimed_name.empty()) text += " " + client.claimed_name;
    if (!client.daemon_port.empty()) text += " port " + client.daemon_port;
    return text;
  }
  const Message& message = *step.message;
  text += "from <" + message.sender + ">";
  if (!message.helo.empty()) text += " helo " + message.helo;
  if (!message.user.empty()) text += " user " + message.user;
  if (message.tls) text += " tls";
  for (const Recipient& recipient : message.recipients) {
    constexpr std::array kFates = {"taken", "deferred", "rejected", "refused"};
    text +=
        " to <" + recipient.address + "> " + kFates.at(static_cast<std::size_t>(recipient.fate));
    if (!recipient.enhanced.empty()) text += " " + recipient.enhanced;
  }
  if (message.content_deferred) text += " content-deferred";
  if (message.content_rejected) text += " content-rejected";
  return text;
}

}  // namespace mxward::cli::maillog
