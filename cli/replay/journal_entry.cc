// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cstring>

#include "cli/replay/json_scanner.h"
#include "cli/replay/log_format.h"
#include "cli/replay/log_scanner.h"

namespace mxward::cli::maillog {
namespace {

// Of a field with a length: what is longer is no message of a mail server.
constexpr std::uint64_t kLongestField = 60000;
constexpr std::size_t kLengthBytes = 8;

// "__CURSOR", "SYSLOG_IDENTIFIER".
bool IsFieldName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '_';
  });
}

std::uint64_t LengthIn(std::string_view bytes) {
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return length;
}

}  // namespace

bool JournalEntry::Begins(std::string_view line) {
  return line.starts_with("__CURSOR=") || line.starts_with("__REALTIME_TIMESTAMP=");
}

void JournalEntry::Clear() {
  host_.clear();
  program_.clear();
  command_.clear();
  message_.clear();
  microseconds_ = 0;
  pid_ = claimed_pid_ = 0;
  has_message_ = false;
}

void JournalEntry::Set(std::string_view name, std::string_view value) {
  const auto number = [value](auto& out) {
    std::from_chars(value.data(), value.data() + value.size(), out);
  };
  if (name == "MESSAGE") {
    message_ = value;
    has_message_ = true;
  } else if (name == "__REALTIME_TIMESTAMP") {
    number(microseconds_);
  } else if (name == "_HOSTNAME") {
    host_ = value;
  } else if (name == "SYSLOG_IDENTIFIER") {
    program_ = value;
  } else if (name == "_COMM") {
    command_ = value;
  } else if (name == "_PID") {
    number(pid_);
  } else if (name == "SYSLOG_PID") {
    number(claimed_pid_);
  }
}

bool JournalEntry::Finish(Line& line) {
  open_ = false;
  if (!has_message_ || microseconds_ <= 0) return false;
  line.time = WallTime(Seconds(microseconds_ / 1000000));
  line.host = host_;
  line.program = program_.empty() ? command_ : program_;
  // Of what came by a syslog socket the sender's own; a forwarder has one for all.
  line.pid = claimed_pid_ != 0 ? claimed_pid_ : pid_;
  line.text = message_;
  return !line.program.empty();
}

JournalEntry::Took JournalEntry::Add(std::string_view text, Line& line) {
  if (!open_) Clear();
  open_ = true;
  if (!binary_name_.empty()) {
    binary_.append(text).append("\n");
    if (binary_.size() < kLengthBytes) return Took::kMore;
    const std::uint64_t length = LengthIn(binary_);
    if (length > kLongestField) {
      // Too long to be kept: as far as it goes it is taken for fields, which it does not look like.
      binary_name_.clear();
      return Took::kMore;
    }
    if (binary_.size() < kLengthBytes + length + 1) return Took::kMore;
    Set(binary_name_, std::string_view(binary_).substr(kLengthBytes, length));
    binary_name_.clear();
    return Took::kMore;
  }
  if (text.empty()) return Finish(line) ? Took::kEntry : Took::kNothing;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    if (IsFieldName(text)) {
      binary_name_ = text;
      binary_.clear();
    }
    return Took::kMore;
  }
  Set(text.substr(0, equals), text.substr(equals + 1));
  return Took::kMore;
}

bool JournalEntry::ReadJson(std::string_view text, Line& line) {
  Clear();
  JsonMembers members(text);
  while (members.Next()) {
    const std::string_view name = members.name();
    const bool wanted = name == "MESSAGE" || name == "__REALTIME_TIMESTAMP" ||
                        name == "_HOSTNAME" || name == "SYSLOG_IDENTIFIER" || name == "_COMM" ||
                        name == "_PID" || name == "SYSLOG_PID";
    if (wanted && members.Text(value_)) Set(name, value_);
  }
  return Finish(line);
}

}  // namespace mxward::cli::maillog
