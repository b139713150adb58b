// SPDX-License-Identifier: Apache-2.0
#include "config/limit_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/checks.h"
#include "config/entry_reader.h"
#include "config/limit_fields.h"
#include "config/value_text.h"

namespace mxward {
namespace {

using Kind = TomlValue::Kind;

// Each costs something for every recipient.
constexpr ArrayWords kLimitWords = {.name = "limit", .one = "limit", .many = "limits", .max = 50};

// Reads one value into a draft. Each kind of key has its own operator.
class LimitReader {
 public:
  LimitReader(const LimitField& field, const TomlValue& value, LimitDraft& draft,
              std::vector<PlacedProblem>& problems)
      : key_(kLimitWords.name, field.key, DescribeKind(field), field.example, problems),
        value_(value),
        draft_(draft) {}

  void operator()(const LimitNameKind&) { draft_.name = key_.Text(value_, CheckLimitName); }

  void operator()(const LimitWordKind& kind) {
    if (const auto index = key_.Word(value_, kind.words)) kind.set(draft_, *index);
  }

  void operator()(const LimitRateKind&) {
    // Of concurrent, 20 is as good as "20".
    const bool number = value_.kind == Kind::kInteger;
    if (!number && value_.kind != Kind::kString) return key_.WrongType(value_);
    const auto rate = LimitRate::Parse(number ? std::to_string(value_.integer) : value_.text);
    if (!rate) return key_.Problem(value_.place, rate.error().message);
    draft_.rate = *rate;
  }

  void operator()(const LimitIntegerKind& kind) {
    if (value_.kind != Kind::kInteger) return key_.WrongType(value_);
    draft_.*kind.at = key_.WithinBounds(value_, kind.min, kind.max);
  }

  void operator()(const LimitSpareKind&) {
    if (value_.kind != Kind::kArray) return key_.WrongType(value_);
    LimitSpare spare;
    for (const TomlValue& item : value_.items) AddSpare(item, spare);
    draft_.spare = std::move(spare);
  }

 private:
  void AddSpare(const TomlValue& item, LimitSpare& out) {
    if (item.kind != Kind::kString) return key_.WrongType(item);
    // Of these alone, and with a colon, a slash or a digit at the end: that is no domain.
    const std::string& text = item.text;
    const bool address = text.find_first_not_of("0123456789abcdefABCDEF.:/") == std::string::npos &&
                         (text.find_first_of(":/") != std::string::npos ||
                          text.find_last_of("0123456789") + 1 == text.size());
    if (address) {
      const auto prefix = Prefix::Parse(text);
      if (!prefix) return key_.Problem(item.place, prefix.error().message);
      out.networks.push_back(*prefix);
    } else {
      auto domain = CheckDomain(text);
      if (!domain) return key_.Problem(item.place, domain.error().message);
      out.names.push_back(*std::move(domain));
    }
  }

  KeyReader key_;
  const TomlValue& value_;
  LimitDraft& draft_;
};

// Makes a limit of a draft, or finds out why there is none.
class LimitFinisher {
 public:
  LimitFinisher(const TomlValue& table, const LimitDraft& draft,
                std::vector<PlacedProblem>& problems)
      : places_(table), draft_(draft), problems_(problems) {}

  LimitConfig Finish() {
    FinishSubject();
    FinishRate();
    FinishExtras();
    FinishAction();
    limit_.spare_networks = draft_.spare.value_or(LimitSpare()).networks;
    limit_.spare_names = draft_.spare.value_or(LimitSpare()).names;
    return std::move(limit_);
  }

 private:
  void Problem(std::string_view key, std::string_view message) {
    problems_.push_back(
        {places_.Of(key), fmt::format("{}.{}: {}", kLimitWords.name, key, message)});
  }

  // What is there but wrong has been said already.
  void NeedKey(std::string_view key, std::string_view advice) {
    if (!places_.Has(key)) Problem(key, fmt::format("is missing; {}", advice));
  }

  bool OfConnections() const {
    return draft_.count == LimitCount::kConnections || draft_.count == LimitCount::kConcurrent;
  }

  void FinishSubject() {
    if (!draft_.count) NeedKey("count", "write what is counted, such as count = \"connections\"");
    if (!draft_.per) NeedKey("per", "write whom it is counted for, such as per = \"client\"");
    if (draft_.count) limit_.count = *draft_.count;
    if (draft_.per) limit_.per = *draft_.per;
    if (!draft_.count || !draft_.per) {
      limit_.name = draft_.name.value_or("");
      return;
    }
    if (draft_.name || !places_.Has("name")) {
      limit_.name = draft_.name.value_or(DefaultLimitName(limit_.count, limit_.per));
    }
    if (limit_.per == LimitPer::kClient || limit_.per == LimitPer::kNetwork) return;
    if (OfConnections()) {
      Problem("per", fmt::format("{} can be counted per \"client\" or \"network\" only: nothing "
                                 "else is known when they come",
                                 Quoted(LimitCountWord(limit_.count))));
    } else if (limit_.count == LimitCount::kBadRecipients) {
      Problem("per",
              "\"bad-recipients\" can be counted per \"client\" or \"network\" only: it is a "
              "client that tries names");
    }
  }

  void FinishRate() {
    if (!draft_.rate) {
      return NeedKey("rate", "write how many are allowed, such as rate = \"300/1m\"");
    }
    if (!draft_.count) return;
    const LimitRate& rate = *draft_.rate;
    limit_.amount = rate.amount;
    if (limit_.count == LimitCount::kConcurrent) {
      limit_.burst = rate.amount;
      if (!rate.period) return;
      return Problem(
          "rate",
          fmt::format("of \"concurrent\" it is how many may be open, without a time: rate = \"{}\"",
                      rate.amount));
    }
    if (!rate.period) {
      return Problem("rate", fmt::format("needs a time as well, such as \"{}/1h\"", rate.amount));
    }
    limit_.period = *rate.period;
    limit_.burst = rate.burst.value_or(rate.amount);
    if (rate.burst && limit_.count == LimitCount::kBadRecipients) {
      Problem("rate", "\"bad-recipients\" have no burst: the limit is over from the amount on");
    }
  }

  // Keys that only go with some counts and subjects.
  void FinishExtras() {
    const bool bad = draft_.count == LimitCount::kBadRecipients;
    if (bad) limit_.share = draft_.share.value_or(kDefaultLimitShare);
    if (draft_.count && !bad && places_.Has("share")) {
      Problem("share", "goes with count = \"bad-recipients\" only");
    }
    const bool network = draft_.per == LimitPer::kNetwork;
    if (network) {
      limit_.prefix_v4 = draft_.prefix_v4.value_or(kDefaultLimitPrefixV4);
      limit_.prefix_v6 = draft_.prefix_v6.value_or(kDefaultLimitPrefixV6);
    }
    for (const std::string_view key : {"prefix_v4", "prefix_v6"}) {
      if (!draft_.per || network || !places_.Has(key)) continue;
      Problem(key, "goes with per = \"network\" only");
    }
  }

  void FinishAction() {
    // One that is wrong may be any, so what goes with it is not looked at.
    const bool known = draft_.action || !places_.Has("action");
    limit_.action = draft_.action.value_or(LimitAction::kDefer);
    limit_.score = draft_.score.value_or(0);
    limit_.at = draft_.at.value_or(LimitAt::kRcpt);
    const bool scores = limit_.action == LimitAction::kScore;
    if (scores) NeedKey("score", "write what the limit adds to the score, such as score = 4");
    if (known && !scores && places_.Has("score")) {
      Problem("score", "goes with action = \"score\" only");
    }
    if (limit_.at != LimitAt::kConnect) return;
    if (draft_.count && !OfConnections()) {
      Problem("at", fmt::format("{} are not known when a client connects: leave this out, or count "
                                "\"connections\" or \"concurrent\"",
                                Quoted(LimitCountWord(limit_.count))));
    } else if (scores) {
      Problem("at",
              "action = \"score\" cannot answer when a client connects: the score is added up for "
              "each recipient");
    }
  }

  Places places_;
  const LimitDraft& draft_;
  std::vector<PlacedProblem>& problems_;
  LimitConfig limit_;
};

LimitConfig ReadLimit(const TomlValue& table, std::vector<PlacedProblem>& problems) {
  LimitDraft draft;
  ReadKeys(table, kLimitWords.name, LimitFields(), problems,
           [&](const LimitField& field, const TomlValue& value) {
             std::visit(LimitReader(field, value, draft, problems), field.kind);
           });
  return LimitFinisher(table, draft, problems).Finish();
}

}  // namespace

std::vector<LimitConfig> ReadLimits(const TomlEntry& entry, std::vector<PlacedProblem>& problems) {
  return ReadEntries(entry, kLimitWords, ReadLimit, problems);
}

}  // namespace mxward
