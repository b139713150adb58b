// SPDX-License-Identifier: Apache-2.0
#include "config/rule_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "base/units.h"
#include "config/checks.h"
#include "config/entry_reader.h"
#include "config/read_file.h"
#include "config/reply_template.h"
#include "config/rule_fields.h"
#include "config/value_text.h"

namespace mxward {
namespace {

using Kind = TomlValue::Kind;

// Each costs something for every recipient.
constexpr ArrayWords kRuleWords = {.name = "rule", .one = "rule", .many = "rules", .max = 1000};

constexpr std::size_t kMaxListFile = 256U << 20U;
constexpr int kMaxScore = 1000;
constexpr Millis kMostDelay = std::chrono::hours(24);

// A list, or one item without its brackets.
std::vector<const TomlValue*> ItemsOf(const TomlValue& value) {
  std::vector<const TomlValue*> out;
  if (value.kind != Kind::kArray) return {&value};
  for (const TomlValue& item : value.items) out.push_back(&item);
  return out;
}

// Reads one value into a rule. Each kind of key has its own operator.
class RuleReader {
 public:
  RuleReader(const RuleField& field, const TomlValue& value, RuleConfig& rule,
             const std::vector<Prefix>& nat64, std::vector<PlacedProblem>& problems)
      : key_(kRuleWords.name, field.key, DescribeKind(field), field.example, problems),
        value_(value),
        rule_(rule),
        nat64_(nat64) {}

  void operator()(const RuleTextKind& kind) {
    if (kind.check == nullptr) {
      if (value_.kind != Kind::kString) return key_.WrongType(value_);
      rule_.*kind.at = value_.text;
    } else if (auto text = key_.Text(value_, kind.check)) {
      rule_.*kind.at = *std::move(text);
    }
  }

  void operator()(const RulePatternsKind& kind) {
    match::PatternsBuilder builder(kind.subject, nat64_);
    std::vector<std::string> items;
    ForEachText([&](const TomlValue& item) {
      items.push_back(item.text);
      if (item.text.starts_with(kListFile)) return AddListFile(item, builder);
      if (auto added = builder.Add(item.text); !added) {
        key_.Problem(item.place, added.error().message);
      }
    });
    rule_.*kind.at = std::move(builder).Build(std::move(items));
  }

  void operator()(const RuleTextsKind& kind) {
    ForEachText([&](const TomlValue& item) { (rule_.*kind.at).push_back(item.text); });
  }

  void operator()(const RuleFlagKind& kind) {
    const auto flag = key_.Flag(value_);
    if (!flag) return;
    std::visit([&](auto at) { rule_.*at = *flag; }, kind.at);
  }

  void operator()(const RuleWordKind& kind) {
    if (const auto index = key_.Word(value_, kind.words)) kind.set(rule_, *index);
  }

  void operator()(const RuleIntegerKind& kind) {
    if (value_.kind != Kind::kInteger) return key_.WrongType(value_);
    if (const auto number = key_.WithinBounds(value_, kind.min, kind.max)) {
      rule_.*kind.at = *number;
    }
  }

  // "2..5", "2..", "..5"
  void operator()(const RuleScoreRangeKind&) {
    if (value_.kind != Kind::kString) return key_.WrongType(value_);
    const std::string_view text = value_.text;
    const std::size_t dots = text.find("..");
    const bool split = dots != std::string_view::npos && text.size() > 2;
    const bool good =
        split && Bound(text.substr(0, dots), rule_.score_min) &&
        Bound(text.substr(dots + 2), rule_.score_max) &&
        (!rule_.score_min || !rule_.score_max || *rule_.score_min <= *rule_.score_max);
    if (good) return;
    key_.Problem(
        value_.place,
        fmt::format("{} is no range: write \"5..\" for 5 and more, \"..1\" for 1 and less, "
                    "\"2..4\" for both",
                    Quoted(text)));
  }

  void operator()(const RuleNameClassesKind&) {
    for (const TomlValue* item : ItemsOf(value_)) {
      if (const auto index = key_.Word(*item, kNameClassWords)) {
        rule_.name_class.push_back(static_cast<NameClass>(*index));
      }
    }
    NeedOne();
  }

  void operator()(const RulePortsKind&) {
    for (const TomlValue* item : ItemsOf(value_)) {
      if (item->kind != Kind::kInteger) {
        key_.WrongType(*item);
      } else if (const auto port = key_.WithinBounds(*item, 1, 65535)) {
        rule_.port.push_back(*port);
      }
    }
    NeedOne();
  }

  void operator()(const RuleTimesKind&) {
    ForEachText([&](const TomlValue& item) {
      if (const auto window = TimeWindow::Parse(item.text)) {
        rule_.time.push_back(*window);
      } else {
        key_.Problem(item.place, window.error().message);
      }
    });
  }

  // "554 5.7.1"
  void operator()(const RuleCodeKind&) {
    if (value_.kind != Kind::kString) return key_.WrongType(value_);
    const std::string_view text = value_.text;
    const auto digits = [](std::string_view part) {
      return !part.empty() && part.size() <= 3 &&
             part.find_first_not_of("0123456789") == std::string_view::npos;
    };
    const std::size_t dot = text.size() > 5 ? text.find('.', 6) : std::string_view::npos;
    const bool good = dot != std::string_view::npos && digits(text.substr(0, 3)) &&
                      text[3] == ' ' && text[4] == text[0] && text[5] == '.' &&
                      digits(text.substr(6, dot - 6)) && digits(text.substr(dot + 1)) &&
                      (text[0] == '4' || text[0] == '5');
    if (!good) {
      return key_.Problem(value_.place,
                          fmt::format("{} is no code: write an SMTP code and a status "
                                      "code of the same class, such as \"550 5.7.1\"",
                                      Quoted(text)));
    }
    std::from_chars(text.data(), text.data() + 3, rule_.code);
    if (rule_.code == 421) {
      return key_.Problem(value_.place,
                          "421 would end the connection, and with it whatever else comes through "
                          "it; write \"451 4.7.1\"");
    }
    rule_.enhanced = text.substr(4);
  }

  void operator()(const RuleDelayKind&) {
    if (value_.kind != Kind::kString) return key_.WrongType(value_);
    const auto delay = ParseDuration(value_.text);
    if (!delay) return key_.Problem(value_.place, delay.error().message);
    const auto seconds = std::chrono::duration_cast<Seconds>(*delay);
    if (seconds < Seconds(1) || *delay > kMostDelay || seconds != *delay) {
      return key_.Problem(value_.place, fmt::format("must be from 1s to 1d, in whole seconds; "
                                                    "found {}",
                                                    Quoted(value_.text)));
    }
    rule_.delay = seconds;
  }

  void operator()(const RuleSkipKind&) {
    ForEachText([&](const TomlValue& item) {
      if (item.text.starts_with(kSkipList)) {
        return rule_.skip.list_names.push_back(item.text.substr(kSkipList.size()));
      }
      std::vector<std::string_view> words;
      for (const RuleSkipWord& word : RuleSkipWords()) {
        words.push_back(word.word);
        if (word.word != item.text) continue;
        rule_.skip.*word.at = true;
        return;
      }
      key_.Problem(
          item.place,
          fmt::format("knows no check {}; there are {}, and \"dnsbl:NAME\" for one DNS "
                      "list{}",
                      Quoted(item.text), WordList(words, "and"), DidYouMean(item.text, words)));
    });
  }

 private:
  template <class Each>
  void ForEachText(Each each) {
    for (const TomlValue* item : ItemsOf(value_)) {
      if (item->kind == Kind::kString) {
        each(*item);
      } else {
        key_.WrongType(*item);
      }
    }
    NeedOne();
  }

  // An empty list would match nobody, where leaving it out matches everybody.
  void NeedOne() {
    if (value_.kind == Kind::kArray && value_.items.empty()) {
      key_.Problem(value_.place, fmt::format("must not be an empty list; {}", key_.Such()));
    }
  }

  void AddListFile(const TomlValue& item, match::PatternsBuilder& builder) {
    const auto path = CheckDirectory(std::string_view(item.text).substr(kListFile.size()));
    if (!path) return key_.Problem(item.place, "a list file " + path.error().message);
    const auto content = ReadConfigFile(*path, kMaxListFile);
    if (!content) {
      return key_.Problem(item.place,
                          fmt::format("{}: {}", EscapeForLog(*path), content.error().message));
    }
    for (const std::string& complaint : builder.AddLines(*content)) {
      key_.Problem(item.place, fmt::format("{}:{}", EscapeForLog(*path), complaint));
    }
  }

  static bool Bound(std::string_view text, std::optional<int>& out) {
    if (text.empty()) return true;
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return false;
    if (number < -kMaxScore || number > kMaxScore) return false;
    out = number;
    return true;
  }

  KeyReader key_;
  const TomlValue& value_;
  RuleConfig& rule_;
  const std::vector<Prefix>& nat64_;
};

// Looks at the keys of a rule together, and fills in what it leaves open.
class RuleFinisher {
 public:
  RuleFinisher(const TomlValue& table, RuleConfig& rule, std::vector<PlacedProblem>& problems)
      : places_(table), rule_(rule), problems_(problems) {}

  void Finish(const Config& config) {
    if (!places_.Has("name")) {
      Problem("name",
              "is missing; write what the rule is for, such as name = \"helpdesk waits for "
              "nobody\"");
    }
    FinishReply();
    FinishEffects();
    for (const std::string& list : rule_.listed) NeedList("listed", list, config.dnsbl);
    for (const std::string& list : rule_.skip.list_names) NeedList("skip", list, config.dnsbl);
    if (rule_.delay && *rule_.delay >= config.greylist.retry_window) {
      Problem("delay", fmt::format("must be shorter than greylist.retry_window = \"{}\"",
                                   FormatDuration(config.greylist.retry_window)));
    }
  }

 private:
  void Problem(std::string_view key, std::string_view message) {
    problems_.push_back({places_.Of(key), fmt::format("{}.{}: {}", kRuleWords.name, key, message)});
  }

  void FinishReply() {
    const bool rejects = rule_.action == RuleAction::kReject;
    if (!rejects && rule_.action != RuleAction::kDefer) {
      for (const std::string_view key : {"text", "code"}) {
        // An action that is wrong may be any.
        if (!places_.Has(key) || (places_.Has("action") && rule_.action == RuleAction::kNone)) {
          continue;
        }
        Problem(key, "goes with action = \"defer\" or \"reject\" only");
      }
      return;
    }
    if (rule_.code == 0) {
      rule_.code = rejects ? 550 : 451;
      rule_.enhanced = rejects ? "5.7.1" : "4.7.1";
    } else if ((rule_.code / 100 == 5) != rejects) {
      Problem("code", rejects ? "of a rule that rejects begins with 5, such as \"550 5.7.1\""
                              : "of a rule that defers begins with 4, such as \"451 4.7.1\"");
    }
    if (!places_.Has("text")) {
      rule_.text = rejects ? kRuleRejects : kRuleDefers;
      return;
    }
    auto text =
        CheckReplyTemplate(rule_.text, rejects ? ReplyClass::kRejects : ReplyClass::kDefers);
    if (!text) return Problem("text", text.error().message);
    rule_.text = *std::move(text);
  }

  void FinishEffects() {
    constexpr std::string_view kOthers[] = {"greylist", "delay", "add_score", "skip", "stop"};
    const bool decides = places_.Has("action");
    bool does_something = decides;
    for (const std::string_view key : kOthers) {
      if (!places_.Has(key)) continue;
      does_something = true;
      if (decides) Problem(key, "does nothing beside an action, which ends it all");
    }
    if (!does_something) {
      Problem("name",
              "this rule does nothing: give it an action, greylist, delay, add_score, skip "
              "or stop");
    }
    if (rule_.greylist == RuleGreylist::kOff && rule_.delay) {
      Problem("delay", "does not go with greylist = \"off\"");
    }
  }

  void NeedList(std::string_view key, const std::string& name,
                const std::vector<DnsblConfig>& lists) {
    std::vector<std::string_view> names;
    for (const DnsblConfig& list : lists) {
      names.push_back(list.name);
      if (list.name == name) return;
    }
    Problem(key, fmt::format("there is no DNS list called {} in [[dnsbl]]{}", Quoted(name),
                             DidYouMean(name, names)));
  }

  Places places_;
  RuleConfig& rule_;
  std::vector<PlacedProblem>& problems_;
};

RuleConfig ReadRule(const TomlValue& table, const std::vector<Prefix>& nat64,
                    std::vector<PlacedProblem>& problems) {
  RuleConfig rule;
  ReadKeys(table, kRuleWords.name, RuleFields(), problems,
           [&](const RuleField& field, const TomlValue& value) {
             std::visit(RuleReader(field, value, rule, nat64, problems), field.kind);
           });
  return rule;
}

}  // namespace

std::vector<RuleConfig> ReadRules(const TomlEntry& entry, const Config& config,
                                  std::vector<PlacedProblem>& problems) {
  const auto read = [&config](const TomlValue& table, std::vector<PlacedProblem>& found) {
    return ReadRule(table, config.clients.nat64, found);
  };
  std::vector<RuleConfig> rules = ReadEntries(entry, kRuleWords, read, problems);
  std::vector<PlacedProblem> told_already;
  const std::vector<const TomlValue*> tables = TablesOf(entry, kRuleWords, told_already);
  for (std::size_t i = 0; i < rules.size() && i < tables.size(); ++i) {
    RuleFinisher(*tables[i], rules[i], problems).Finish(config);
  }
  return rules;
}

}  // namespace mxward
