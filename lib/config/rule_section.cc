// SPDX-License-Identifier: Apache-2.0
#include "config/rule_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/text.h"
#include "base/units.h"
#include "config/checks.h"
#include "config/kinds.h"
#include "config/read_file.h"
#include "config/reply_template.h"
#include "config/value_text.h"

namespace mxward {
namespace {

constexpr std::size_t kMaxListFile = 256U << 20U;
constexpr int kMaxScore = 1000;
// What stands for a list file among patterns.
constexpr std::string_view kListFile = "file:";

// The reply of a rule that says nothing else.
constexpr std::string_view kRuleRejects = "Rejected by local policy";
constexpr std::string_view kRuleDefers = "Not now by local policy, please try again later";

constexpr RuleSkipWord kSkipWords[] = {
    {"name", &RuleSkips::name},   {"helo", &RuleSkips::helo},     {"tls", &RuleSkips::tls},
    {"spf", &RuleSkips::spf},     {"sender", &RuleSkips::sender}, {"history", &RuleSkips::history},
    {"dnsbl", &RuleSkips::lists}, {"limits", &RuleSkips::limits},
};

// What only rules have. Lists of one item may be written without brackets; an empty list would
// match nobody, where leaving it out matches everybody.

bool EmptyListOf(const TomlValue& value, FieldReader& reader) {
  if (value.kind != TomlValue::Kind::kArray || !value.items.empty()) return false;
  reader.EmptyList(value.place);
  return true;
}

struct PatternsKind {
  match::Subject subject;
  std::string_view items;  // "addresses and domains"

  std::optional<match::Patterns> Read(const TomlValue& value, FieldReader& reader) const {
    if (EmptyListOf(value, reader)) return std::nullopt;
    match::PatternsBuilder builder(subject, reader.config().clients.nat64);
    std::vector<std::string> out;
    for (const TomlValue* item : ItemsOf(value, Brackets::kOptional)) {
      if (item->kind != TomlValue::Kind::kString) {
        reader.WrongItem(value, *item);
        continue;
      }
      out.push_back(item->text);
      if (item->text.starts_with(kListFile)) {
        AddListFile(*item, builder, reader);
      } else if (auto added = builder.Add(item->text); !added) {
        reader.Problem(item->place, added.error().message);
      }
    }
    if (reader.failed()) return std::nullopt;
    return std::move(builder).Build(std::move(out));
  }
  static OptionText Write(const match::Patterns& value) {
    std::vector<std::string> out;
    bool from_file = false;
    for (const std::string& item : value.items()) {
      out.push_back(TomlQuote(item));
      from_file = from_file || item.starts_with(kListFile);
    }
    OptionText text = OptionText::List(std::move(out));
    if (from_file) {
      text.file_digest =
          fmt::format("{} patterns, #{:08x}", value.size(), value.digest() & 0xffffffffU);
    }
    return text;
  }
  std::string Describe() const { return fmt::format("a list of {}", items); }

 private:
  static void AddListFile(const TomlValue& item, match::PatternsBuilder& builder,
                          FieldReader& reader) {
    const auto path = CheckDirectory(std::string_view(item.text).substr(kListFile.size()));
    if (!path) return reader.Problem(item.place, "a list file " + path.error().message);
    const auto content = ReadConfigFile(*path, kMaxListFile);
    if (!content) {
      return reader.Problem(item.place,
                            fmt::format("{}: {}", EscapeForLog(*path), content.error().message));
    }
    for (const std::string& complaint : builder.AddLines(*content)) {
      reader.Problem(item.place, fmt::format("{}:{}", EscapeForLog(*path), complaint));
    }
  }
};

struct PortsKind {
  static std::optional<std::vector<int>> Read(const TomlValue& value, FieldReader& reader) {
    if (EmptyListOf(value, reader)) return std::nullopt;
    std::vector<int> out;
    for (const TomlValue* item : ItemsOf(value, Brackets::kOptional)) {
      if (item->kind != TomlValue::Kind::kInteger) {
        reader.WrongItem(value, *item);
      } else if (reader.WithinBounds(*item, 1, 65535)) {
        out.push_back(static_cast<int>(item->integer));
      }
    }
    if (reader.failed()) return std::nullopt;
    return out;
  }
  static OptionText Write(const std::vector<int>& value) {
    std::vector<std::string> out;
    out.reserve(value.size());
    for (const int port : value) out.push_back(std::to_string(port));
    return OptionText::List(std::move(out));
  }
  static std::string Describe() { return "a list of ports"; }
};

struct SkipKind {
  static std::optional<RuleSkips> Read(const TomlValue& value, FieldReader& reader) {
    if (EmptyListOf(value, reader)) return std::nullopt;
    RuleSkips out;
    for (const TomlValue* item : ItemsOf(value, Brackets::kOptional)) {
      if (item->kind != TomlValue::Kind::kString) {
        reader.WrongItem(value, *item);
      } else if (!Add(item->text, out)) {
        reader.Problem(
            item->place,
            fmt::format(
                "has an unknown check {}; valid are {}, and \"dnsbl:NAME\" for one DNS list{}",
                Quoted(item->text), WordList(words(), "and"), DidYouMean(item->text, words())));
      }
    }
    if (reader.failed()) return std::nullopt;
    return out;
  }
  static OptionText Write(const RuleSkips& value) {
    std::vector<std::string> out;
    for (const RuleSkipWord& word : kSkipWords) {
      if (value.*word.at) out.push_back(TomlQuote(word.word));
    }
    for (const std::string& list : value.list_names) {
      out.push_back(TomlQuote(fmt::format("{}{}", kSkipList, list)));
    }
    return OptionText::List(std::move(out));
  }
  static std::string Describe() { return "a list of checks"; }
  static std::vector<std::string_view> words() {
    std::vector<std::string_view> out;
    for (const RuleSkipWord& word : kSkipWords) out.push_back(word.word);
    return out;
  }

 private:
  static bool Add(std::string_view text, RuleSkips& out) {
    if (text.starts_with(kSkipList)) {
      out.list_names.emplace_back(text.substr(kSkipList.size()));
      return true;
    }
    for (const RuleSkipWord& word : kSkipWords) {
      if (word.word != text) continue;
      out.*word.at = true;
      return true;
    }
    return false;
  }
};

bool ParseBound(std::string_view text, std::optional<int>& out) {
  if (text.empty()) return true;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  if (number < -kMaxScore || number > kMaxScore) return false;
  out = number;
  return true;
}

Result<RuleScoreRange> ParseScoreRange(std::string_view text) {
  RuleScoreRange out;
  const std::size_t dots = text.find("..");
  const bool split = dots != std::string_view::npos && text.size() > 2;
  if (split && ParseBound(text.substr(0, dots), out.min) &&
      ParseBound(text.substr(dots + 2), out.max) &&
      (!out.min || !out.max || *out.min <= *out.max)) {
    return out;
  }
  return Bad(
      fmt::format("{} is not a valid range: write \"5..\" for 5 or more, \"..1\" for 1 or less, "
                  "\"2..4\" for 2 to 4",
                  Quoted(text)));
}

std::string ScoreRangeText(const RuleScoreRange& range) {
  return fmt::format("{}..{}", range.min ? std::to_string(*range.min) : "",
                     range.max ? std::to_string(*range.max) : "");
}

Result<RuleReplyCode> ParseReplyCode(std::string_view text) {
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.size() <= 3 &&
           part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const std::size_t dot = text.size() > 5 ? text.find('.', 6) : std::string_view::npos;
  const bool good = dot != std::string_view::npos && digits(text.substr(0, 3)) && text[3] == ' ' &&
                    text[4] == text[0] && text[5] == '.' && digits(text.substr(6, dot - 6)) &&
                    digits(text.substr(dot + 1)) && (text[0] == '4' || text[0] == '5');
  if (!good) {
    return Bad(
        fmt::format("{} is not a valid code: write an SMTP code and a status code of the same "
                    "class, such as \"550 5.7.1\"",
                    Quoted(text)));
  }
  RuleReplyCode out;
  std::from_chars(text.data(), text.data() + 3, out.code);
  out.enhanced = text.substr(4);
  if (out.code == 421) {
    return Bad("421 would close the connection, and affect other mail in it; write \"451 4.7.1\"");
  }
  return out;
}

RuleReplyCode DefaultCode(RuleAction action) {
  return action == RuleAction::kReject ? RuleReplyCode{550, "5.7.1"} : RuleReplyCode{451, "4.7.1"};
}

std::string_view DefaultReply(RuleAction action) {
  return action == RuleAction::kReject ? kRuleRejects : kRuleDefers;
}

// Looked at when the action is known, or when all lists are.
Result<std::string> AnyText(std::string_view text) { return std::string(text); }

SlotPtr<RuleDraft> RuleTexts(Member<RuleDraft, std::vector<std::string>> at,
                             std::string_view items_name) {
  return Bind(at, ListKind<std::string>{.parse = AnyText,
                                        .text = Same,
                                        .items_name = items_name,
                                        .brackets = Brackets::kOptional,
                                        .may_be_empty = false});
}

// In the order of the manual: the matchers, then the effects.
std::span<const Field<RuleDraft>> RuleFields() {
  static const Field<RuleDraft> rows[] = {
      {.section = "rule",
       .key = "name",
       .kind = Text(At<&RuleDraft::name>(), CheckRuleName),
       .default_value = Prose{"none, it is needed"},
       .description =
           "The name of the rule in the log and in mxwardctl. Names must be unique. Counters "
           "belong to the name: they survive a reload as long as it stays the same.",
       .example = R"("helpdesk waits for nobody")"},
      {.section = "rule",
       .key = "client",
       .kind =
           Bind(At<&RuleDraft::client>(),
                PatternsKind{match::Subject::kClients, "IP addresses, prefixes and list files"}),
       .default_value = Prose{"any"},
       .description = "The client's address is one of these, or in one of these prefixes.",
       .example = R"(["192.0.2.0/24", "!192.0.2.7"])"},
      {.section = "rule",
       .key = "client_name",
       .kind = Bind(At<&RuleDraft::client_name>(),
                    PatternsKind{match::Subject::kNames, "domains, patterns and list files"}),
       .default_value = Prose{"any"},
       .description = "The client's verified reverse name is one of these domains or below it, or "
                      "matches. A client without a verified name never matches.",
       .example = R"(["example.org", "/^mail[0-9]+[.]/"])"},
      {.section = "rule",
       .key = "name_class",
       .kind = Words(At<&RuleDraft::name_class>(),
                     WordListKind<NameClass>{.brackets = Brackets::kOptional}),
       .default_value = Prose{"any"},
       .description =
           "The state of the client's reverse name: \"none\", \"forged\" (it does not resolve "
           "back), \"tempfail\" (could not be looked up), \"dynamic\" (contains the address), "
           "\"good\", or \"unknown\" (the MTA did not say). \"none\" and \"tempfail\" never match "
           "while the mail server's resolver seems to be broken.",
       .example = R"(["none", "forged"])"},
      {.section = "rule",
       .key = "helo",
       .kind = Bind(At<&RuleDraft::helo>(),
                    PatternsKind{match::Subject::kNames, "domains, patterns and list files"}),
       .default_value = Prose{"any"},
       .description = "The name that the client gives in HELO or EHLO.",
       .example = R"("*.example.net")"},
      {.section = "rule",
       .key = "sender",
       .kind = Bind(
           At<&RuleDraft::sender>(),
           PatternsKind{match::Subject::kAddresses, "addresses, domains, patterns and list files"}),
       .default_value = Prose{"any"},
       .description = "The envelope sender; \"<>\" is the null sender of bounces.",
       .example = R"(["news@example.org", "<>"])"},
      {.section = "rule",
       .key = "recipient",
       .kind = Bind(
           At<&RuleDraft::recipient>(),
           PatternsKind{match::Subject::kAddresses, "addresses, domains, patterns and list files"}),
       .default_value = Prose{"any"},
       .description = "The envelope recipient.",
       .example = R"(["helpdesk@example.org"])"},
      {.section = "rule",
       .key = "authenticated",
       .kind = Flag(At<&RuleDraft::authenticated>()),
       .default_value = Prose{"any"},
       .description = "Whether the client has authenticated (SMTP AUTH).",
       .example = "false"},
      {.section = "rule",
       .key = "tls",
       .kind = Flag(At<&RuleDraft::tls>()),
       .default_value = Prose{"any"},
       .description = "Whether the connection is encrypted.",
       .example = "false"},
      {.section = "rule",
       .key = "score",
       .kind = Bind(At<&RuleDraft::score>(), TextKind<RuleScoreRange>{.parse = ParseScoreRange,
                                                                      .text = ScoreRangeText,
                                                                      .what = "a range in quotes"}),
       .default_value = Prose{"any"},
       .description =
           "The score so far is in this range: \"5..\" is 5 or more, \"..1\" is 1 or less, "
           "\"2..4\" is from 2 to 4. It includes all evidence, and what earlier rules have added.",
       .example = R"("5..")"},
      {.section = "rule",
       .key = "listed",
       .kind = RuleTexts(At<&RuleDraft::listed>(), "names of DNS lists"),
       .default_value = Prose{"any"},
       .description = "One of these DNS lists, by their names in [[dnsbl]], lists the client, its "
                      "name, its HELO or the sender's domain. A list in bad health, or with "
                      "observe = true, never matches.",
       .example = R"(["house list"])"},
      {.section = "rule",
       .key = "spf",
       .kind =
           Words(At<&RuleDraft::spf>(), WordListKind<SpfResult>{.brackets = Brackets::kOptional}),
       .default_value = Prose{"any"},
       .description =
           "The result of SPF for the client and the sender's domain; for the null sender, the "
           "domain of the HELO name. If it is not known (DNS servers failed or were too slow), the "
           "rule does not match, whatever it asks for. \"pass\" only says that the domain's owner "
           "lets the client send: most phishing passes, so it is not a reason to accept. What "
           "rules "
           "ask for does not change the score.",
       .example = R"(["none", "fail"])"},
      {.section = "rule",
       .key = "spf_of",
       .kind = Bind(At<&RuleDraft::spf_of>(), ListKind<std::string>{.parse = CheckDomain,
                                                                    .text = Same,
                                                                    .items_name = "domains",
                                                                    .brackets = Brackets::kOptional,
                                                                    .may_be_empty = false}),
       .default_value = Prose{"any"},
       .description =
           "The client passes the SPF record of one of these domains, whoever the sender is: one "
           "of "
           "the servers of a big provider. The record is evaluated for the client, with its "
           "includes. At most 16 different domains in all rules.",
       .example = R"(["_spf.google.com"])"},
      {.section = "rule",
       .key = "account",
       .kind =
           Bind(At<&RuleDraft::account>(), ListKind<std::string>{.parse = CheckMailAccount,
                                                                 .text = Same,
                                                                 .items_name = "accounts",
                                                                 .brackets = Brackets::kOptional,
                                                                 .may_be_empty = false}),
       .default_value = Prose{"any"},
       .description =
           "The account for which the mail is sent, see ACCOUNTS in mxward(8): a service's "
           "customer, "
           "such as \"sendgrid:12345\"; \"sendgrid:*\" for all customers of that service; or an "
           "organisational domain. Only where SPF passes, or the client's name is the service's.",
       .example = R"(["sendgrid:12345", "example.org"])"},
      {.section = "rule",
       .key = "port",
       .kind = Bind(At<&RuleDraft::port>(), PortsKind()),
       .default_value = Prose{"any"},
       .description =
           "The port that the client has connected to. Postfix reports it since version 3.1.",
       .example = "[25]"},
      {.section = "rule",
       .key = "daemon",
       .kind = RuleTexts(At<&RuleDraft::daemon>(), "names"),
       .default_value = Prose{"any"},
       .description = "The MTA's name for the socket that the client has connected to: Postfix's "
                      "milter_macro_daemon_name, Sendmail's daemon name.",
       .example = R"(["mx.example.org"])"},
      {.section = "rule",
       .key = "time",
       .kind = Bind(
           At<&RuleDraft::time>(),
           ListKind<TimeWindow>{.parse = TimeWindow::Parse,
                                .text = [](const TimeWindow& window) { return window.ToString(); },
                                .items_name = "times",
                                .brackets = Brackets::kOptional,
                                .may_be_empty = false}),
       .default_value = Prose{"any"},
       .description = "The day of the week, the time of day, or both, in local time. A time that "
                      "extends past midnight belongs to the day on which it begins.",
       .example = R"(["mon-fri 18:00-08:00", "sat,sun"])"},
      {.section = "rule",
       .key = "action",
       .kind = Word(At<&RuleDraft::action>()),
       .default_value = Prose{"none"},
       .description = "Decides immediately: \"accept\" accepts the recipient without further "
                      "checks, \"defer\" sends a temporary error, \"reject\" a permanent one. "
                      "Without an action, the checks continue.",
       .example = R"("reject")"},
      {.section = "rule",
       .key = "text",
       .kind = Text(At<&RuleDraft::text>(), AnyText),
       .default_value = Prose{"a plain sentence"},
       .description =
           "The reply text for action = \"defer\" or \"reject\". Variables: {client}, "
           "{client_name}, {helo}, {sender}, {recipient} and {contact}, which is reply.contact.",
       .example = R"("No mail from {client}, see https://example.org/mail")"},
      {.section = "rule",
       .key = "code",
       .kind =
           Bind(At<&RuleDraft::code>(), TextKind<RuleReplyCode>{.parse = ParseReplyCode,
                                                                .text =
                                                                    [](const RuleReplyCode& code) {
                                                                      return fmt::format(
                                                                          "{} {}", code.code,
                                                                          code.enhanced);
                                                                    },
                                                                .what = "two codes in quotes"}),
       .default_value = Prose{R"("550 5.7.1" or "451 4.7.1")"},
       .description = "The reply codes for text.",
       .example = R"("554 5.7.1")"},
      {.section = "rule",
       .key = "greylist",
       .kind = Word(At<&RuleDraft::greylist>()),
       .default_value = Prose{"as greylist.apply says"},
       .description = "\"on\" greylists regardless of the score, \"off\" never does. If several "
                      "rules match, the first with this key counts. Trusted clients, exempt "
                      "recipients and allow entries are not affected by \"on\".",
       .example = R"("off")"},
      {.section = "rule",
       .key = "delay",
       .kind = Duration(At<&RuleDraft::delay>(), Millis(1000), std::chrono::hours(24)),
       .default_value = Prose{"greylist.delay"},
       .description = "The delay for greylisted mail, instead of greylist.delay. Does not itself "
                      "cause greylisting. If several rules match, the first with this key counts.",
       .example = R"("15m")"},
      {.section = "rule",
       .key = "add_score",
       .kind = Integer(At<&RuleDraft::add_score>(), -100, 100),
       .default_value = 0,
       .description = "Added to the score; negative values are subtracted.",
       .example = "3"},
      {.section = "rule",
       .key = "skip",
       .kind = Bind(At<&RuleDraft::skip>(), SkipKind()),
       .default_value = Prose{"[]"},
       .description =
           "Checks that are skipped: the reverse \"name\", \"helo\", \"tls\", \"spf\", the "
           "\"sender\" domain, \"history\", all DNS lists (\"dnsbl\") or one "
           "(\"dnsbl:NAME\"), and \"limits\", which then neither apply nor count.",
       .example = R"(["name", "dnsbl:house list"])"},
      {.section = "rule",
       .key = "stop",
       .kind = Flag(At<&RuleDraft::stop>()),
       .default_value = false,
       .description = "Rules after this one are not evaluated.",
       .example = "true"},
      {.section = "rule",
       .key = "observe",
       .kind = Flag(At<&RuleDraft::observe>()),
       .default_value = false,
       .description =
           "The rule has no effect; it is only counted, and the log shows what it would have done.",
       .example = "true"},
  };
  return rows;
}

// Makes a rule of a draft, or finds out why there is none.
class RuleFinisher {
 public:
  RuleFinisher(RuleDraft draft, EntryPlaces& places, const Config& config)
      : draft_(std::move(draft)), places_(places), config_(config) {}

  RuleConfig Finish() {
    places_.Need("name",
                 "write what the rule is for, such as name = \"helpdesk waits for nobody\"");
    rule_.name = draft_.name.value_or("");
    FinishMatchers();
    FinishReply();
    FinishEffects();
    return std::move(rule_);
  }

 private:
  template <class T>
  static T Taken(std::optional<T>& value) {
    return value ? *std::move(value) : T();
  }

  void FinishMatchers() {
    rule_.client = Taken(draft_.client);
    rule_.client_name = Taken(draft_.client_name);
    rule_.helo = Taken(draft_.helo);
    rule_.sender = Taken(draft_.sender);
    rule_.recipient = Taken(draft_.recipient);
    rule_.name_class = Taken(draft_.name_class);
    rule_.authenticated = draft_.authenticated;
    rule_.tls = draft_.tls;
    rule_.score_min = draft_.score.value_or(RuleScoreRange()).min;
    rule_.score_max = draft_.score.value_or(RuleScoreRange()).max;
    rule_.listed = Taken(draft_.listed);
    rule_.spf = Taken(draft_.spf);
    rule_.spf_of = Taken(draft_.spf_of);
    rule_.account = Taken(draft_.account);
    rule_.port = Taken(draft_.port);
    rule_.daemon = Taken(draft_.daemon);
    rule_.time = Taken(draft_.time);
    for (const std::string& list : rule_.listed) NeedList("listed", list);
    RefuseUnknown();
  }

  // What an MTA calls a client without a verified name is not a name, so it would never match.
  void RefuseUnknown() {
    for (std::string_view item : rule_.client_name.items()) {
      if (item.starts_with('!')) item.remove_prefix(1);
      if (ToLower(Trim(item)) != "unknown") continue;
      return places_.Problem("client_name",
                             "\"unknown\" never matches: clients without a verified name have no "
                             "name; use name_class = [\"none\", \"forged\", \"tempfail\"]");
    }
  }

  void FinishReply() {
    rule_.action = draft_.action.value_or(RuleAction::kNone);
    const bool rejects = rule_.action == RuleAction::kReject;
    if (!rejects && rule_.action != RuleAction::kDefer) {
      for (const std::string_view key : {"text", "code"}) {
        // An action that is wrong may be any.
        if (!places_.Has(key) || (places_.Has("action") && !draft_.action)) continue;
        places_.Problem(key, "is only valid with action = \"defer\" or \"reject\"");
      }
      return;
    }
    const RuleReplyCode code = draft_.code.value_or(DefaultCode(rule_.action));
    rule_.code = code.code;
    rule_.enhanced = code.enhanced;
    if ((rule_.code / 100 == 5) != rejects) {
      places_.Problem("code", rejects
                                  ? "of a rule that rejects begins with 5, such as \"550 5.7.1\""
                                  : "of a rule that defers begins with 4, such as \"451 4.7.1\"");
    }
    rule_.text = DefaultReply(rule_.action);
    if (!draft_.text) return;
    auto text =
        CheckReplyTemplate(*draft_.text, rejects ? ReplyClass::kRejects : ReplyClass::kDefers);
    if (!text) return places_.Problem("text", text.error().message);
    rule_.text = *std::move(text);
  }

  void FinishEffects() {
    rule_.greylist = draft_.greylist.value_or(RuleGreylist::kUnset);
    rule_.delay = draft_.delay;
    rule_.add_score = draft_.add_score.value_or(0);
    rule_.skip = Taken(draft_.skip);
    rule_.stop = draft_.stop.value_or(false);
    rule_.observe = draft_.observe.value_or(false);

    constexpr std::string_view kOthers[] = {"greylist", "delay", "add_score", "skip", "stop"};
    const bool decides = places_.Has("action");
    bool does_something = decides;
    for (const std::string_view key : kOthers) {
      if (!places_.Has(key)) continue;
      does_something = true;
      if (decides)
        places_.Problem(key, "has no effect together with an action, which ends the evaluation");
    }
    if (!does_something) {
      places_.Problem(
          "name",
          "this rule does nothing: give it an action, greylist, delay, add_score, skip or stop");
    }
    for (const std::string& list : rule_.skip.list_names) NeedList("skip", list);
    if (rule_.greylist == RuleGreylist::kOff && rule_.delay) {
      places_.Problem("delay", "does not go with greylist = \"off\"");
    }
    if (rule_.delay && *rule_.delay >= config_.greylist.retry_window) {
      places_.Problem("delay", fmt::format("must be shorter than greylist.retry_window = \"{}\"",
                                           FormatDuration(config_.greylist.retry_window)));
    }
  }

  void NeedList(std::string_view key, const std::string& name) {
    std::vector<std::string_view> names;
    for (const DnsblConfig& list : config_.dnsbl) {
      names.push_back(list.name);
      if (list.name == name) return;
    }
    places_.Problem(key, fmt::format("there is no DNS list called {} in [[dnsbl]]{}", Quoted(name),
                                     DidYouMean(name, names)));
  }

  RuleDraft draft_;
  EntryPlaces& places_;
  const Config& config_;
  RuleConfig rule_;
};

RuleConfig FinishRule(RuleDraft draft, EntryPlaces& places, const Config& config) {
  FillDefaults(RuleFields(), places, draft);
  return RuleFinisher(std::move(draft), places, config).Finish();
}

bool Replies(RuleAction action) {
  return action == RuleAction::kDefer || action == RuleAction::kReject;
}

template <class List>
std::optional<List> UnlessEmpty(const List& list) {
  return list.empty() ? std::nullopt : std::optional(list);
}

std::optional<match::Patterns> UnlessEmpty(const match::Patterns& patterns) {
  return patterns.items().empty() ? std::nullopt : std::optional(patterns);
}

RuleDraft WrittenRule(const RuleConfig& rule) {
  RuleDraft out;
  out.name = rule.name;
  out.client = UnlessEmpty(rule.client);
  out.client_name = UnlessEmpty(rule.client_name);
  out.helo = UnlessEmpty(rule.helo);
  out.sender = UnlessEmpty(rule.sender);
  out.recipient = UnlessEmpty(rule.recipient);
  out.name_class = UnlessEmpty(rule.name_class);
  out.authenticated = rule.authenticated;
  out.tls = rule.tls;
  if (rule.score_min || rule.score_max) out.score = {rule.score_min, rule.score_max};
  out.listed = UnlessEmpty(rule.listed);
  out.spf = UnlessEmpty(rule.spf);
  out.spf_of = UnlessEmpty(rule.spf_of);
  out.account = UnlessEmpty(rule.account);
  out.port = UnlessEmpty(rule.port);
  out.daemon = UnlessEmpty(rule.daemon);
  out.time = UnlessEmpty(rule.time);
  out.action = rule.action;
  if (Replies(rule.action)) {
    out.text = rule.text;
    out.code = {rule.code, rule.enhanced};
  }
  out.greylist = rule.greylist;
  out.delay = rule.delay;
  if (rule.add_score != 0) out.add_score = rule.add_score;
  if (rule.skip != RuleSkips()) out.skip = rule.skip;
  if (rule.action == RuleAction::kNone) out.stop = rule.stop;
  out.observe = rule.observe;
  return out;
}

RuleDraft PlainRule(const RuleConfig& rule) {
  RuleDraft out;
  for (const Field<RuleDraft>& field : RuleFields()) SetDefault(field, out);
  if (Replies(rule.action)) {
    out.text = DefaultReply(rule.action);
    out.code = DefaultCode(rule.action);
  }
  return out;
}

}  // namespace

const EntryTable<RuleDraft, RuleConfig>& RuleTable() {
  static const EntryTable<RuleDraft, RuleConfig> table = {
      // Each costs something for every recipient.
      .words = {.name = "rule", .one = "rule", .many = "rules", .max = 1000},
      .description =
          "Rules: each [[rule]] section (there may be several) defines what happens to recipients "
          "that all its matchers match; a rule without matchers matches all. Rules are evaluated "
          "in the order of the file, before allow and block entries, limits and greylisting; all "
          "that match apply, up to the first with an action or stop. Rules do not apply to clients "
          "in trust.networks; for mail from trust.relays, rules with matchers about the client do "
          "not apply. In lists of addresses or domains, an item is a domain, which also matches "
          "all below it; a mail address; \"user@\" for this local part in any domain; "
          "\"@example.org\" for the addresses of exactly that domain; a pattern in which * matches "
          "any characters; a regular expression in RE2 syntax between slashes; or "
          "\"file:/etc/mxward/NAME\", a file with one such item per line and comments after #, "
          "which is read again at every reload. An item that begins with ! is an exception: among "
          "items without * and slashes the most specific decides; a pattern or expression excepts "
          "everything that it matches.",
      .examples =
          "[[rule]]\n"
          "name = \"helpdesk waits for nobody\"\n"
          "recipient = [\"helpdesk@example.org\"]\n"
          "greylist = \"off\"\n"
          "\n"
          "[[rule]]\n"
          "name = \"no dynamic names at night\"\n"
          "name_class = [\"dynamic\"]\n"
          "time = [\"22:00-06:00\"]\n"
          "action = \"reject\"\n"
          "text = \"No mail from {client} at this time\"\n"
          "\n"
          "[[rule]]\n"
          "name = \"partners\"\n"
          "client_name = [\"file:/etc/mxward/partners\"]\n"
          "add_score = -3\n",
      .fields = RuleFields(),
      .finish = FinishRule,
      .written = WrittenRule,
      .plain = PlainRule,
  };
  return table;
}

std::span<const RuleSkipWord> RuleSkipWords() { return kSkipWords; }

}  // namespace mxward
