// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/log_format.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "cli/replay/json_scanner.h"
#include "cli/replay/log_scanner.h"

namespace mxward::cli::maillog {
namespace {

// What runs containers, and how it wraps a line. Each takes its wrapping off the front; false, the
// line being as it was, where it is none.
struct Wrapping {
  std::string_view name;
  bool (*take)(std::string_view& line, LineContext& context);
};

bool IsNameCharacter(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
         c == '.';
}

// {"log":"LINE\n","stream":"stdout","time":"2026-11-26T10:00:00.123456789Z"}
bool TakeDockerJson(std::string_view& line, LineContext& context) {
  if (!line.starts_with("{\"log\":\"")) return false;
  std::string time;
  bool has_line = false;
  JsonMembers members(line);
  while (members.Next()) {
    if (members.name() == "log") has_line = members.Text(context.scratch[0]);
    if (members.name() == "time") members.Text(time);
  }
  if (!has_line) return false;
  time += ' ';
  std::string_view rest = time;
  context.outer_time = context.times.TakeIso(rest);
  line = context.scratch[0];
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return true;
}

// "2026-11-26T10:00:00.123456789Z stdout F LINE"
bool TakeCri(std::string_view& line, LineContext& context) {
  std::string_view rest = line;
  const auto time = context.times.TakeIso(rest);
  if (!time) return false;
  if (!Skip(rest, "stdout F ") && !Skip(rest, "stderr F ") && !Skip(rest, "stdout P ") &&
      !Skip(rest, "stderr P ")) {
    return false;
  }
  context.outer_time = time;
  line = rest;
  return true;
}

// "mailserver  | LINE"
bool TakeCompose(std::string_view& line, LineContext& /*context*/) {
  std::size_t at = 0;
  while (at < line.size() && IsNameCharacter(line[at])) ++at;
  if (at == 0) return false;
  const std::size_t bar = line.find_first_not_of(' ', at);
  if (bar == std::string_view::npos || bar == at || line.substr(bar, 2) != "| ") return false;
  line.remove_prefix(bar + 2);
  return true;
}

// "[pod/mail-0/postfix] LINE" (kubectl logs --prefix)
bool TakeKubectl(std::string_view& line, LineContext& /*context*/) {
  if (!line.starts_with("[pod/")) return false;
  const std::size_t end = line.find("] ");
  if (end == std::string_view::npos) return false;
  line.remove_prefix(end + 2);
  return true;
}

// "2026-11-26T10:00:00.123456789Z LINE" (docker logs -t, kubectl logs --timestamps)
bool TakeTimestamp(std::string_view& line, LineContext& context) {
  std::string_view rest = line;
  const auto time = context.times.TakeIso(rest);
  if (!time) return false;
  context.outer_time = time;
  line = rest;
  return true;
}

constexpr std::array kWrappings = {
    Wrapping{"Docker json-file", &TakeDockerJson}, Wrapping{"Docker Compose", &TakeCompose},
    Wrapping{"kubectl --prefix", &TakeKubectl},    Wrapping{"CRI", &TakeCri},
    Wrapping{"docker logs -t", &TakeTimestamp},
};

// How a line's time is written. An empty name: by the wrapping.
struct TimeForm {
  std::string_view name;
  std::optional<WallTime> (*take)(std::string_view& line, LineContext& context);
};

std::optional<WallTime> Traditional(std::string_view& line, LineContext& context) {
  return context.times.TakeTraditional(line);
}
std::optional<WallTime> Iso(std::string_view& line, LineContext& context) {
  return context.times.TakeIso(line);
}
std::optional<WallTime> WithWeekday(std::string_view& line, LineContext& context) {
  return context.times.TakeWithWeekday(line);
}
std::optional<WallTime> SinceEpoch(std::string_view& line, LineContext& /*context*/) {
  return TimeReader::TakeSeconds(line);
}
std::optional<WallTime> OfWrapping(std::string_view& /*line*/, LineContext& context) {
  return context.outer_time;
}

constexpr std::array kTimes = {
    TimeForm{"syslog (RFC 3164)", &Traditional},
    TimeForm{"syslog with ISO 8601 times", &Iso},
    TimeForm{"journalctl -o short-full", &WithWeekday},
    TimeForm{"journalctl -o short-unix", &SinceEpoch},
    TimeForm{"", &OfWrapping},
};

// What stands between the time and the text. An empty name: as most write it.
struct Head {
  std::string_view name;
  bool (*take)(std::string_view line, Line& parsed);
};

// "postfix/smtpd[123]"
bool ReadTag(std::string_view tag, Line& line) {
  line.pid = 0;
  if (tag.ends_with(']')) {
    const std::size_t open = tag.rfind('[');
    if (open == std::string_view::npos) return false;
    const std::string_view digits = tag.substr(open + 1, tag.size() - open - 2);
    std::from_chars(digits.data(), digits.data() + digits.size(), line.pid);
    tag = tag.substr(0, open);
  }
  if (tag.empty() || tag.find(' ') != std::string_view::npos) return false;
  line.program = tag;
  return true;
}

// The words in front of ": ", at most three, and the text behind it.
struct Words3 {
  std::array<std::string_view, 3> word;
  std::size_t count = 0;  // 0: there is no colon, or there are more
  std::string_view text;
};
Words3 SplitHead(std::string_view line) {
  Words3 split;
  const std::size_t colon = line.find(": ");
  std::string_view head;
  if (colon != std::string_view::npos) {
    head = line.substr(0, colon);
    split.text = line.substr(colon + 2);
  } else if (line.ends_with(':')) {
    head = line.substr(0, line.size() - 1);
  } else {
    return split;
  }
  if (head.ends_with(' ')) return split;
  std::size_t count = 0;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find(' '), head.size());
    if (count == split.word.size() || end == 0) return split;
    split.word[count++] = head.substr(0, end);
    head.remove_prefix(std::min(end + 1, head.size()));
  }
  split.count = count;
  return split;
}

// "mx postfix/smtpd[1]: text"
bool TakePlain(std::string_view rest, Line& line) {
  const Words3 head = SplitHead(rest);
  if (head.count != 2) return false;
  line.host = head.word[0];
  line.text = head.text;
  return ReadTag(head.word[1], line);
}

// "postfix/smtpd[1]: text" (busybox -S, journalctl --no-hostname)
bool TakeWithoutHost(std::string_view rest, Line& line) {
  const Words3 head = SplitHead(rest);
  if (head.count != 1) return false;
  line.host = {};
  line.text = head.text;
  return ReadTag(head.word[0], line);
}

// "mx mail.info postfix/smtpd[1]: text"
bool TakeBusybox(std::string_view rest, Line& line) {
  const Words3 head = SplitHead(rest);
  if (head.count != 3 || !IsPriority(head.word[1])) return false;
  line.host = head.word[0];
  line.text = head.text;
  return ReadTag(head.word[2], line);
}

// "<mail.info> mx postfix/smtpd[1]: text"
bool TakeFreeBsd(std::string_view rest, Line& line) {
  if (!Skip(rest, "<")) return false;
  const std::size_t end = rest.find("> ");
  if (end == std::string_view::npos || !IsPriority(rest.substr(0, end))) return false;
  rest.remove_prefix(end + 2);
  return TakePlain(rest, line) || TakeWithoutHost(rest, line);
}

// "mx postfix/smtpd[1] <Info>: text"
bool TakeMacOs(std::string_view rest, Line& line) {
  const Words3 head = SplitHead(rest);
  if (head.count < 2) return false;
  const std::string_view level = head.word[head.count - 1];
  if (!level.starts_with('<') || !level.ends_with('>')) return false;
  line.host = head.count == 3 ? head.word[0] : std::string_view();
  line.text = head.text;
  return ReadTag(head.word[head.count - 2], line);
}

std::string_view TakeWord(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

// "[id name="value"]...", or "-".
bool SkipStructuredData(std::string_view& text) {
  if (Skip(text, "-")) return true;
  bool any = false;
  while (Skip(text, "[")) {
    bool quoted = false;
    std::size_t at = 0;
    for (; at < text.size() && (quoted || text[at] != ']'); ++at) {
      if (quoted && text[at] == '\\') {
        ++at;
      } else if (text[at] == '"') {
        quoted = !quoted;
      }
    }
    if (at >= text.size()) return false;
    text.remove_prefix(at + 1);
    any = true;
  }
  return any;
}

// "mx postfix/smtpd 123 ID [data] text"
bool TakeRfc5424(std::string_view rest, Line& line) {
  line.host = TakeWord(rest);
  line.program = TakeWord(rest);
  const std::string_view process = TakeWord(rest);
  TakeWord(rest);  // MSGID
  if (line.program.empty() || line.program == "-" || line.program.ends_with(':')) return false;
  line.pid = 0;
  const auto read = std::from_chars(process.data(), process.data() + process.size(), line.pid);
  if (process != "-" && read.ptr != process.data() + process.size()) return false;
  if (!SkipStructuredData(rest)) return false;
  if (!rest.empty() && !Skip(rest, " ")) return false;
  Skip(rest, "\xef\xbb\xbf");
  // rsyslog keeps the blank that stood before the text in RFC 3164.
  Skip(rest, " ");
  line.text = rest;
  if (line.host == "-") line.host = {};
  return true;
}

constexpr std::array kHeads = {
    Head{"", &TakePlain},
    Head{"RFC 5424", &TakeRfc5424},
    Head{"busybox", &TakeBusybox},
    Head{"without host names", &TakeWithoutHost},
    Head{"FreeBSD syslogd -v", &TakeFreeBsd},
    Head{"macOS", &TakeMacOs},
};
constexpr std::size_t kNoTime = kTimes.size() - 1;  // of the wrapping
// A form that is no row: entries of the journal.
constexpr std::uint8_t kExport = 200;
constexpr std::uint8_t kJson = 201;

// Before the time: "<22>", "<22>1 " (RFC 5424), and a length before them (RFC 6587).
void SkipPriority(std::string_view& line) {
  std::string_view rest = line;
  std::size_t digits = 0;
  while (digits < rest.size() && digits < 6 && IsDigit(rest[digits])) ++digits;
  if (digits > 0 && rest.substr(digits, 2) == " <") rest.remove_prefix(digits + 1);
  if (!Skip(rest, "<")) return;
  const std::size_t end = rest.substr(0, 4).find('>');
  if (end == std::string_view::npos) return;
  rest.remove_prefix(end + 1);
  if (rest.starts_with("1 ")) rest.remove_prefix(2);
  line = rest;
}

// Before the text: what some repeat there.
void SkipTextPrefix(std::string_view& text) {
  if (text.empty()) return;
  const char first = text.front();
  if (first != '[' && first != '<') return;
  const char* close = first == '[' ? "] " : "> ";
  const std::size_t end = text.substr(0, 40).find(close);
  if (end == std::string_view::npos) return;
  const std::string_view inside = text.substr(1, end - 1);
  // Solaris: "[ID 197553 mail.info] text"; appliances: "[mail.info] text", "<22> text"
  const bool number = first == '<' && !inside.empty() &&
                      std::all_of(inside.begin(), inside.end(), [](char c) { return IsDigit(c); });
  if (inside.starts_with("ID ") || IsPriority(inside) || number) text.remove_prefix(end + 2);
}

// Colours of a terminal, as Compose writes them into a file as well.
bool HasColors(std::string_view line) { return line.find('\x1b') != std::string_view::npos; }
void RemoveColors(std::string_view line, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\x1b' || i + 1 >= line.size() || line[i + 1] != '[') {
      out += line[i];
      continue;
    }
    i += 2;
    while (i < line.size() && (IsDigit(line[i]) || line[i] == ';')) ++i;
  }
}

}  // namespace

bool IsPriority(std::string_view word) {
  const std::size_t dot = word.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot > 10) return false;
  const std::string_view facility = word.substr(0, dot);
  constexpr std::array<std::string_view, 12> kLevels = {"emerg",  "panic", "alert",   "crit",
                                                        "err",    "error", "warning", "warn",
                                                        "notice", "info",  "debug",   "none"};
  return std::find(kLevels.begin(), kLevels.end(), word.substr(dot + 1)) != kLevels.end() &&
         std::all_of(facility.begin(), facility.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || IsDigit(c); });
}

void LineReader::BeginFile(WallTime latest) {
  context_.times.BeginFile(latest);
  journal_ = JournalEntry();
  seen_.clear();
  advice_ = {};
}

void LineReader::Count(const Form& form) {
  form_ = form;
  for (auto& [known, count] : seen_) {
    if (known == form) {
      ++count;
      return;
    }
  }
  // A file has few; what comes beyond is not named.
  if (seen_.size() < 50) seen_.emplace_back(form, 1);
}

bool LineReader::TryForm(std::size_t time, std::size_t head, std::string_view text, Line& line) {
  const auto when = kTimes[time].take(text, context_);
  if (!when || !kHeads[head].take(text, line)) return false;
  line.time = *when;
  SkipTextPrefix(line.text);
  return true;
}

bool LineReader::ReadInner(std::string_view text, Line& line) {
  SkipPriority(text);
  if (form_.time < kTimes.size() && (form_.time != kNoTime || context_.outer_time) &&
      TryForm(form_.time, form_.head, text, line)) {
    return true;
  }
  for (std::size_t time = 0; time < kTimes.size(); ++time) {
    std::string_view rest = text;
    const auto when = kTimes[time].take(rest, context_);
    if (!when) continue;
    for (std::size_t head = 0; head < kHeads.size(); ++head) {
      if (!kHeads[head].take(rest, line)) continue;
      line.time = *when;
      SkipTextPrefix(line.text);
      form_.time = static_cast<std::uint8_t>(time);
      form_.head = static_cast<std::uint8_t>(head);
      return true;
    }
  }
  return false;
}

LineReader::Took LineReader::ReadSyslog(std::string_view text, Line& line) {
  // In most logs nothing is wrapped; where something is, that is seen first.
  context_.outer_time.reset();
  std::uint8_t wrappings = 0;
  for (std::size_t depth = 0; depth < kWrappings.size(); ++depth) {
    const bool first = depth == 0 && form_.wrappings != 0;
    if (!first && ReadInner(text, line)) {
      form_.wrappings = wrappings;
      Count(form_);
      return Took::kLine;
    }
    bool taken = false;
    for (std::size_t row = 0; row < kWrappings.size() && !taken; ++row) {
      if ((wrappings >> row & 1) != 0) continue;
      taken = kWrappings[row].take(text, context_);
      if (taken) wrappings = static_cast<std::uint8_t>(wrappings | 1U << row);
    }
    if (taken) continue;
    // Not wrapped after all.
    if (first && ReadInner(text, line)) {
      form_.wrappings = 0;
      Count(form_);
      return Took::kLine;
    }
    return Took::kOther;
  }
  return Took::kOther;
}

LineReader::Took LineReader::Read(std::string_view text, Line& line) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  if (journal_.open() || JournalEntry::Begins(text)) {
    switch (journal_.Add(text, line)) {
      case JournalEntry::Took::kEntry:
        Count({0, kExport, 0});
        return Took::kLine;
      case JournalEntry::Took::kMore:
      case JournalEntry::Took::kNothing:
        return Took::kPart;
    }
  }
  // Between the entries of json-sse, and of people who made room.
  if (text.empty()) return Took::kPart;
  // journalctl: "-- Boot 0123 --", "-- Journal begins at ...", "-- No entries --"
  if (text.starts_with("-- ")) return Took::kPart;
  // journalctl -o json-seq and json-sse.
  if (text.front() == '\x1e') text.remove_prefix(1);
  if (text.starts_with("data: {")) text.remove_prefix(6);
  if (text.empty()) return Took::kOther;
  if (HasColors(text)) {
    RemoveColors(text, context_.scratch[1]);
    text = context_.scratch[1];
  }
  if (text.front() == '{' && !text.starts_with("{\"log\":")) {
    if (!journal_.ReadJson(text, line)) return Took::kOther;
    Count({0, kJson, 0});
    return Took::kLine;
  }
  if (text.front() == '[' && text.size() > 1 && (text[1] == ' ' || IsDigit(text[1]))) {
    advice_ = "if it is of journalctl -o short-monotonic, it has no dates: use -o short-iso";
  }
  return ReadSyslog(text, line);
}

std::string LineReader::Formats() const {
  auto forms = seen_;
  std::stable_sort(forms.begin(), forms.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string names;
  constexpr std::size_t kNamed = 3;
  for (std::size_t i = 0; i < std::min(forms.size(), kNamed); ++i) {
    const Form& form = forms[i].first;
    std::string name;
    const auto add = [&name](std::string_view part) {
      if (part.empty()) return;
      if (!name.empty()) name += ", ";
      name += part;
    };
    if (form.time == kExport) {
      add("journalctl -o export");
    } else if (form.time == kJson) {
      add("journalctl -o json");
    } else {
      for (std::size_t row = 0; row < kWrappings.size(); ++row) {
        if ((form.wrappings >> row & 1) != 0) add(kWrappings[row].name);
      }
      const std::string_view head = kHeads[form.head].name;
      // What has a standard of its own is not called by its time.
      if (head != "RFC 5424") add(kTimes[form.time].name);
      add(head);
    }
    if (!names.empty()) names += "; ";
    names += name;
  }
  if (forms.size() > kNamed) names += "; and others";
  return names;
}

}  // namespace mxward::cli::maillog
