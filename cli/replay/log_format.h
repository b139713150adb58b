// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/replay/log_line.h"
#include "cli/replay/log_time.h"

namespace mxward::cli::maillog {

// The forms that log lines have, by what writes them. A line is, from the outside in: what a
// container's runtime wraps it in (none, or several), a time, a head with host and program, the
// text. log_format.cc has a table for each; a new form is a row there, and a sample in
// tests/data/logs.

// What is known of a line while it is being read.
struct LineContext {
  TimeReader times;
  std::optional<WallTime> outer_time;  // that the wrapping tells
  std::string scratch[2];              // what had to be decoded; the line may be a view into it
};

// A form of the journal: entries of many lines, or of one in JSON.
class JournalEntry {
 public:
  // Whether the line begins such an entry.
  static bool Begins(std::string_view line);

  enum class Took : std::uint8_t { kMore, kEntry, kNothing };
  // A line of an entry in journalctl's export format. kEntry: with it the entry ends, and is in
  // `line`; kNothing: what ends is no message.
  Took Add(std::string_view text, Line& line);
  bool open() const { return open_; }
  // An entry of journalctl -o json. False when it is no message.
  bool ReadJson(std::string_view text, Line& line);

 private:
  void Clear();
  void Set(std::string_view name, std::string_view value);
  bool Finish(Line& line);

  bool open_ = false;
  // A field whose value has a length and any bytes: what has come of it.
  std::string binary_name_;
  std::string binary_;
  std::string host_, program_, command_, message_, value_;
  std::int64_t microseconds_ = 0;
  std::uint64_t pid_ = 0;
  std::uint64_t claimed_pid_ = 0;
  bool has_message_ = false;
};

// Reads lines of any of these forms, one file after the other. What the line before was is tried
// first. Not thread-safe.
class LineReader {
 public:
  // None of the file's lines is from later than this.
  void BeginFile(WallTime latest);
  void SetYear(int year) { context_.times.SetYear(year); }

  enum class Took : std::uint8_t {
    kLine,
    kPart,   // of something that goes on, or that says nothing, such as journalctl's "-- Boot --"
    kOther,  // not of a system log
  };
  // The line's views last until the next call, and as long as `text`.
  Took Read(std::string_view text, Line& line);

  // Which forms the file's lines had, the most frequent first: "syslog (RFC 3164), busybox"; ""
  // when none had any.
  std::string Formats() const;
  // What to do about a form that was recognised and cannot be used; "" mostly.
  std::string Advice() const { return std::string(advice_); }

 private:
  struct Form {
    std::uint8_t wrappings = 0;  // a bit for each row of that table
    std::uint8_t time = 0;       // a row; kNoTime
    std::uint8_t head = 0;
    bool operator==(const Form&) const = default;
  };
  Took ReadSyslog(std::string_view text, Line& line);
  bool ReadInner(std::string_view text, Line& line);
  bool TryForm(std::size_t time, std::size_t head, std::string_view text, Line& line);
  void Count(const Form& form);

  LineContext context_;
  JournalEntry journal_;
  Form form_;  // of the line before, and then of this one
  std::vector<std::pair<Form, std::uint64_t>> seen_;
  std::string_view advice_;
};

// "mail.info", "local0.warning": what a syslog daemon calls the origin of a line. Pure.
bool IsPriority(std::string_view word);

}  // namespace mxward::cli::maillog
