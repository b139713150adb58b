// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "facts/session_facts.h"

namespace mxward::cli::maillog {

// What became of a recipient in the log.
enum class Fate : std::uint8_t {
  kTaken,
  kDeferred,  // by a milter or another greylister: a retry is in the log, too
  kRejected,  // by a milter, for good
  kRefused,   // by the mail server itself, with or without a chance to come back
};

struct Recipient {
  std::string address;
  Fate fate = Fate::kTaken;
  std::string enhanced;  // RFC 3463, of a refusal; may be empty
};

// One message, or as much of it as the log has: what was refused had no content yet.
struct Message {
  std::uint64_t session = 0;
  std::shared_ptr<const SessionFacts> client;  // without HELO
  std::string helo;                            // empty: not in the log
  bool tls = false;
  bool has_sender = false;  // false: the log does not tell who sent it
  std::string sender;
  std::string user;  // who had logged in
  std::string queue_id;
  std::vector<Recipient> recipients;
  // Its recipients were taken, but not its content: deferred or rejected.
  bool content_deferred = false;
  bool content_rejected = false;
};

// One step of one SMTP session.
struct Step {
  enum class Kind : std::uint8_t { kConnect, kMessage, kDisconnect };
  Kind kind = Kind::kConnect;
  WallTime time{};
  std::uint64_t session = 0;                   // a number of its own for each session
  std::shared_ptr<const SessionFacts> client;  // of kConnect
  std::shared_ptr<Message> message;            // of kMessage
};

}  // namespace mxward::cli::maillog
