// SPDX-License-Identifier: Apache-2.0
#include "cli/probe/milter_wire.h"

#include <algorithm>
#include <cstring>

namespace mxward {
namespace {

constexpr std::size_t kLengthBytes = 4;

void AppendUint32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift & 0xff));
  }
}

std::uint32_t ReadUint32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

void AppendString(std::string& out, std::string_view text) {
  out.append(text);
  out.push_back('\0');
}

// Writes the header of a packet and, when it goes out of scope, the length of what followed.
class PacketScope {
 public:
  PacketScope(std::string& out, char command) : out_(out), start_(out.size()) {
    out_.append(kLengthBytes, '\0');
    out_.push_back(command);
  }
  PacketScope(std::string& out, MilterCommand command)
      : PacketScope(out, static_cast<char>(command)) {}
  PacketScope(const PacketScope&) = delete;
  PacketScope& operator=(const PacketScope&) = delete;
  ~PacketScope() {
    const std::size_t length = out_.size() - start_ - kLengthBytes;
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
      out_[start_ + i] = static_cast<char>(length >> (8 * (kLengthBytes - 1 - i)) & 0xff);
    }
  }

 private:
  std::string& out_;
  std::size_t start_;
};

void AppendArguments(std::string& out, MilterCommand command,
                     std::span<const std::string_view> arguments) {
  const PacketScope packet(out, command);
  for (const std::string_view argument : arguments) AppendString(out, argument);
}

struct EventRules {
  std::uint32_t not_wanted = 0;
  std::uint32_t not_answered = 0;
  std::optional<MilterStage> stage;
  std::string_view default_macros;  // Postfix: milter_connect_macros and its siblings
};

EventRules RulesOf(MilterCommand event) {
  using namespace milter_protocol;  // NOLINT(google-build-using-namespace): a table of its names
  switch (event) {
    case MilterCommand::kConnect:
      return {kNoConnect, kNrConnect, MilterStage::kConnect, "j {daemon_name} {daemon_addr} v _"};
    case MilterCommand::kHelo:
      return {kNoHelo, kNrHelo, MilterStage::kHelo,
              "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}"};
    case MilterCommand::kMail:
      return {kNoMail, kNrMail, MilterStage::kMail,
              "i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}"};
    case MilterCommand::kRcpt:
      return {kNoRcpt, kNrRcpt, MilterStage::kRcpt, "i {rcpt_addr} {rcpt_host} {rcpt_mailer}"};
    case MilterCommand::kData:
      return {kNoData, kNrData, MilterStage::kData, "i"};
    case MilterCommand::kEndOfHeaders:
      return {kNoEndOfHeaders, kNrEndOfHeaders, MilterStage::kEndOfHeaders, "i"};
    case MilterCommand::kEndOfBody:
      return {0, 0, MilterStage::kEndOfMessage, "i"};
    case MilterCommand::kHeader:
      return {kNoHeaders, kNrHeaders, {}, {}};
    case MilterCommand::kBody:
      return {kNoBody, kNrBody, {}, {}};
    case MilterCommand::kUnknown:
      return {kNoUnknown, kNrUnknown, {}, {}};
    case MilterCommand::kNegotiate:
      return {};
    case MilterCommand::kAbort:
    case MilterCommand::kMacro:
    case MilterCommand::kQuit:
    case MilterCommand::kQuitNewConnection:
      return {0, ~0U, {}, {}};
  }
  return {};
}

// Appends a line of text as an MTA shows it: "%%" is a percent sign, and a single one is dropped.
void AppendUnescaped(std::string& text, std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '%' && ++i == line.size()) return;
    text.push_back(line[i]);
  }
}

// Takes one line, "451 4.7.1 text" or with a '-' behind the code when more follow. False for what
// Postfix calls malformed.
bool ParseReplyLine(std::string_view line, bool last, MilterReply& reply) {
  const auto digit = [&](std::size_t i) { return line[i] >= '0' && line[i] <= '9'; };
  if (line.size() < 4 || (line[0] != '4' && line[0] != '5') || !digit(1) || !digit(2) ||
      line[3] != (last ? ' ' : '-') || (line.size() > 4 && digit(4) && line[4] != line[0])) {
    return false;
  }
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (reply.code != 0 && reply.code != code) return false;
  reply.code = code;
  const char kind = line[0];
  line.remove_prefix(4);
  const std::size_t end = std::min(line.find_first_not_of("0123456789."), line.size());
  if (end >= 5 && line[0] == kind && line[1] == '.' && (end == line.size() || line[end] == ' ')) {
    reply.enhanced = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  AppendUnescaped(reply.text, line);
  return true;
}

Result<MilterReply> ParseReplyText(std::string_view data) {
  if (data.ends_with('\0')) data.remove_suffix(1);
  MilterReply reply;
  reply.answer = MilterAnswer::kReplyCode;
  reply.raw = data;
  while (true) {
    const std::size_t end = data.find("\r\n");
    const bool last = end == data.npos;
    const std::string_view line = data.substr(0, end);
    if (line.find('\0') != line.npos || !ParseReplyLine(line, last, reply)) {
      return Fail(ErrorCode::kCorrupt, "reply text of the filter: malformed");
    }
    if (last) return reply;
    reply.text.push_back('\n');
    data.remove_prefix(end + 2);
  }
}

MilterReply BareReply(MilterAnswer answer) {
  MilterReply reply;
  reply.answer = answer;
  if (answer == MilterAnswer::kReject) {
    reply.code = 550;
    reply.enhanced = "5.7.1";
    reply.text = "Command rejected";
  } else if (answer == MilterAnswer::kTempfail) {
    reply.code = 451;
    reply.enhanced = "4.7.1";
    reply.text = "Service unavailable - try again later";
  } else if (answer == MilterAnswer::kShutdown) {
    reply.code = 421;
  }
  return reply;
}

}  // namespace

bool MilterTerms::Wants(MilterCommand event) const {
  return (protocol & RulesOf(event).not_wanted) == 0;
}

bool MilterTerms::Answers(MilterCommand event) const {
  const EventRules rules = RulesOf(event);
  return rules.not_answered != ~0U && (protocol & rules.not_answered) == 0;
}

std::string_view MilterTerms::MacroNames(MilterCommand event) const {
  const EventRules rules = RulesOf(event);
  if (!rules.stage) return {};
  for (const MilterMacroList& list : macro_lists) {
    // Postfix falls back to its own list when the filter asks for none.
    if (list.stage == *rules.stage && !list.names.empty()) return list.names;
  }
  return rules.default_macros;
}

void AppendNegotiate(std::string& out, const MilterOffer& offer) {
  const PacketScope packet(out, MilterCommand::kNegotiate);
  AppendUint32(out, offer.version);
  AppendUint32(out, offer.actions);
  AppendUint32(out, offer.protocol);
}

void AppendMacros(std::string& out, MilterCommand event, std::span<const MilterMacro> macros) {
  const PacketScope packet(out, MilterCommand::kMacro);
  out.push_back(static_cast<char>(event));
  for (const MilterMacro& macro : macros) {
    AppendString(out, macro.name);
    AppendString(out, macro.value);
  }
}

void AppendConnect(std::string& out, const MilterPeer& peer) {
  const PacketScope packet(out, MilterCommand::kConnect);
  AppendString(out, peer.name);
  if (peer.address.empty()) {
    out.push_back('U');
    return;
  }
  const bool local = peer.address.front() == '/';
  out.push_back(local ? 'L' : peer.address.find(':') != peer.address.npos ? '6' : '4');
  const unsigned port = local ? 0 : peer.port;
  out.push_back(static_cast<char>(port >> 8));
  out.push_back(static_cast<char>(port & 0xff));
  AppendString(out, peer.address);
}

void AppendHelo(std::string& out, std::string_view name) {
  AppendArguments(out, MilterCommand::kHelo, {&name, 1});
}

void AppendMail(std::string& out, std::span<const std::string_view> arguments) {
  AppendArguments(out, MilterCommand::kMail, arguments);
}

void AppendRcpt(std::string& out, std::span<const std::string_view> arguments) {
  AppendArguments(out, MilterCommand::kRcpt, arguments);
}

void AppendUnknown(std::string& out, std::string_view line) {
  AppendArguments(out, MilterCommand::kUnknown, {&line, 1});
}

void AppendHeader(std::string& out, std::string_view name, std::string_view value) {
  const std::string_view both[] = {name, value};
  AppendArguments(out, MilterCommand::kHeader, both);
}

void AppendBody(std::string& out, std::string_view chunk) {
  AppendPacket(out, static_cast<char>(MilterCommand::kBody), chunk);
}

void AppendBare(std::string& out, MilterCommand command) {
  AppendPacket(out, static_cast<char>(command), {});
}

void AppendPacket(std::string& out, char command, std::string_view data) {
  const PacketScope packet(out, command);
  out.append(data);
}

void MilterParser::Feed(std::string_view bytes) {
  buffer_.erase(0, start_);
  start_ = 0;
  buffer_.append(bytes);
}

Result<std::optional<MilterPacket>> MilterParser::Next() {
  const std::string_view rest = std::string_view(buffer_).substr(start_);
  if (rest.size() < kLengthBytes) return std::optional<MilterPacket>();
  const std::size_t length = ReadUint32(rest);
  if (length == 0 || length > kMilterMaxPacket) {
    return Fail(ErrorCode::kCorrupt, "packet of the filter: invalid length");
  }
  if (rest.size() < kLengthBytes + length) return std::optional<MilterPacket>();
  start_ += kLengthBytes + length;
  return std::optional<MilterPacket>(
      {rest[kLengthBytes], rest.substr(kLengthBytes + 1, length - 1)});
}

Result<MilterTerms> DecodeTerms(const MilterPacket& packet) {
  std::string_view data = packet.data;
  if (packet.command != static_cast<char>(MilterCommand::kNegotiate)) {
    return Fail(ErrorCode::kCorrupt, "negotiation: unexpected answer of the filter");
  }
  if (data.size() < 3 * kLengthBytes) {
    return Fail(ErrorCode::kCorrupt, "negotiation: answer truncated");
  }
  MilterTerms terms;
  terms.version = ReadUint32(data);
  terms.actions = ReadUint32(data.substr(4));
  terms.protocol = ReadUint32(data.substr(8));
  data.remove_prefix(3 * kLengthBytes);
  while (!data.empty()) {
    const std::size_t end = data.find('\0', kLengthBytes);
    if (data.size() <= kLengthBytes || end == data.npos) {
      return Fail(ErrorCode::kCorrupt, "negotiation: macro list truncated");
    }
    const std::uint32_t stage = ReadUint32(data);
    if (stage > static_cast<std::uint32_t>(MilterStage::kEndOfHeaders)) {
      return Fail(ErrorCode::kCorrupt, "negotiation: macro list of an unknown stage");
    }
    terms.macro_lists.push_back({static_cast<MilterStage>(stage),
                                 std::string(data.substr(kLengthBytes, end - kLengthBytes))});
    data.remove_prefix(end + 1);
  }
  return terms;
}

bool IsMilterEdit(char command) {
  // Add, delete, add with arguments; body, sender; headers: add, insert, change; quarantine.
  return command != '\0' && std::strchr("+-2behimq", command) != nullptr;
}

Result<MilterReply> DecodeReply(const MilterPacket& packet) {
  const auto answer = static_cast<MilterAnswer>(packet.command);
  switch (answer) {
    case MilterAnswer::kReplyCode:
      return ParseReplyText(packet.data);
    case MilterAnswer::kShutdown:
    case MilterAnswer::kAccept:
    case MilterAnswer::kContinue:
    case MilterAnswer::kDiscard:
    case MilterAnswer::kConnectionFailure:
    case MilterAnswer::kProgress:
    case MilterAnswer::kReject:
    case MilterAnswer::kSkip:
    case MilterAnswer::kTempfail:
      if (!packet.data.empty()) {
        return Fail(ErrorCode::kCorrupt,
                    "answer of the filter: data after an answer that has none");
      }
      return BareReply(answer);
  }
  return Fail(ErrorCode::kCorrupt, "answer of the filter: unknown");
}

}  // namespace mxward
