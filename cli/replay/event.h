// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ip_address.h"
#include "facts/session_facts.h"

namespace mxward::cli::maillog {

// What one line of a mail server's log says, as far as it matters here.
enum class EventKind : std::uint8_t {
  kNothing,         // understood, or of another program: nothing that matters
  kBroken,          // begins like a line that matters, and goes on like none
  kConnect,         // a client has connected
  kDisconnect,      // and has gone
  kNameTrouble,     // the reverse name of the client that connects next does not lead back
  kTls,             // the client has begun to encrypt
  kMessage,         // a message has begun, with a queue ID: its first recipient was taken
  kNote,            // more is known of a message or a client: its HELO
  kSender,          // a message was taken: its sender, how many recipients
  kDelivery,        // a recipient of a message, which was taken
  kDone,            // nothing more will come of a message
  kRefusal,         // a recipient was not taken
  kContentRefusal,  // a message was not taken, but its recipients had been
  kWhole,           // a whole message in one line: sender and recipient
  kReceived,        // Sendmail: a message has ended; its client, sender, how many recipients
  kScreened,        // postscreen has turned a client away, before the mail server and a filter
};

// Who did not take a recipient.
enum class Refuser : std::uint8_t {
  kMta,         // the mail server by itself
  kFilter,      // a milter
  kGreylister,  // a policy server, by its words
};

// Everything textual is a view into the line, and what the network sent. What does not belong to a
// kind is empty.
struct Event {
  EventKind kind = EventKind::kNothing;
  std::string_view queue_id;
  std::optional<IpAddress> client;  // nothing: the line does not say
  std::string_view client_name;     // "unknown" is empty
  NameClass name_class = NameClass::kUnknown;
  bool reinjected = false;  // by a content filter that passed on the client (XFORWARD)
  // Of kDisconnect: the line counts the commands (Postfix 3.0), STARTTLS was one of them.
  bool counts_commands = false;
  bool used_tls = false;
  bool has_sender = false;
  std::string_view sender;
  bool has_recipient = false;
  std::string_view recipient;  // as the client gave it; Sendmail: several, with commas between them
  std::string_view helo;
  std::string_view user;
  std::uint32_t recipients = 0;  // of kSender, kReceived
  bool refused = false;          // of kNote: the client, its HELO or sender was
  Refuser refuser = Refuser::kMta;
  int code = 0;               // SMTP: 450, 550; 0: only the enhanced one is known
  std::string_view enhanced;  // RFC 3463: "5.1.1"
};

// Whether a reply is about greylisting.
bool IsGreylisting(std::string_view reply);

}  // namespace mxward::cli::maillog
