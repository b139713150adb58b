// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/probe/milter_wire.h"

namespace mxward {

// Where a filter listens. Both ways of writing it are understood: libmilter's "unix:PATH",
// "local:PATH", a bare path, "inet:PORT@HOST", "inet:PORT", "inet6:PORT@HOST", and Postfix's
// "inet:HOST:PORT", with brackets around an IPv6 address. Without a host it is this machine.
struct MilterAddress {
  std::string path;  // set for a unix socket, and then the rest is not
  std::string host;
  std::string port;  // decimal, in bounds
  bool ipv6 = false;
};

Result<MilterAddress> ParseMilterAddress(std::string_view text);

class MilterDeadline;  // of one operation, however many system calls it takes

// One milter connection, from the MTA's side, blocking. Every operation ends within the timeout
// given at Connect(): kTimeout then, kUnavailable if the filter closed or is not there, kCorrupt if
// it broke the protocol, kIo for the rest; after any of these the object is of no further use.
// (One exception: a host *name* is resolved by getaddrinfo, which keeps its own time.)
//
// The order of events is the caller's business, so that tests can get it wrong. Not thread-safe.
class MilterClient {
 public:
  using Reply = MilterReply;
  // Nothing when the terms say that the filter does not want the event or does not answer it.
  using Answer = Result<std::optional<Reply>>;

  static Result<std::unique_ptr<MilterClient>> Connect(std::string_view address,
                                                       std::chrono::milliseconds timeout);
  MilterClient(const MilterClient&) = delete;
  MilterClient& operator=(const MilterClient&) = delete;
  ~MilterClient();

  // First of all. Returns the terms, which stay available as Terms().
  Result<MilterTerms> Negotiate(const MilterOffer& offer = {});
  const MilterTerms& Terms() const { return terms_; }

  // Values for the macros that the filter will ask for, with the name as sent ("{client_ptr}").
  // Before each event those on the filter's list for its stage are sent, as Postfix does, even
  // when the event itself is not wanted.
  void SetMacro(std::string name, std::string value);
  void ClearMacro(const std::string& name);

  Answer SendConnect(const MilterPeer& peer);
  Answer SendHelo(std::string_view name);
  // The address with its angle brackets.
  Answer SendMail(std::string_view sender, std::span<const std::string_view> parameters = {});
  Answer SendRcpt(std::string_view recipient, std::span<const std::string_view> parameters = {});
  Answer SendData();
  Answer SendUnknown(std::string_view line);
  Answer SendHeader(std::string_view name, std::string_view value);
  Answer SendEndOfHeaders();
  Answer SendBody(std::string_view chunk);
  Answer SendEndOfBody();

  // These are never answered.
  Result<void> SendAbort();
  Result<void> SendQuit();
  Result<void> SendQuitNewConnection();

  // For tests of bad input: bytes as they are, and whatever comes next.
  Result<void> SendRaw(std::string_view bytes);
  Result<Reply> ReadReply();

 private:
  MilterClient(int fd, std::chrono::milliseconds timeout) : fd_(fd), timeout_(timeout) {}

  // Sends the macros of the event and, if wanted, the packet; reads the answer, if any.
  Answer Event(MilterCommand event, std::string_view packet);
  Result<void> Write(std::string_view bytes, const MilterDeadline& deadline);
  Result<MilterPacket> ReadPacket(const MilterDeadline& deadline);
  Result<Reply> ReadReply(const MilterDeadline& deadline);

  int fd_;
  std::chrono::milliseconds timeout_;
  MilterParser parser_;
  MilterTerms terms_;
  std::map<std::string, std::string, std::less<>> macros_;
};

}  // namespace mxward
