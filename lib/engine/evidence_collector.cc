// SPDX-License-Identifier: Apache-2.0
#include "engine/evidence_collector.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/guarded.h"
#include "clients/host_name.h"

namespace mxward {

namespace {

bool AnyListOf(const Config& config, DnsblOf of) {
  return std::any_of(config.dnsbl.begin(), config.dnsbl.end(), [of](const DnsblConfig& list) {
    return std::find(list.of.begin(), list.of.end(), of) != list.of.end();
  });
}

// What was asked before comes from the cache, or is under way.
bool MayAsk(const std::string& name, std::size_t most, std::set<std::string>& asked) {
  if (asked.contains(name)) return true;
  if (asked.size() >= most) return false;
  asked.insert(name);
  return true;
}

}  // namespace

std::shared_ptr<EvidenceLookups> EvidenceCollector::New() const {
  return std::make_shared<EvidenceLookups>(
      EvidenceLookups::Services{*services_.resolver, services_.health, services_.clock,
                                services_.sender_slots, services_.trouble,
                                services_.purpose == Purpose::kJudge},
      config_, progress_);
}

void EvidenceCollector::Reset() {
  config_.reset();
  client_lookups_.reset();
  helo_lookups_.reset();
  sender_lookups_.reset();
  spf_lookup_.reset();
  helo_address_.reset();
  judges_by_spf_ = false;
  permissions_.Reset();
  helos_.clear();
  senders_.clear();
  frozen_.reset();
  past_.reset();
  about_client_ = false;
  helo_.clear();
  gave_up_ = false;
  waited_ = Millis(0);
}

void EvidenceCollector::AskAboutClient(const SessionFacts& session) {
  client_lookups_.reset();
  if (!about_client_ ||
      !(AnyListOf(*config_, DnsblOf::kClient) || AnyListOf(*config_, DnsblOf::kClientName))) {
    return;
  }
  client_lookups_ = New();
  client_lookups_->AskAboutClient(*session.client, session.client_name);
}

void EvidenceCollector::AskAboutHelo() {
  helo_lookups_.reset();
  if (!about_client_ || helo_.empty() || !AnyListOf(*config_, DnsblOf::kHelo)) return;
  if (!MayAsk(helo_, kMostHelos, helos_)) return;
  helo_lookups_ = New();
  helo_lookups_->AskAboutHelo(helo_);
}

void EvidenceCollector::Connect(const SessionFacts& session, std::shared_ptr<const Config> config) {
  Reset();
  if (services_.resolver == nullptr) return;
  config_ = std::move(config);
  progress_ = std::make_shared<dns::Progress>();
  client_ = session.client.value_or(IpAddress());
  if (!session.client || session.client->IsPrivate() || session.client->IsLoopback()) return;
  about_client_ = true;
  AskAboutClient(session);
}

void EvidenceCollector::Helo(std::string_view name) {
  // Once more after STARTTLS, most often.
  if (name == helo_) return;
  helo_ = name;
  permissions_.NewHelo();
  AskAboutHelo();
}

void EvidenceCollector::EndMessage() {
  frozen_.reset();
  past_.reset();
  sender_lookups_.reset();
  spf_lookup_.reset();
  helo_address_.reset();
  judges_by_spf_ = false;
  permissions_.EndMessage();
  gave_up_ = false;
}

void EvidenceCollector::Mail(const SessionFacts& session, std::string_view sender,
                             std::shared_ptr<const Config> config) {
  EndMessage();
  if (config_ == nullptr) return;
  if (config != config_) {
    config_ = std::move(config);
    AskAboutClient(session);
    AskAboutHelo();
  }
  if (!AnyListOf(*config_, DnsblOf::kSenderDomain) && !config_->score.AboutSenderDomains()) return;
  if (!MayAsk(SenderDomainOf(sender), kMostSenders, senders_)) return;
  sender_lookups_ = New();
  sender_lookups_->AskAboutSender(sender, client_);
}

void EvidenceCollector::AskSpf(const SessionFacts& session, const MessageFacts& message) {
  if (config_ == nullptr || !about_client_ || judges_by_spf_ || frozen_ != nullptr) return;
  if (!config_->score.AboutSpf()) return;
  judges_by_spf_ = true;
  StartSpf(session, message);
}

void EvidenceCollector::StartSpf(const SessionFacts& session, const MessageFacts& message) {
  if (spf_lookup_ != nullptr) return;
  const bool notes = services_.purpose == Purpose::kJudge;
  spf_lookup_ = SpfLookup::Start({*services_.resolver, services_.spf, services_.clock,
                                  notes ? &services_.trouble : nullptr, &services_.spf_failures},
                                 {client_, message.sender, session.helo}, *config_, progress_);
}

policy::Permissions EvidenceCollector::AwaitPermissions(const SessionFacts& session,
                                                        const MessageFacts& message,
                                                        const policy::PermissionRequest& request) {
  if (config_ == nullptr || !about_client_) return PermissionLookups::Unknown(request);
  permissions_.Ask(request, session, message, *config_, spf_lookup_, progress_);
  for (;;) {
    seen_ = progress_->count();
    const auto asked = permissions_.LastAskedPending(request);
    if (!asked) break;
    const Millis deadline = config_->dns.deadline;
    const MonoTime now = services_.clock.Monotonic();
    const MonoTime until =
        std::min(*asked + deadline, now + std::max(Millis(0), deadline - waited_));
    if (until > now && Wait(until)) continue;
    services_.waits_given_up.Add();
    break;
  }
  return permissions_.Take(request);
}

bool EvidenceCollector::SenderPasses() const {
  if (permissions_.SenderPasses()) return true;
  if (spf_lookup_ == nullptr) return false;
  const policy::Evidence::Spf spf = spf_lookup_->Current();
  return spf.report != nullptr && spf.report->result == spf::ResultCode::kPass &&
         !spf.report->is_helo;
}

void EvidenceCollector::AskHeloAddress(const SessionFacts& session) {
  if (config_ == nullptr || !about_client_ || helo_address_ != nullptr || frozen_ != nullptr)
    return;
  const auto name = HostName(session.helo);
  if (!name || !MayAsk(*name, kMostHelos, helos_)) return;
  const bool notes = services_.purpose == Purpose::kJudge;
  helo_address_ = HeloLookup::Start(*name, client_, *services_.resolver, services_.clock,
                                    notes ? &services_.trouble : nullptr, progress_);
}

policy::Evidence::Spf EvidenceCollector::AwaitSpf(const SessionFacts& session,
                                                  const MessageFacts& message) {
  if (config_ == nullptr || !about_client_) return {};
  StartSpf(session, message);
  for (;;) {
    seen_ = progress_->count();
    policy::Evidence::Spf spf = Spf();
    const auto asked = spf_lookup_->LastAskedPending();
    if (!asked || gave_up_ || !WaitForAnswers(*asked)) return spf;
  }
}

policy::Evidence::Spf EvidenceCollector::Spf() const {
  return spf_lookup_ == nullptr ? policy::Evidence::Spf() : spf_lookup_->Current();
}

policy::Evidence EvidenceCollector::Current() {
  policy::Evidence evidence;
  if (config_ == nullptr) return evidence;
  // Before looking: what comes in between then ends the next wait at once.
  seen_ = progress_->count();
  for (const auto& lookups : All()) {
    if (lookups != nullptr) lookups->Collect(evidence);
  }
  if (judges_by_spf_) evidence.spf = spf_lookup_->Current();
  if (helo_address_ != nullptr) evidence.helo = helo_address_->Current();
  if (!gave_up_) return evidence;
  evidence.spf.pending = false;
  evidence.helo.pending = false;
  evidence.sender_pending = false;
  if (evidence.sender.state == SenderDomainState::kNotAsked && sender_lookups_ != nullptr) {
    evidence.sender.state = SenderDomainState::kUnknown;
  }
  for (policy::ListEvidence& list : evidence.lists) {
    if (!std::exchange(list.pending, false)) continue;
    list.meaning.state = dnsbl::State::kUnknown;
    list.meaning.detail = "no answer in time";
  }
  return evidence;
}

bool EvidenceCollector::Wait(MonoTime until) {
  const MonoTime started = services_.clock.Monotonic();
  const Shares::PlacePtr place =
      services_.slots.Enter(client_, started, [progress = progress_] { progress->Add(); });
  if (place == nullptr) return false;
  services_.waits.Add();
  const bool moved = services_.resolver->Wait(*progress_, seen_, until);
  services_.slots.Leave(place);
  waited_ += std::chrono::ceil<Millis>(services_.clock.Monotonic() - started);
  return moved && !place->lost();
}

void EvidenceCollector::WaitForMore() {
  std::optional<MonoTime> last;
  const auto consider = [&last](const auto& lookup) {
    if (lookup == nullptr) return;
    if (const auto asked = lookup->LastAskedPending()) {
      last = last ? std::max(*last, *asked) : asked;
    }
  };
  for (const auto& lookups : All()) consider(lookups);
  consider(spf_lookup_);
  consider(helo_address_);
  // Everything has come since Current() looked.
  if (last) WaitForAnswers(*last);
}

bool EvidenceCollector::WaitForAnswers(MonoTime asked) {
  const Millis deadline = config_->dns.deadline;
  const MonoTime now = services_.clock.Monotonic();
  const MonoTime until = std::min(asked + deadline, now + std::max(Millis(0), deadline - waited_));
  if (until > now && Wait(until)) return true;
  gave_up_ = true;
  services_.waits_given_up.Add();
  return false;
}

bool EvidenceCollector::Freeze(std::shared_ptr<const policy::Evidence> evidence) {
  if (frozen_ != nullptr) return false;
  frozen_ = std::move(evidence);
  if (!frozen_->Pending()) return true;
  // Nobody waits for these any more.
  auto rest = std::make_shared<policy::Evidence>(*frozen_);
  rest->sender_pending = false;
  rest->spf.pending = false;
  rest->helo.pending = false;
  std::erase_if(rest->lists, [](const policy::ListEvidence& list) { return list.pending; });
  frozen_ = std::move(rest);
  return true;
}

std::vector<EvidenceLookups::ClientListing> EvidenceCollector::ClientListings() const {
  if (client_lookups_ == nullptr) return {};
  return client_lookups_->ClientListings();
}

std::string EvidenceCollector::ListText(const policy::ListEvidence& said) {
  std::optional<std::string> name;
  for (const auto& lookups : All()) {
    if (lookups != nullptr && !name) name = lookups->AskedName(said.list, said.about);
  }
  if (!name) return "";
  auto text = std::make_shared<Guarded<dns::AnswerPtr>>();
  seen_ = progress_->count();
  services_.resolver->Ask({*name, dns::RecordType::kTxt}, dns::Freshness::kCached,
                          [text, progress = progress_](const dns::AnswerPtr& answer, bool) {
                            *text->Lock() = answer;
                            progress->Add();
                          });
  const MonoTime until =
      services_.clock.Monotonic() + std::max(Millis(0), config_->dns.deadline - waited_);
  for (;;) {
    if (const dns::AnswerPtr answer = *text->Lock()) {
      return answer->texts.empty() ? "" : answer->texts.front();
    }
    if (services_.clock.Monotonic() >= until || !Wait(until)) return "";
    seen_ = progress_->count();
  }
}

}  // namespace mxward
