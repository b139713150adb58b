// SPDX-License-Identifier: Apache-2.0
#include "engine/lookups.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "clients/host_name.h"
#include "clients/organisation.h"
#include "dnsbl/query_name.h"

namespace mxward {
namespace {

// A refusal is asked about again when it is older than this.
constexpr Seconds kRefusalLasts{10};

const DnsblConfig* FindList(const Config& config, std::string_view name) {
  const auto found = std::find_if(config.dnsbl.begin(), config.dnsbl.end(),
                                  [&](const DnsblConfig& list) { return list.name == name; });
  return found == config.dnsbl.end() ? nullptr : &*found;
}

bool IsAbout(const DnsblConfig& list, DnsblOf of) {
  return std::find(list.of.begin(), list.of.end(), of) != list.of.end();
}

Seconds AgeOf(const dns::Answer& answer, MonoTime now) {
  return std::max(Seconds(0), std::chrono::duration_cast<Seconds>(now - answer.answered));
}

}  // namespace

Lookups::Lookups(Services services, std::shared_ptr<const Config> config,
                 std::shared_ptr<dns::Progress> progress)
    : services_(services), config_(std::move(config)), progress_(std::move(progress)) {}

void Lookups::AskAboutClient(const IpAddress& client, const std::string& verified_name) {
  for (const DnsblConfig& list : config_->dnsbl) {
    if (!list.AboutClients()) continue;
    AskList(list, DnsblOf::kClient, client.ToString(), dnsbl::QueryName(list, client));
  }
  if (!verified_name.empty()) AskNameLists(DnsblOf::kClientName, verified_name);
}

void Lookups::AskAboutHelo(std::string_view helo) { AskNameLists(DnsblOf::kHelo, helo); }

void Lookups::AskAboutSender(std::string_view sender) {
  const std::string domain = SenderDomainOf(sender);
  if (domain.empty()) return;
  AskNameLists(DnsblOf::kSenderDomain, domain);
  if (!config_->score.AboutSenderDomains()) return;
  const bool slot = services_.sender_slots.Enter();
  {
    const std::lock_guard lock(mutex_);
    asked_sender_ = true;
    sender_pending_ = slot;
    sender_asked_ = services_.clock.Monotonic();
    if (!slot) sender_.state = SenderDomainState::kUnknown;
  }
  if (!slot) return;
  CheckSenderDomain(domain, services_.resolver,
                    [self = shared_from_this()](SenderDomainResult result) {
                      self->services_.sender_slots.Leave();
                      {
                        const std::lock_guard lock(self->mutex_);
                        self->sender_ = std::move(result);
                        self->sender_pending_ = false;
                      }
                      self->progress_->Add();
                    });
}

void Lookups::AskNameLists(DnsblOf of, std::string_view said) {
  const auto name = HostName(said);
  if (!name) return;
  for (const DnsblConfig& list : config_->dnsbl) {
    if (!IsAbout(list, of)) continue;
    const std::string about = list.organisation ? OrganisationalDomain(*name) : *name;
    AskList(list, of, about, dnsbl::QueryName(list, about));
  }
}

void Lookups::AskList(const DnsblConfig& list, DnsblOf of, std::string about,
                      std::optional<std::string> name) {
  if (!name) return;
  ListLookup lookup;
  lookup.list = &list;
  lookup.of = of;
  lookup.about = std::move(about);
  lookup.name = *name;
  lookup.asked = services_.clock.Monotonic();
  lookup.asks = services_.health.MayAsk(list.name);
  std::size_t index = 0;
  {
    const std::lock_guard lock(mutex_);
    // A HELO may be said again.
    const bool asked_before =
        std::any_of(lists_.begin(), lists_.end(), [&](const ListLookup& other) {
          return other.list == lookup.list && other.name == lookup.name;
        });
    if (asked_before) return;
    index = lists_.size();
    lists_.push_back(lookup);
  }
  if (lookup.asks) Ask(index, lookup.name, dns::Freshness::kCached);
}

void Lookups::Ask(std::size_t index, const std::string& name, dns::Freshness freshness) {
  services_.resolver.Ask(
      {name, dns::RecordType::kA}, freshness,
      [self = shared_from_this(), index](const dns::AnswerPtr& answer, bool from_cache) {
        self->ListAnswered(index, answer, from_cache);
      });
}

// What a list said in a bad spell must not be remembered for longer than the spell: a refusal, an
// answer that is none, and whatever came while it was not trusted.
bool Lookups::IsStale(const DnsblConfig& list, const dns::Answer& answer) const {
  // That somebody is not listed does no harm.
  if (answer.outcome != dns::Outcome::kFound) return false;
  if (answer.answered < services_.health.TrustedSince(list.name)) return true;
  const dnsbl::State state = dnsbl::Interpret(list, answer).state;
  return (state == dnsbl::State::kRefused || state == dnsbl::State::kBogus) &&
         services_.clock.Monotonic() - answer.answered > kRefusalLasts;
}

void Lookups::ListAnswered(std::size_t index, const dns::AnswerPtr& answer, bool from_cache) {
  const DnsblConfig* list = nullptr;
  std::string again;
  {
    const std::lock_guard lock(mutex_);
    ListLookup& lookup = lists_[index];
    if (from_cache && !lookup.afresh && IsStale(*lookup.list, *answer)) {
      lookup.afresh = true;
      again = lookup.name;
    }
  }
  if (!again.empty()) return Ask(index, again, dns::Freshness::kFresh);
  {
    const std::lock_guard lock(mutex_);
    ListLookup& lookup = lists_[index];
    lookup.answer = answer;
    lookup.from_cache = from_cache;
    lookup.answered = services_.clock.Monotonic();
    list = lookup.list;
  }
  // What nobody was asked says nothing about the list.
  if (services_.notes && !from_cache && !answer->unasked) {
    services_.health.NoteAnswer(list->name, dnsbl::Interpret(*list, *answer));
  }
  progress_->Add();
}

policy::ListEvidence Lookups::EvidenceOf(const ListLookup& lookup, const DnsblConfig& list) const {
  policy::ListEvidence evidence;
  evidence.list = list.name;
  evidence.of = lookup.of;
  evidence.about = lookup.about;
  evidence.most = list.MaxScore();
  evidence.least = list.MinScore();
  evidence.counts = !list.observe && services_.health.Counts(list.name);
  if (list.observe) {
    evidence.condition = "only observed";
  } else if (!evidence.counts) {
    evidence.condition = "not trusted just now";
  }
  if (!lookup.asks) {
    evidence.condition = "not asked just now";
    evidence.meaning.detail = "unknown";
    return evidence;
  }
  if (lookup.answer == nullptr) {
    evidence.pending = true;
    return evidence;
  }
  evidence.meaning = dnsbl::Interpret(list, *lookup.answer);
  evidence.origin = lookup.from_cache ? Origin::kCache : Origin::kDns;
  if (lookup.from_cache) {
    evidence.age = AgeOf(*lookup.answer, services_.clock.Monotonic());
  } else {
    evidence.latency = std::chrono::duration_cast<Millis>(lookup.answered - lookup.asked);
  }
  return evidence;
}

void Lookups::Collect(const Config& config, policy::Evidence& evidence) const {
  const std::lock_guard lock(mutex_);
  for (const ListLookup& lookup : lists_) {
    const DnsblConfig* list = lookup.list;
    if (&config != config_.get()) {
      list = FindList(config, lookup.list->name);
      // Another zone under the same name was not asked.
      if (list == nullptr || list->zone != lookup.list->zone || !IsAbout(*list, lookup.of))
        continue;
    }
    evidence.lists.push_back(EvidenceOf(lookup, *list));
  }
  if (asked_sender_) {
    evidence.sender_pending = sender_pending_;
    evidence.sender = sender_;
  }
}

std::optional<MonoTime> Lookups::LastAskedPending() const {
  const std::lock_guard lock(mutex_);
  std::optional<MonoTime> last;
  const auto consider = [&last](MonoTime asked) { last = last ? std::max(*last, asked) : asked; };
  if (sender_pending_) consider(sender_asked_);
  for (const ListLookup& lookup : lists_) {
    if (lookup.asks && lookup.answer == nullptr) consider(lookup.asked);
  }
  return last;
}

std::optional<std::string> Lookups::AskedName(std::string_view list, std::string_view about) const {
  const std::lock_guard lock(mutex_);
  for (const ListLookup& lookup : lists_) {
    if (lookup.list->name == list && lookup.about == about) return lookup.name;
  }
  return std::nullopt;
}

}  // namespace mxward
