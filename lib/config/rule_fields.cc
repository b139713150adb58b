// SPDX-License-Identifier: Apache-2.0
#include "config/rule_fields.h"

#include <fmt/format.h>

#include "base/units.h"
#include "config/value_text.h"

namespace mxward {
namespace {

// In the order of their enums, without the value for none.
constexpr std::string_view kRuleActionWords[] = {"accept", "defer", "reject"};
constexpr std::string_view kGreylistWords[] = {"on", "off"};

constexpr RuleSkipWord kSkipWords[] = {
    {"name", &RuleSkips::name},       {"helo", &RuleSkips::helo},   {"sender", &RuleSkips::sender},
    {"history", &RuleSkips::history}, {"dnsbl", &RuleSkips::lists}, {"limits", &RuleSkips::limits},
};

template <auto kFlag>
OptionText Flag(const RuleConfig& rule) {
  const std::optional<bool> flag = rule.*kFlag;
  return flag ? OptionText::One(*flag ? "true" : "false") : OptionText();
}

OptionText List(std::vector<std::string> items) {
  if (items.empty()) return {};
  OptionText out;
  out.is_list = true;
  out.items = std::move(items);
  return out;
}

OptionText QuotedList(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  items.reserve(texts.size());
  for (const std::string& text : texts) items.push_back(TomlQuote(text));
  return List(std::move(items));
}

template <auto kPatterns>
OptionText Items(const RuleConfig& rule) {
  return QuotedList((rule.*kPatterns).items());
}
template <auto kTexts>
OptionText Texts(const RuleConfig& rule) {
  return QuotedList(rule.*kTexts);
}

OptionText NameClasses(const RuleConfig& rule) {
  std::vector<std::string> out;
  out.reserve(rule.name_class.size());
  for (const NameClass one : rule.name_class) out.push_back(TomlQuote(NameClassWord(one)));
  return List(std::move(out));
}

OptionText ScoreRange(const RuleConfig& rule) {
  if (!rule.score_min && !rule.score_max) return {};
  return OptionText::Quoted(fmt::format("{}..{}",
                                        rule.score_min ? std::to_string(*rule.score_min) : "",
                                        rule.score_max ? std::to_string(*rule.score_max) : ""));
}

OptionText Ports(const RuleConfig& rule) {
  std::vector<std::string> out;
  out.reserve(rule.port.size());
  for (const int port : rule.port) out.push_back(std::to_string(port));
  return List(std::move(out));
}

OptionText Times(const RuleConfig& rule) {
  std::vector<std::string> out;
  out.reserve(rule.time.size());
  for (const TimeWindow& window : rule.time) out.push_back(TomlQuote(window.ToString()));
  return List(std::move(out));
}

bool Replies(const RuleConfig& rule) {
  return rule.action == RuleAction::kDefer || rule.action == RuleAction::kReject;
}

OptionText Skips(const RuleConfig& rule) {
  std::vector<std::string> out;
  for (const RuleSkipWord& word : kSkipWords) {
    if (rule.skip.*word.at) out.push_back(TomlQuote(word.word));
  }
  for (const std::string& list : rule.skip.list_names) {
    out.push_back(TomlQuote(fmt::format("{}{}", kSkipList, list)));
  }
  return List(std::move(out));
}

constexpr RuleField kRuleFields[] = {
    {"name", RuleTextKind{&RuleConfig::name, CheckRuleName},
     [](const RuleConfig& rule) { return OptionText::Quoted(rule.name); }, "none, it is needed",
     R"("helpdesk waits for nobody")",
     "What the rule is called in the log and by mxwardctl. Each rule has another name. Its "
     "counters "
     "are known by it: they outlive a reload as long as the name stays."},
    {"client",
     RulePatternsKind{&RuleConfig::client, match::Subject::kClients,
                      "IP addresses, prefixes and list files"},
     Items<&RuleConfig::client>, "any", R"(["192.0.2.0/24", "!192.0.2.7"])",
     "The client's address is one of these, or in one of these prefixes."},
    {"client_name",
     RulePatternsKind{&RuleConfig::client_name, match::Subject::kNames,
                      "domains, patterns and list files"},
     Items<&RuleConfig::client_name>, "any", R"(["example.org", "/^mail[0-9]+[.]/"])",
     "The client's verified reverse name is one of these domains or below it, or matches. A client "
     "without a verified name has none that could match."},
    {"name_class", RuleNameClassesKind(), NameClasses, "any", R"(["none", "forged"])",
     "What there is to say of the client's reverse name: \"none\", \"forged\" (it does not resolve "
     "back), \"tempfail\" (could not be looked up), \"dynamic\" (carries the address), \"good\", "
     "or "
     "\"unknown\" (the MTA did not say). \"none\" and \"tempfail\" are nobody's while the mail "
     "server's resolver seems to be broken."},
    {"helo",
     RulePatternsKind{&RuleConfig::helo, match::Subject::kNames,
                      "domains, patterns and list files"},
     Items<&RuleConfig::helo>, "any", R"("*.example.net")",
     "What the client calls itself in HELO or EHLO."},
    {"sender",
     RulePatternsKind{&RuleConfig::sender, match::Subject::kAddresses,
                      "addresses, domains, patterns and list files"},
     Items<&RuleConfig::sender>, "any", R"(["news@example.org", "<>"])",
     "The envelope sender; \"<>\" is the null sender of bounces."},
    {"recipient",
     RulePatternsKind{&RuleConfig::recipient, match::Subject::kAddresses,
                      "addresses, domains, patterns and list files"},
     Items<&RuleConfig::recipient>, "any", R"(["helpdesk@example.org"])",
     "The recipient that is to be decided about."},
    {"authenticated", RuleFlagKind{&RuleConfig::authenticated}, Flag<&RuleConfig::authenticated>,
     "any", "false", "Whether the sender has logged in (SMTP AUTH)."},
    {"tls", RuleFlagKind{&RuleConfig::tls}, Flag<&RuleConfig::tls>, "any", "false",
     "Whether the connection is encrypted."},
    {"score", RuleScoreRangeKind(), ScoreRange, "any", R"("5..")",
     "The score so far is in this range: \"5..\" from 5 on, \"..1\" up to 1, \"2..4\" both. So "
     "far: "
     "of all evidence, and of what rules before this one added."},
    {"listed", RuleTextsKind{&RuleConfig::listed, "names of DNS lists"}, Texts<&RuleConfig::listed>,
     "any", R"(["house list"])",
     "One of these DNS lists, by their names in [[dnsbl]], lists the client, its name, its HELO or "
     "the sender's domain. A list in bad health, or with observe = true, lists nobody."},
    {"port", RulePortsKind(), Ports, "any", "[25]",
     "The port that the client has come to. Postfix tells it since version 3.1."},
    {"daemon", RuleTextsKind{&RuleConfig::daemon, "names"}, Texts<&RuleConfig::daemon>, "any",
     R"(["mx.example.org"])",
     "What the MTA calls the socket that the client has come to: Postfix's "
     "milter_macro_daemon_name, Sendmail's daemon name."},
    {"time", RuleTimesKind(), Times, "any", R"(["mon-fri 18:00-08:00", "sat,sun"])",
     "It is such a day, such a time, or both, where this machine is. What reaches over midnight "
     "belongs to the day on which it begins."},
    {"action",
     RuleWordKind{kRuleActionWords,
                  [](RuleConfig& rule, std::size_t index) {
                    rule.action = static_cast<RuleAction>(index + 1);
                  }},
     [](const RuleConfig& rule) {
       return rule.action == RuleAction::kNone ? OptionText()
                                               : OptionText::Quoted(RuleActionWord(rule.action));
     },
     "none", R"("reject")",
     "Decides at once: \"accept\" lets the recipient pass without any further check, \"defer\" "
     "asks "
     "to come back later, \"reject\" refuses it. Without it the checks go on."},
    {"text", RuleTextKind{&RuleConfig::text, nullptr},
     [](const RuleConfig& rule) {
       return Replies(rule) ? OptionText::Quoted(rule.text) : OptionText();
     },
     "a plain sentence", R"("No mail from {client}, see https://example.org/mail")",
     "What is replied by action = \"defer\" or \"reject\". Variables: {client}, {client_name}, "
     "{helo}, {sender}, {recipient} and {contact}, which is reply.contact."},
    {"code", RuleCodeKind(),
     [](const RuleConfig& rule) {
       return Replies(rule) ? OptionText::Quoted(fmt::format("{} {}", rule.code, rule.enhanced))
                            : OptionText();
     },
     R"("550 5.7.1" or "451 4.7.1")", R"("554 5.7.1")", "The codes that the text is replied with."},
    {"greylist",
     RuleWordKind{kGreylistWords,
                  [](RuleConfig& rule, std::size_t index) {
                    rule.greylist = static_cast<RuleGreylist>(index + 1);
                  }},
     [](const RuleConfig& rule) {
       return rule.greylist == RuleGreylist::kUnset
                  ? OptionText()
                  : OptionText::Quoted(kGreylistWords[static_cast<std::size_t>(rule.greylist) - 1]);
     },
     "as greylist.apply says", R"("off")",
     "\"on\" greylists whether suspicious or not, \"off\" never. Of several rules that match, the "
     "first that says it counts. Who is trusted, exempt or allowed is not greylisted by a rule."},
    {"delay", RuleDelayKind(),
     [](const RuleConfig& rule) {
       return rule.delay ? OptionText::Quoted(FormatDuration(*rule.delay)) : OptionText();
     },
     "greylist.delay", R"("15m")",
     "How long who is greylisted has to wait, instead of greylist.delay. Does not greylist by "
     "itself. Of several rules that match, the first that says it counts."},
    {"add_score", RuleIntegerKind{&RuleConfig::add_score, -100, 100},
     [](const RuleConfig& rule) {
       return rule.add_score == 0 ? OptionText() : OptionText::One(std::to_string(rule.add_score));
     },
     "0", "3", "Is added to the score, or with a minus taken away from it."},
    {"skip", RuleSkipKind(), Skips, "[]", R"(["name", "dnsbl:house list"])",
     "Checks that do not count: of the reverse \"name\", \"helo\", \"sender\" domain, \"history\", "
     "all DNS lists (\"dnsbl\") or one (\"dnsbl:NAME\"), and \"limits\", which neither hold nor "
     "count."},
    {"stop", RuleFlagKind{&RuleConfig::stop},
     [](const RuleConfig& rule) {
       return rule.action == RuleAction::kNone ? Flag<&RuleConfig::stop>(rule) : OptionText();
     },
     "false", "true", "No rule behind this one is looked at."},
    {"observe", RuleFlagKind{&RuleConfig::observe}, Flag<&RuleConfig::observe>, "false", "true",
     "The rule does nothing; it only counts, and the log says what it would have done."},
};

struct RuleKindWriter {
  std::string operator()(const RuleTextKind&) const { return "a text in quotes"; }
  std::string operator()(const RulePatternsKind& kind) const {
    return fmt::format("a list of {}", kind.items);
  }
  std::string operator()(const RuleTextsKind& kind) const {
    return fmt::format("a list of {}", kind.items);
  }
  std::string operator()(const RuleFlagKind&) const { return "true or false"; }
  std::string operator()(const RuleWordKind& kind) const {
    return WordList({kind.words.begin(), kind.words.end()}, "or");
  }
  std::string operator()(const RuleIntegerKind& kind) const {
    return fmt::format("an integer from {} to {}", kind.min, kind.max);
  }
  std::string operator()(const RuleScoreRangeKind&) const { return "a range in quotes"; }
  std::string operator()(const RuleNameClassesKind&) const {
    return "a list of " + WordList({kNameClassWords.begin(), kNameClassWords.end()}, "and");
  }
  std::string operator()(const RulePortsKind&) const { return "a list of ports"; }
  std::string operator()(const RuleTimesKind&) const { return "a list of times"; }
  std::string operator()(const RuleCodeKind&) const { return "two codes in quotes"; }
  std::string operator()(const RuleDelayKind&) const { return "a duration from 1s to 1d"; }
  std::string operator()(const RuleSkipKind&) const { return "a list of checks"; }
};

}  // namespace

std::span<const RuleField> RuleFields() { return kRuleFields; }

std::string DescribeKind(const RuleField& field) {
  return std::visit(RuleKindWriter(), field.kind);
}

std::string_view RuleActionWord(RuleAction action) {
  return action == RuleAction::kNone ? "" : kRuleActionWords[static_cast<std::size_t>(action) - 1];
}

std::span<const RuleSkipWord> RuleSkipWords() { return kSkipWords; }

}  // namespace mxward
