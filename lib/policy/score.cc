// SPDX-License-Identifier: Apache-2.0
#include "policy/score.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/units.h"
#include "clients/helo.h"

namespace mxward::policy {
namespace {

// Of the client itself: nobody's address.
Finding Make(Check check, int score, std::string detail, Origin origin) {
  return {check, "", score, Detail().Say(std::move(detail)), origin};
}

std::optional<Finding> NameFinding(const SessionFacts& session, const ScoreConfig& score) {
  switch (session.name_class) {
    case NameClass::kNone:
      return Make(Check::kRdnsNone, score.rdns_none, "no reverse name", Origin::kMta);
    case NameClass::kForged:
      return Make(Check::kRdnsForged, score.rdns_forged,
                  session.claimed_name.empty()
                      ? "the reverse name does not resolve back"
                      : session.claimed_name + " does not resolve back to the address",
                  Origin::kMta);
    case NameClass::kDynamic:
      return Make(Check::kRdnsDynamic, score.rdns_dynamic, session.client_name, Origin::kMta);
    case NameClass::kTempfail:
      return Make(Check::kRdnsTempfail, score.rdns_tempfail,
                  "the reverse name could not be looked up", Origin::kMta);
    case NameClass::kUnknown:
    case NameClass::kGood:
      break;
  }
  return std::nullopt;
}

// Of forged and dynamic names there was a PTR: whoever looks names up found it.
bool IsNameless(const SessionFacts& session) {
  return session.name_class == NameClass::kNone || session.name_class == NameClass::kTempfail;
}

std::optional<Finding> HeloFinding(const SessionFacts& session, const Config& config) {
  const ScoreConfig& score = config.score;
  switch (CheckHelo(session.helo, *session.client, config, session.mta_name)) {
    case HeloFault::kSelf:
      return Make(Check::kHeloSelf, score.helo_self, "calls itself by our name or address",
                  Origin::kMta);
    case HeloFault::kBareAddress:
      return Make(Check::kHeloIp, score.helo_ip, "a bare address", Origin::kMta);
    case HeloFault::kLiteralMismatch:
      return Make(Check::kHeloLiteralMismatch, score.helo_literal_mismatch,
                  "not the address of the client", Origin::kMta);
    case HeloFault::kNotQualified:
      return Make(Check::kHeloNotFqdn, score.helo_not_fqdn, "no qualified host name", Origin::kMta);
    case HeloFault::kNone:
      break;
  }
  return std::nullopt;
}

// name_points: of the missing reverse name that it weighs against.
std::optional<Finding> VerifiedHeloFinding(const Evidence::HeloAddress& helo,
                                           const ScoreConfig& score, int name_points) {
  if (!helo.resolves || name_points <= 0) return std::nullopt;
  Finding finding = Make(Check::kHeloVerified, std::max(score.helo_verified, -name_points),
                         helo.name + " resolves to the address", helo.origin);
  if (helo.crowded) {
    finding.score = 0;
    finding.detail.Say("; not counted: names of its domain did for too many networks this week");
  }
  return finding;
}

// What an older version did not find adds nothing for a while where that version made the database.
Finding AsNew(Finding finding, const Evidence& evidence) {
  if (!evidence.new_findings_from || finding.score == 0) return finding;
  finding.detail.Say("; counts " + std::to_string(finding.score) + " from " +
                     FormatTime(*evidence.new_findings_from).substr(0, 10));
  finding.withheld.score = std::exchange(finding.score, 0);
  return finding;
}

// Whom SPF was evaluated for, and what it says: " of example.org: ~all".
Detail& AddSpf(const spf::Report& report, Detail& detail) {
  const std::string matched = report.Matched();
  const std::string& why = matched.empty() ? report.problem : matched;
  std::string text = report.is_helo ? " of HELO " : " of ";
  text += report.domain;
  if (!why.empty()) text += ": " + why;
  return detail.Quote(report.is_helo ? Privacy::kNone : Privacy::kSenderDomain, std::move(text));
}

Origin OriginOf(const spf::Report& report) {
  return report.questions > 0 && report.from_cache == report.questions ? Origin::kCache
                                                                       : Origin::kDns;
}

// SPF was evaluated and does not pass. Of what failed on the way nothing is known.
bool IsUnauthenticated(const Evidence& evidence) {
  // Nobody makes his own verdict milder by being trouble.
  if (evidence.spf.left_out || evidence.spf.failed_again) return true;
  if (evidence.spf.report == nullptr) return false;
  switch (evidence.spf.report->result) {
    case spf::ResultCode::kNone:
    case spf::ResultCode::kNeutral:
    case spf::ResultCode::kFail:
    case spf::ResultCode::kSoftfail:
    case spf::ResultCode::kPermerror:
      return true;
    case spf::ResultCode::kPass:
    case spf::ResultCode::kTemperror:
    case spf::ResultCode::kUnknown:
      break;
  }
  return false;
}

Finding UnauthenticatedFinding(const Evidence& evidence, const ScoreConfig& score) {
  Detail detail;
  if (evidence.spf.left_out) {
    detail.Say(
        "no TLS; SPF was not evaluated: too many of this client's lookups failed or were slow");
    return {Check::kUnauthenticated, "", score.unauthenticated, std::move(detail), Origin::kOurs};
  }
  if (evidence.spf.failed_again) {
    detail.Say("no TLS; SPF failed again within the hour while the resolver works");
    return {Check::kUnauthenticated, "", score.unauthenticated, std::move(detail), Origin::kDns};
  }
  const spf::Report& report = *evidence.spf.report;
  detail.Say("no TLS; SPF " + std::string(WordOf(report.result)));
  AddSpf(report, detail);
  return {Check::kUnauthenticated, "", score.unauthenticated, std::move(detail), OriginOf(report)};
}

std::optional<Finding> TlsFinding(const SessionFacts& session, const Evidence& evidence,
                                  const Config& config, bool uses_spf) {
  if (LacksTls(session, evidence.tls_offer, config)) {
    if (uses_spf && config.score.unauthenticated > config.score.tls_none &&
        IsUnauthenticated(evidence)) {
      return AsNew(UnauthenticatedFinding(evidence, config.score), evidence);
    }
    if (config.score.tls_none == 0) return std::nullopt;
    return AsNew(Make(Check::kTlsNone, config.score.tls_none, "no TLS", Origin::kMta), evidence);
  }
  // Where it is known to be offered, and only the witnesses speak against it.
  if (config.score.tls_none == 0 || evidence.tls_offer != TlsOffer::kBroken ||
      !LacksTls(session, TlsOffer::kOffered, config)) {
    return std::nullopt;
  }
  Finding finding =
      Make(Check::kTlsNone, 0, "no TLS; not counted: the mail server's TLS seems to be broken",
           Origin::kMta);
  finding.withheld = {config.score.tls_none, /*suspended=*/true};
  return finding;
}

// counts: the message comes without TLS, or is suspicious without this. Forwarders and lists fail.
std::optional<Finding> SpfFinding(const Evidence& evidence, const ScoreConfig& score, bool counts) {
  if (evidence.spf.report == nullptr) return std::nullopt;
  const spf::Report& report = *evidence.spf.report;
  const auto make = [&](Check check, int points) -> std::optional<Finding> {
    if (points == 0) return std::nullopt;
    Detail detail;
    detail.Say(std::string(WordOf(report.result)));
    AddSpf(report, detail);
    if (!counts) detail.Say("; not counted: nothing else is suspicious");
    return AsNew({check, "", counts ? points : 0, std::move(detail), OriginOf(report)}, evidence);
  };
  switch (report.result) {
    case spf::ResultCode::kFail:
      return make(Check::kSpfFail, score.spf_fail);
    case spf::ResultCode::kSoftfail:
      return make(Check::kSpfSoftfail, score.spf_softfail);
    case spf::ResultCode::kPermerror:
      return make(Check::kSpfPermerror, score.spf_permerror);
    case spf::ResultCode::kNone:
    case spf::ResultCode::kNeutral:
    case spf::ResultCode::kPass:
    case spf::ResultCode::kTemperror:
    case spf::ResultCode::kUnknown:
      break;
  }
  return std::nullopt;
}

int WorstSender(const ScoreConfig& score) {
  return std::max({0, score.sender_domain_none, score.sender_null_mx, score.sender_mx_nowhere});
}

std::optional<Finding> SenderFinding(const Evidence& evidence, const ScoreConfig& score) {
  const SenderDomainResult& sender = evidence.sender;
  const auto make = [&](Check check, int points) {
    const Origin origin = sender.from_cache ? Origin::kCache : Origin::kDns;
    // The names of its mail hosts tell whose domain it is.
    return Finding{
        check,  "",
        points, Detail().Quote(Privacy::kSenderDomain, sender.domain + ": " + sender.detail),
        origin, evidence.sender_age};
  };
  switch (sender.state) {
    case SenderDomainState::kNone:
      return make(Check::kSenderDomainNone, score.sender_domain_none);
    case SenderDomainState::kNullMx:
      return make(Check::kSenderNullMx, score.sender_null_mx);
    case SenderDomainState::kMxNowhere:
      return make(Check::kSenderMxNowhere, score.sender_mx_nowhere);
    case SenderDomainState::kLeftOut:
      // A client does not get a milder verdict by causing failures.
      return make(Check::kSenderLeftOut, WorstSender(score));
    case SenderDomainState::kUnknown:
    case SenderDomainState::kNotAsked:
    case SenderDomainState::kGood:
      break;
  }
  return std::nullopt;
}

std::optional<Finding> HistoryFinding(const StandingResult& history, const ScoreConfig& score) {
  switch (history.standing) {
    case Standing::kGood:
      return Make(Check::kHistoryGood, score.history_good, history.detail, Origin::kOurs);
    case Standing::kBad:
      return Make(Check::kHistoryBad, score.history_bad, history.detail, Origin::kOurs);
    case Standing::kNone:
      break;
  }
  return std::nullopt;
}

bool IsLookupFailure(dnsbl::State state) {
  return state == dnsbl::State::kRefused || state == dnsbl::State::kBogus ||
         state == dnsbl::State::kUnknown;
}

Finding ListFinding(const ListEvidence& said, int score) {
  const Check check = score < 0 || said.max_score <= 0 ? Check::kDnswl
                      : said.of == DnsblOf::kClient    ? Check::kDnsbl
                                                       : Check::kRhsbl;
  Detail detail;
  if (said.of != DnsblOf::kClient) {
    const bool of_sender = said.of == DnsblOf::kSenderDomain;
    detail.Quote(of_sender ? Privacy::kSenderDomain : Privacy::kNone, said.about + ": ");
  }
  detail.Say(said.meaning.detail);
  if (!said.condition.empty()) detail.Say("; the list is " + said.condition);
  return {check, said.list, score, std::move(detail), said.origin, said.age};
}

// All that one list says.
struct ListSum {
  std::string_view list;
  int highest = 0;
  int lowest = 0;
  int highest_of_client = 0;  // without what it says of the sender
  int pending_max = 0;
  int pending_min = 0;
  std::optional<std::size_t> decisive;  // the answer that score() comes from

  int score() const { return highest > 0 ? highest : lowest; }
  int max_score() const { return pending_max > 0 ? std::max(score(), pending_max) : score(); }
  int min_score() const { return highest > 0 ? highest : std::min(lowest, pending_min); }
};

bool IsSkipped(const std::string& list, const RuleSkips& skip) {
  return skip.lists ||
         std::find(skip.list_names.begin(), skip.list_names.end(), list) != skip.list_names.end();
}

// In the order in which the lists first appear, so that the findings have the config's order.
std::vector<ListSum> SumLists(const Evidence& evidence, const RuleSkips& skip) {
  std::vector<ListSum> sums;
  sums.reserve(evidence.lists.size());
  for (std::size_t i = 0; i < evidence.lists.size(); ++i) {
    const ListEvidence& said = evidence.lists[i];
    if (IsSkipped(said.list, skip)) continue;
    const auto found = std::find_if(sums.begin(), sums.end(),
                                    [&](const ListSum& sum) { return sum.list == said.list; });
    ListSum& sum = found != sums.end() ? *found : sums.emplace_back();
    sum.list = said.list;
    if (said.pending) {
      if (!said.scored) continue;
      sum.pending_max = std::max(sum.pending_max, said.max_score);
      sum.pending_min = std::min(sum.pending_min, said.min_score);
      continue;
    }
    const int score = said.scored ? said.meaning.score : 0;
    const bool tells = score > sum.highest || (sum.highest == 0 && score < sum.lowest);
    const bool noteworthy =
        said.meaning.state == dnsbl::State::kListed || IsLookupFailure(said.meaning.state);
    if (tells || (!sum.decisive && noteworthy)) sum.decisive = i;
    sum.highest = std::max(sum.highest, score);
    if (said.of != DnsblOf::kSenderDomain) {
      sum.highest_of_client = std::max(sum.highest_of_client, score);
    }
    sum.lowest = std::min(sum.lowest, score);
  }
  return sums;
}

}  // namespace

bool Evidence::Pending() const {
  return sender_pending || spf.pending || helo.pending ||
         std::any_of(lists.begin(), lists.end(),
                     [](const ListEvidence& list) { return list.pending; });
}

void Shift(int points, int of_others, Score& score) {
  score.total += points;
  score.max_total += points;
  score.min_total += points;
  score.of_others += of_others;
}

Suspicion SuspicionOf(int score, const ScoreConfig& config) {
  if (score >= config.reject) return Suspicion::kReject;
  return score >= config.greylist ? Suspicion::kSuspicious : Suspicion::kNone;
}

bool LacksTls(const SessionFacts& session, TlsOffer offer, const Config& config) {
  if (session.tls || IsSubmissionPort(session.daemon_port) || !session.client ||
      session.client->IsPrivate() || session.client->IsLoopback()) {
    return false;
  }
  switch (config.tls.offered) {
    case TlsOffered::kNo:
      return false;
    case TlsOffered::kYes:
      return true;
    case TlsOffered::kAuto:
      return offer == TlsOffer::kOffered;
  }
  return false;
}

int WorstSpf(const ScoreConfig& config, bool lacks_tls) {
  const int spf = std::max({0, config.spf_fail, config.spf_softfail, config.spf_permerror});
  return spf + (lacks_tls ? std::max(0, config.unauthenticated - config.tls_none) : 0);
}

namespace {

// spf_counts: see SpfFinding().
Score Compute(const SessionFacts& session, const Evidence& evidence, const Config& config,
              const RuleSkips& skip, bool spf_counts) {
  Score score;
  const auto add = [&score](std::optional<Finding> finding) {
    if (!finding) return;
    score.total += finding->score;
    score.findings.push_back(*std::move(finding));
  };
  int of_sender = 0;    // of score.own
  int of_nameless = 0;  // what the missing reverse name adds
  // A printer has neither a name nor a HELO of its own.
  if (session.client && !session.client->IsPrivate() && !session.client->IsLoopback()) {
    auto name = skip.name ? std::nullopt : NameFinding(session, config.score);
    if (name && IsNameless(session) && evidence.name_trust != NameTrust::kCount) {
      name->score = 0;
      name->detail.Say("; not counted: " + std::string(NameTrustText(evidence.name_trust)));
    }
    if (name && name->check == Check::kRdnsNone) of_nameless = name->score;
    add(std::move(name));
    if (!skip.helo) {
      add(HeloFinding(session, config));
      if (auto verified = VerifiedHeloFinding(evidence.helo, config.score, of_nameless)) {
        add(AsNew(*std::move(verified), evidence));
      }
    }
    if (!skip.tls) add(TlsFinding(session, evidence, config, !skip.spf));
    // What is left without another sender.
    if (!score.findings.empty() && score.findings.back().check == Check::kUnauthenticated) {
      of_sender = std::max(0, score.findings.back().score - config.score.tls_none);
    }
    if (!skip.spf) {
      const int before = score.total;
      add(SpfFinding(evidence, config.score, spf_counts));
      of_sender += score.total - before;
    }
    if (!skip.history) add(HistoryFinding(evidence.history, config.score));
  }
  const bool sender_pending = evidence.sender_pending && !skip.sender;
  if (!sender_pending && !skip.sender) {
    const int before = score.total;
    add(SenderFinding(evidence, config.score));
    of_sender += score.total - before;
  }
  const auto limited = [&config](int own) { return std::min(own, config.score.own_limit); };
  score.own = score.total;
  score.total = score.max_total = score.min_total = limited(score.own);
  int pending = sender_pending ? WorstSender(config.score) : 0;
  if (evidence.spf.pending && !skip.spf) {
    pending += WorstSpf(config.score, LacksTls(session, evidence.tls_offer, config));
  }
  score.max_total = limited(score.own + pending);
  if (evidence.helo.pending && !skip.helo) {
    score.min_total = limited(score.own - std::min(of_nameless, -config.score.helo_verified));
  }
  score.of_others = std::max(0, score.total - limited(score.own - of_sender));

  int trust = 0;
  int max_trust = 0;
  int min_trust = 0;
  int top_listing = 0;
  for (const ListSum& sum : SumLists(evidence, skip)) {
    const int said = sum.score();
    if (said > 0) {
      score.total += said;
      score.of_others += said - sum.highest_of_client;
    }
    score.listings += std::max(0, said);
    score.max_listings += std::max(0, sum.max_score());
    score.max_total += std::max(0, sum.max_score());
    score.min_total += std::max(0, sum.min_score());
    // What it adds to the findings is what it adds to the score.
    const int counted = said < 0 ? std::max(said, std::min(0, -kMaxAllowListCredit - trust)) : said;
    trust += std::min(0, said);
    min_trust += std::min(0, sum.min_score());
    max_trust += std::min(0, sum.max_score());
    if (sum.decisive) {
      Finding finding = ListFinding(evidence.lists[*sum.decisive], said);
      if (counted != said) {
        finding.score = counted;
        finding.detail.Say("; says " + std::to_string(said) + ", but allow lists take away " +
                           std::to_string(kMaxAllowListCredit) + " at most");
      }
      score.findings.push_back(std::move(finding));
      if (said > top_listing) {
        top_listing = said;
        score.top_listing = sum.decisive;
      }
    }
  }
  score.total += std::max(-kMaxAllowListCredit, trust);
  score.max_total += std::max(-kMaxAllowListCredit, max_trust);
  score.min_total += std::max(-kMaxAllowListCredit, min_trust);
  return score;
}

}  // namespace

Score ComputeScore(const SessionFacts& session, const Evidence& evidence, const Config& config,
                   const RuleSkips& skip) {
  const bool lacks_tls = LacksTls(session, evidence.tls_offer, config);
  Score score = Compute(session, evidence, config, skip, lacks_tls);
  if (lacks_tls || evidence.spf.report == nullptr || score.total < config.score.greylist) {
    return score;
  }
  return Compute(session, evidence, config, skip, /*spf_counts=*/true);
}

}  // namespace mxward::policy
