// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// The milter protocol, version 6, as an MTA speaks it: packets to a filter are built, its answers
// are taken apart. Pure: no socket, no clock. The protocol has no RFC; its numbers are those of
// sendmail's libmilter (mfdef.h, mfapi.h), its behaviour that of Postfix's milter8.c.
//
// Every packet is a 4-byte big-endian length, a command byte that the length includes, and data.

namespace mxward {

enum class MilterCommand : char {
  kAbort = 'A',
  kBody = 'B',
  kConnect = 'C',
  kMacro = 'D',
  kEndOfBody = 'E',
  kHelo = 'H',
  kQuitNewConnection = 'K',  // the connection stays, a CONNECT of another client follows
  kHeader = 'L',
  kMail = 'M',
  kEndOfHeaders = 'N',
  kNegotiate = 'O',
  kQuit = 'Q',
  kRcpt = 'R',
  kData = 'T',
  kUnknown = 'U',
};

enum class MilterAnswer : char {
  kShutdown = '4',
  kAccept = 'a',
  kContinue = 'c',
  kDiscard = 'd',
  kConnectionFailure = 'f',
  kProgress = 'p',  // not an answer yet: keep waiting
  kReject = 'r',
  kSkip = 's',
  kTempfail = 't',
  kReplyCode = 'y',  // comes with a code and a text
};

// The protocol word of the negotiation: events the filter does not want (No*), events it does not
// answer (Nr*), and abilities of the MTA.
namespace milter_protocol {
inline constexpr std::uint32_t kNoConnect = 0x1;
inline constexpr std::uint32_t kNoHelo = 0x2;
inline constexpr std::uint32_t kNoMail = 0x4;
inline constexpr std::uint32_t kNoRcpt = 0x8;
inline constexpr std::uint32_t kNoBody = 0x10;
inline constexpr std::uint32_t kNoHeaders = 0x20;
inline constexpr std::uint32_t kNoEndOfHeaders = 0x40;
inline constexpr std::uint32_t kNrHeaders = 0x80;
inline constexpr std::uint32_t kNoUnknown = 0x100;
inline constexpr std::uint32_t kNoData = 0x200;
inline constexpr std::uint32_t kSkip = 0x400;
inline constexpr std::uint32_t kRejectedRcpt = 0x800;  // send recipients the MTA refused, too
inline constexpr std::uint32_t kNrConnect = 0x1000;
inline constexpr std::uint32_t kNrHelo = 0x2000;
inline constexpr std::uint32_t kNrMail = 0x4000;
inline constexpr std::uint32_t kNrRcpt = 0x8000;
inline constexpr std::uint32_t kNrData = 0x10000;
inline constexpr std::uint32_t kNrUnknown = 0x20000;
inline constexpr std::uint32_t kNrEndOfHeaders = 0x40000;
inline constexpr std::uint32_t kNrBody = 0x80000;
inline constexpr std::uint32_t kLeadingSpace = 0x100000;
inline constexpr std::uint32_t kAll = 0x1fffff;
}  // namespace milter_protocol

// The actions word: what the filter may do to a message.
namespace milter_action {
inline constexpr std::uint32_t kAddHeaders = 0x1;
inline constexpr std::uint32_t kSetMacroLists = 0x100;
inline constexpr std::uint32_t kAll = 0x1ff;
}  // namespace milter_action

// A stage of the session for which the filter may ask for macros of its choice.
enum class MilterStage : std::uint32_t {
  kConnect = 0,
  kHelo = 1,
  kMail = 2,
  kRcpt = 3,
  kData = 4,
  kEndOfMessage = 5,
  kEndOfHeaders = 6,
};

inline constexpr std::uint32_t kMilterVersion = 6;
// A longer packet from a filter is taken for garbage, as Postfix does.
inline constexpr std::size_t kMilterMaxPacket = 131070;

// The defaults are what Postfix offers.
struct MilterOffer {
  std::uint32_t version = kMilterVersion;
  std::uint32_t actions = milter_action::kAll;
  std::uint32_t protocol = milter_protocol::kAll;
};

struct MilterMacroList {
  MilterStage stage;
  std::string names;  // separated by spaces or commas: "i {rcpt_mailer}"
};

// What the filter answered to the offer.
struct MilterTerms {
  std::uint32_t version = 0;
  std::uint32_t actions = 0;
  std::uint32_t protocol = 0;
  std::vector<MilterMacroList> macro_lists;

  bool Wants(MilterCommand event) const;    // the MTA is to send it
  bool Answers(MilterCommand event) const;  // the MTA is to wait for an answer to it
  // The macros to send with the event: the filter's list, or without one Postfix's default.
  // Empty for commands that carry no macros.
  std::string_view MacroNames(MilterCommand event) const;
};

struct MilterMacro {
  std::string_view name;  // as it is sent: "j", "{client_name}"
  std::string_view value;
};

// A client as in CONNECT. Without an address the family is sent as unknown, and an address
// that starts with '/' as a unix socket.
struct MilterPeer {
  std::string_view name;  // "[192.0.2.1]" where there is no verified name
  std::string_view address;
  std::uint16_t port = 0;
};

// Each appends one packet to `out`. Strings go out as they are: an embedded NUL ends an argument
// early, as it would from a broken MTA.
void AppendNegotiate(std::string& out, const MilterOffer& offer);
void AppendMacros(std::string& out, MilterCommand event, std::span<const MilterMacro> macros);
void AppendConnect(std::string& out, const MilterPeer& peer);
void AppendHelo(std::string& out, std::string_view name);
// MAIL and RCPT: the address in angle brackets, then the ESMTP parameters.
void AppendMail(std::string& out, std::span<const std::string_view> arguments);
void AppendRcpt(std::string& out, std::span<const std::string_view> arguments);
void AppendUnknown(std::string& out, std::string_view line);
void AppendHeader(std::string& out, std::string_view name, std::string_view value);
void AppendBody(std::string& out, std::string_view chunk);
// Events without data: DATA, end of headers, end of body, abort, quit.
void AppendBare(std::string& out, MilterCommand command);
// Anything at all, for tests of the other side.
void AppendPacket(std::string& out, char command, std::string_view data);

struct MilterPacket {
  char command = 0;
  std::string_view data;  // points into the parser, valid until its next Feed()
};

// Cuts a byte stream from a filter into packets. Not thread-safe.
class MilterParser {
 public:
  void Feed(std::string_view bytes);
  // The next whole packet, nothing if more bytes are needed, kCorrupt if the length is impossible;
  // after that the stream is lost and the parser of no further use.
  Result<std::optional<MilterPacket>> Next();

 private:
  std::string buffer_;
  std::size_t start_ = 0;  // of the first packet not yet returned
};

// A change to the message that the filter asked for at the end of the body, undecoded.
struct MilterEdit {
  char command = 0;
  std::string data;
};

struct MilterReply {
  MilterAnswer answer = MilterAnswer::kContinue;
  // What the SMTP client would be told, with "%%" already turned into "%": the filter's own words,
  // or for a bare reject or tempfail those of Postfix. Zero and empty for the other answers.
  int code = 0;
  std::string enhanced;  // "4.7.1"
  std::string text;      // lines joined by '\n', without the codes
  std::string raw;       // the reply as it came, '%' still doubled; empty for a bare answer
  std::vector<MilterEdit> edits;

  bool Passes() const {
    return answer == MilterAnswer::kContinue || answer == MilterAnswer::kAccept;
  }
  bool Defers() const { return code / 100 == 4; }
  bool Rejects() const { return code / 100 == 5; }
};

Result<MilterTerms> DecodeTerms(const MilterPacket& packet);

// True for edits of the message, which precede the answer to the end of the body.
bool IsMilterEdit(char command);

// Any packet that is an answer, kProgress included. kCorrupt for a byte that is not an answer, and
// for a reply text that an MTA would refuse.
Result<MilterReply> DecodeReply(const MilterPacket& packet);

}  // namespace mxward
