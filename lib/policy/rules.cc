// SPDX-License-Identifier: Apache-2.0
#include "policy/rules.h"

#include <algorithm>
#include <string_view>

#include "base/canonical_address.h"
#include "base/local_time.h"
#include "base/text.h"
#include "base/units.h"
#include "config/rule_section.h"
#include "policy/about.h"
#include "policy/outcome.h"
#include "policy/replies.h"

namespace mxward::policy {
namespace {

// No name of a host is longer (RFC 1035 2.3.4), and who says a longer one is found by its end.
constexpr std::size_t kMostHelo = 253;

template <class T>
bool Has(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// What is compared with the patterns of all rules, in the form they have.
struct Subjects {
  explicit Subjects(const Facts& facts)
      : helo(ToLower(facts.session.helo)),
        sender(facts.message.sender),
        recipient(facts.recipient) {
    while (helo.ends_with('.')) helo.pop_back();
    if (helo.size() > kMostHelo) helo.erase(0, helo.size() - kMostHelo);
  }

  std::string helo;
  CanonicalAddress sender, recipient;
};

class Matcher {
 public:
  Matcher(const Facts& facts, WallTime now) : facts_(facts), subjects_(facts), now_(now) {}

  // All but what asks for evidence.
  bool Matches(const RuleConfig& rule) const {
    const SessionFacts& session = facts_.session;
    const auto by = [](const match::Patterns& patterns, bool matches) {
      return patterns.empty() || matches;
    };
    return IsOfClass(rule) && IsAt(rule) &&
           (!rule.authenticated ||
            *rule.authenticated == !facts_.message.authenticated_user.empty()) &&
           (!rule.tls || *rule.tls == session.tls) &&
           (rule.daemon.empty() || Has(rule.daemon, session.daemon_name)) &&
           by(rule.client, session.client && rule.client.MatchesClient(*session.client)) &&
           by(rule.client_name, rule.client_name.MatchesName(session.client_name)) &&
           by(rule.recipient, rule.recipient.MatchesAddress(subjects_.recipient.text())) &&
           by(rule.sender, rule.sender.MatchesAddress(subjects_.sender.text())) &&
           by(rule.helo, rule.helo.MatchesName(subjects_.helo)) && IsNow(rule);
  }

 private:
  bool IsOfClass(const RuleConfig& rule) const {
    if (rule.name_class.empty()) return true;
    const NameClass name_class = facts_.session.name_class;
    const bool nameless = name_class == NameClass::kNone || name_class == NameClass::kTempfail;
    return Has(rule.name_class, name_class) &&
           !(nameless && facts_.name_trust != NameTrust::kCount);
  }

  bool IsAt(const RuleConfig& rule) const {
    return rule.port.empty() || std::any_of(rule.port.begin(), rule.port.end(), [&](int port) {
             return std::to_string(port) == facts_.session.daemon_port;
           });
  }

  bool IsNow(const RuleConfig& rule) const {
    if (rule.time.empty()) return true;
    const LocalTime time = LocalTimeOf(now_);
    return std::any_of(rule.time.begin(), rule.time.end(),
                       [&](const TimeWindow& window) { return window.Contains(time); });
  }

  const Facts& facts_;
  const Subjects subjects_;
  const WallTime now_;
};

bool IsListed(const RuleConfig& rule, const Evidence& evidence) {
  return std::any_of(evidence.lists.begin(), evidence.lists.end(),
                     [&](const ListEvidence& said) { return IsListing(rule, said); });
}

bool EvidenceMatches(const RuleConfig& rule, int score, const Evidence& evidence) {
  return (!rule.score_min || score >= *rule.score_min) &&
         (!rule.score_max || score <= *rule.score_max) &&
         (rule.listed.empty() || IsListed(rule, evidence));
}

bool IsOneOf(const std::vector<std::string>& accounts, std::string_view account) {
  return std::any_of(accounts.begin(), accounts.end(), [&](std::string_view item) {
    if (item.ends_with('*')) return account.starts_with(item.substr(0, item.size() - 1));
    return account == item;
  });
}

// Nothing: it depends on what wanted then has. What is known not to match wants nothing.
std::optional<bool> PermissionsMatch(const RuleConfig& rule, const Facts& facts,
                                     const Permissions& known, PermissionRequest& wanted) {
  using State = Permissions::State;
  PermissionRequest request;
  if (!rule.account.empty()) {
    if (!IsOneOf(rule.account, PossibleAccount(facts))) return false;
    const auto account = AccountOf(facts, known);
    if (account && !IsOneOf(rule.account, *account)) return false;
    request.sender = !account;
  }
  if (!rule.spf.empty()) {
    const bool asked = known.sender.state != State::kNotAsked;
    if (asked && std::none_of(rule.spf.begin(), rule.spf.end(),
                              [&](SpfResult result) { return known.sender.Is(result); })) {
      return false;
    }
    request.sender = request.sender || !asked;
  }
  if (!rule.spf_of.empty()) {
    const auto passes = [&](const std::string& domain) {
      return known.Of(domain).Is(SpfResult::kPass);
    };
    if (std::none_of(rule.spf_of.begin(), rule.spf_of.end(), passes)) {
      for (const std::string& domain : rule.spf_of) {
        if (known.Of(domain).state == State::kNotAsked) request.domains.push_back(domain);
      }
      if (request.domains.empty()) return false;
    }
  }
  if (request.empty()) return true;
  wanted = std::move(request);
  return std::nullopt;
}

void AddSkips(const RuleSkips& more, RuleSkips& skip) {
  for (const RuleSkipWord& word : RuleSkipWords()) {
    skip.*word.at = skip.*word.at || more.*word.at;
  }
  skip.list_names.insert(skip.list_names.end(), more.list_names.begin(), more.list_names.end());
}

// Its score stands beside it, unless it only observes.
std::string DetailOf(const RuleConfig& rule) {
  if (rule.observe) return "only observed: " + EffectText(rule);
  RuleConfig without_score = rule;
  without_score.add_score = 0;
  return EffectText(without_score);
}

Finding FindingOf(const RuleConfig& rule) {
  return {Check::kRule, rule.name, rule.observe ? 0 : rule.add_score, Detail().Say(DetailOf(rule))};
}

// about: whom the rule would be about if it rejected.
void AddEffects(const RuleConfig& rule, About about, RuleResult& result) {
  if (rule.action != RuleAction::kNone) {
    result.decides = &rule;
    result.about = about;
  }
  if (result.greylist == RuleGreylist::kUnset && rule.greylist != RuleGreylist::kUnset) {
    result.greylist = rule.greylist;
    result.greylist_by = &rule;
  }
  if (!result.delay) result.delay = rule.delay;
  result.score += rule.add_score;
  const bool of_client = about == About::kClient || about == About::kNobody;
  if (!of_client) result.score_of_others += std::max(0, rule.add_score);
  AddSkips(rule.skip, result.skip);
  if (rule.skip.OfScore()) result.sum.reset();
}

}  // namespace

std::string EffectText(const RuleConfig& rule) {
  std::string out(WordOf(rule.action));
  const auto add = [&out](std::string_view text) {
    if (!out.empty()) out += ", ";
    out += text;
  };
  if (rule.greylist != RuleGreylist::kUnset) {
    add(rule.greylist == RuleGreylist::kOn ? "greylist" : "no greylisting");
  }
  if (rule.delay) add("delay " + FormatDuration(*rule.delay));
  for (const RuleSkipWord& word : RuleSkipWords()) {
    if (rule.skip.*word.at) add("skip " + std::string(word.word));
  }
  for (const std::string& list : rule.skip.list_names) add("skip dnsbl " + list);
  if (rule.add_score != 0) add("score " + std::to_string(rule.add_score));
  if (rule.stop) add("stop");
  return out;
}

RuleResult ApplyRules(const Facts& facts, const Evidence* evidence, const Permissions& permissions,
                      const Config& config, WallTime now) {
  static const Evidence none;
  RuleResult result;
  const Matcher matcher(facts, now);
  for (const RuleConfig& rule : config.rule) {
    if (facts.trust == Trust::kRelay && AsksAboutClient(rule)) continue;
    if (!matcher.Matches(rule)) continue;
    Score score;
    const bool asks = rule.LooksAtEvidence() && facts.trust == Trust::kNone;
    if (asks) {
      if (evidence == nullptr || evidence->Pending()) {
        result.wants_evidence = true;
        return result;
      }
      if (!result.sum) result.sum = ComputeScore(facts.session, *evidence, config, result.skip);
      score = *result.sum;
    }
    score.total += result.score;
    score.of_others += result.score_of_others;
    if (!EvidenceMatches(rule, score.total, asks ? *evidence : none)) continue;
    if (rule.LooksAtSpf()) {
      if (facts.trust != Trust::kNone) continue;
      const std::optional<bool> matches = PermissionsMatch(rule, facts, permissions, result.wanted);
      if (!matches) return result;
      if (!*matches) continue;
    }
    result.findings.push_back(FindingOf(rule));
    result.hits.push_back({rule.name, rule.observe});
    if (rule.observe) continue;
    AddEffects(rule, AboutRule(rule, score, asks ? evidence : nullptr), result);
    if (result.decides != nullptr || rule.stop) break;
  }
  return result;
}

bool RulesUseEvidence(const Config& config) {
  return std::any_of(config.rule.begin(), config.rule.end(), [](const RuleConfig& rule) {
    return rule.LooksAtEvidence() || rule.add_score != 0 || rule.skip.OfScore();
  });
}

bool AsksAboutClient(const RuleConfig& rule) {
  return !rule.client.empty() || !rule.client_name.empty() || !rule.name_class.empty() ||
         !rule.helo.empty() || rule.LooksAtEvidence() || rule.LooksAtSpf();
}

bool IsListing(const RuleConfig& rule, const ListEvidence& said) {
  return said.scored && said.meaning.state == dnsbl::State::kListed && Has(rule.listed, said.list);
}

Outcome DecidedByRule(const RuleResult& result, const Facts& facts, const Config& config) {
  const RuleConfig& rule = *result.decides;
  Outcome outcome = Accepted(Reason::kRule, By::kRule, rule.name);
  if (rule.action == RuleAction::kAccept) return outcome;
  Decision& decision = outcome.decision;
  decision.verdict = rule.action == RuleAction::kReject ? Verdict::kReject : Verdict::kDefer;
  decision.reply = RuleReply(rule, facts, config);
  if (decision.verdict == Verdict::kReject) decision.about = result.about;
  return outcome;
}

}  // namespace mxward::policy
