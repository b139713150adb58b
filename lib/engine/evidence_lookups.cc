// SPDX-License-Identifier: Apache-2.0
#include "engine/evidence_lookups.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "clients/host_name.h"
#include "clients/organisation.h"
#include "dnsbl/query_name.h"
#include "dnsbl/self_test.h"

namespace mxward {
namespace {

// A refusal is asked about again when it is older than this.
constexpr Seconds kRefusalLasts{10};

bool IsAbout(const DnsblConfig& list, DnsblOf of) {
  return std::find(list.of.begin(), list.of.end(), of) != list.of.end();
}

}  // namespace

EvidenceLookups::EvidenceLookups(Services services, std::shared_ptr<const Config> config,
                                 std::shared_ptr<dns::Progress> progress)
    : services_(services),
      config_(std::move(config)),
      watches_(services_.health.WatchesOf(config_->dnsbl)),
      progress_(std::move(progress)) {}

void EvidenceLookups::AskAboutClient(const IpAddress& client, const std::string& verified_name) {
  const std::string about = client.ToString();
  lists_.reserve(config_->dnsbl.size());
  for (std::size_t i = 0; i < config_->dnsbl.size(); ++i) {
    const DnsblConfig& list = config_->dnsbl[i];
    if (!list.AboutClients()) continue;
    AddList(i, DnsblOf::kClient, about, dnsbl::QueryName(list, client));
  }
  if (!verified_name.empty()) AddNameLists(DnsblOf::kClientName, verified_name);
  AskLists();
}

void EvidenceLookups::AskAboutHelo(std::string_view helo) {
  AddNameLists(DnsblOf::kHelo, helo);
  AskLists();
}

void EvidenceLookups::AskAboutSender(std::string_view sender, const IpAddress& client) {
  const std::string domain = SenderDomainOf(sender);
  if (domain.empty()) return;
  AddNameLists(DnsblOf::kSenderDomain, domain);
  AskLists();
  if (config_->score.AboutSenderDomains()) CheckSender(domain, client);
}

void EvidenceLookups::CheckSender(const std::string& domain, const IpAddress& client) {
  const auto questions = std::make_shared<ClientsQuestions>(
      services_.resolver, services_.notes ? &services_.trouble : nullptr, services_.clock, client);
  const MonoTime now = services_.clock.Monotonic();
  {
    const MutexLock lock(mutex_);
    asked_sender_ = true;
    sender_pending_ = true;
    sender_asked_ = now;
  }
  // Who crowds others out does so by lookups that take long.
  const auto lost = [self = shared_from_this(), questions, client] {
    questions->Stop();
    if (self->services_.notes) {
      self->services_.trouble.Note(client, self->services_.clock.Monotonic());
    }
    SenderDomainResult unknown;
    unknown.state = SenderDomainState::kUnknown;
    self->SenderKnown(std::move(unknown));
  };
  const Shares::PlacePtr slot = services_.sender_slots.Enter(client, now, lost);
  if (slot == nullptr) return lost();
  CheckSenderDomain(domain, *questions,
                    [self = shared_from_this(), questions, slot](SenderDomainResult result) {
                      self->services_.sender_slots.Leave(slot);
                      if (questions->left_out() && result.state == SenderDomainState::kUnknown) {
                        result.state = SenderDomainState::kLeftOut;
                        result.detail = "too many of this client's lookups failed or were slow";
                      }
                      self->SenderKnown(std::move(result));
                    });
}

// What is known first counts.
void EvidenceLookups::SenderKnown(SenderDomainResult result) {
  {
    const MutexLock lock(mutex_);
    if (!std::exchange(sender_pending_, false)) return;
    sender_ = std::move(result);
  }
  progress_->Add();
}

void EvidenceLookups::AddNameLists(DnsblOf of, std::string_view said) {
  std::optional<std::string> name;
  for (std::size_t i = 0; i < config_->dnsbl.size(); ++i) {
    const DnsblConfig& list = config_->dnsbl[i];
    if (!IsAbout(list, of)) continue;
    if (!name) name = HostName(said);
    if (!name) return;
    const std::string about = list.organisation ? OrganisationalDomain(*name) : *name;
    AddList(i, of, about, dnsbl::QueryName(list, about));
  }
}

void EvidenceLookups::AddList(std::size_t place, DnsblOf of, const std::string& about,
                              std::optional<std::string> name) {
  if (!name) return;
  dnsbl::ListWatch* watch = (*watches_)[place].get();
  if (watch != nullptr && !watch->Proven()) StartTest(place);
  lists_.push_back({.list = &config_->dnsbl[place],
                    .watch = watch,
                    .of = of,
                    .about = about,
                    .question = {*std::move(name), dns::RecordType::kA},
                    .asks = watch != nullptr && watch->MayAsk(),
                    .asked = services_.clock.Monotonic()});
}

// A list counts only once it has passed a test: where that is due, it is not left to the next tick.
void EvidenceLookups::StartTest(std::size_t place) {
  const dnsbl::ListWatchPtr& watch = (*watches_)[place];
  if (watch->TestDue()) {
    dnsbl::Test(config_->dnsbl[place], services_.resolver, services_.clock,
                [watch](const std::vector<dnsbl::TestPoint>& points) {
                  watch->NoteTest(dnsbl::Summarise(points));
                });
  }
  watch->AwaitTest(progress_);
}

bool EvidenceLookups::AwaitsTest(const ListLookup& lookup) const {
  return lookup.watch != nullptr && !lookup.list->observe && lookup.watch->Awaited();
}

void EvidenceLookups::AskLists() {
  {
    const MutexLock lock(mutex_);
    answers_.resize(lists_.size());
  }
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    if (lists_[i].asks) Ask(i, dns::Freshness::kCached);
  }
}

void EvidenceLookups::Ask(std::size_t index, dns::Freshness freshness) {
  const dns::Question& question = lists_[index].question;
  if (freshness == dns::Freshness::kCached) {
    if (const dns::AnswerPtr known = services_.resolver.GetCached(question)) {
      return ListAnswered(index, known, /*from_cache=*/true);
    }
  }
  services_.resolver.Ask(
      question, freshness,
      [self = shared_from_this(), index](const dns::AnswerPtr& answer, bool from_cache) {
        self->ListAnswered(index, answer, from_cache);
      });
}

// What a list said in a bad spell must not be remembered for longer than the spell: a refusal, an
// answer that is none, and whatever came while it was not trusted.
bool EvidenceLookups::IsStale(const ListLookup& lookup, const dns::Answer& answer,
                              const dnsbl::Meaning& meaning) const {
  // That somebody is not listed does no harm.
  if (answer.outcome != dns::Outcome::kFound) return false;
  if (answer.answered < lookup.watch->TrustedSince()) return true;
  return (meaning.state == dnsbl::State::kRefused || meaning.state == dnsbl::State::kBogus) &&
         services_.clock.Monotonic() - answer.answered > kRefusalLasts;
}

void EvidenceLookups::ListAnswered(std::size_t index, const dns::AnswerPtr& answer,
                                   bool from_cache) {
  const ListLookup& lookup = lists_[index];
  dnsbl::Meaning meaning = dnsbl::Interpret(*lookup.list, *answer);
  // What nobody was asked says nothing about the list.
  if (services_.notes && !from_cache && !answer->not_queried) lookup.watch->NoteAnswer(meaning);
  bool again = false;
  {
    const MutexLock lock(mutex_);
    ListAnswer& come = answers_[index];
    again = from_cache && !come.afresh && IsStale(lookup, *answer, meaning);
    if (again) {
      come.afresh = true;
    } else {
      come.known = true;
      come.meaning = std::move(meaning);
      come.from_cache = from_cache;
      come.said = answer->answered;
      come.came = services_.clock.Monotonic();
    }
  }
  if (again) return Ask(index, dns::Freshness::kBypassCache);
  progress_->Add();
}

policy::ListEvidence EvidenceLookups::EvidenceOf(const ListLookup& lookup,
                                                 const ListAnswer& answer) const {
  const DnsblConfig& list = *lookup.list;
  policy::ListEvidence evidence;
  evidence.list = list.name;
  evidence.of = lookup.of;
  evidence.about = lookup.about;
  evidence.max_score = list.MaxScore();
  evidence.min_score = list.MinScore();
  evidence.scored = !list.observe && lookup.watch != nullptr && lookup.watch->Counts();
  if (lookup.asks && AwaitsTest(lookup)) {
    evidence.scored = true;
    evidence.pending = true;
    return evidence;
  }
  if (list.observe) {
    evidence.condition = "only observed";
  } else if (lookup.watch != nullptr && !lookup.watch->Proven()) {
    evidence.condition = "not trusted until it has passed a test";
  } else if (!evidence.scored) {
    evidence.condition = "currently not trusted";
  }
  if (!lookup.asks) {
    evidence.condition = "currently not queried";
    evidence.meaning.detail = "unknown";
    return evidence;
  }
  if (!answer.known) {
    evidence.pending = true;
    return evidence;
  }
  evidence.meaning = answer.meaning;
  evidence.origin = answer.from_cache ? Origin::kCache : Origin::kDns;
  if (answer.from_cache) {
    evidence.age = AgeOf(answer.said);
  } else {
    evidence.latency = std::chrono::duration_cast<Millis>(answer.came - lookup.asked);
  }
  return evidence;
}

Seconds EvidenceLookups::AgeOf(MonoTime answered) const {
  const auto age = services_.clock.Monotonic() - answered;
  return std::max(Seconds(0), std::chrono::duration_cast<Seconds>(age));
}

void EvidenceLookups::Collect(policy::Evidence& evidence) const {
  const MutexLock lock(mutex_);
  evidence.lists.reserve(evidence.lists.size() + lists_.size());
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    evidence.lists.push_back(EvidenceOf(lists_[i], answers_[i]));
  }
  if (asked_sender_) {
    evidence.sender_pending = sender_pending_;
    evidence.sender = sender_;
    if (sender_.from_cache) evidence.sender_age = AgeOf(sender_.answered);
  }
}

std::optional<MonoTime> EvidenceLookups::LastAskedPending() const {
  const MutexLock lock(mutex_);
  std::optional<MonoTime> last;
  const auto consider = [&last](MonoTime asked) { last = last ? std::max(*last, asked) : asked; };
  if (sender_pending_) consider(sender_asked_);
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    const ListLookup& lookup = lists_[i];
    if (lookup.asks && (!answers_[i].known || AwaitsTest(lookup))) consider(lookup.asked);
  }
  return last;
}

std::optional<std::string> EvidenceLookups::AskedName(std::string_view list,
                                                      std::string_view about) const {
  for (const ListLookup& lookup : lists_) {
    if (lookup.list->name == list && lookup.about == about) return lookup.question.name;
  }
  return std::nullopt;
}

std::vector<EvidenceLookups::ClientListing> EvidenceLookups::ClientListings() const {
  std::vector<ClientListing> listings;
  const MutexLock lock(mutex_);
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    if (lists_[i].of != DnsblOf::kClient || !answers_[i].known) continue;
    const dnsbl::State state = answers_[i].meaning.state;
    if (state != dnsbl::State::kListed && state != dnsbl::State::kNotListed) continue;
    listings.push_back({lists_[i].watch, state == dnsbl::State::kListed});
  }
  return listings;
}

}  // namespace mxward
