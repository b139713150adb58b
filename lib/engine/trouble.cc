// SPDX-License-Identifier: Apache-2.0
#include "engine/trouble.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/client_record.h"

namespace mxward {
namespace {

dns::AnswerPtr NotAsked(const char* why, bool not_queried, MonoTime now) {
  auto answer = std::make_shared<dns::Answer>();
  answer->failure = why;
  answer->not_queried = not_queried;
  answer->answered = now;
  return answer;
}

}  // namespace

std::uint64_t Trouble::HashOf(const dns::Question& question) const {
  return SipHash(key_, question.name) + static_cast<std::uint64_t>(question.type);
}

std::uint64_t Trouble::HashOf(const IpAddress& client) const {
  return SipHash(key_, ClientOf(client).view());
}

bool Trouble::IsOverBudget(const IpAddress& client, MonoTime now) const {
  const MutexLock lock(mutex_);
  if (clients_.empty()) return false;
  const auto found = clients_.find(HashOf(client));
  return found != clients_.end() && found->second > now + (kBurst - 1) * kInterval;
}

void Trouble::Note(const IpAddress& client, MonoTime now) {
  const std::uint64_t hash = HashOf(client);
  const MutexLock lock(mutex_);
  if (clients_.size() >= kMostClients && !clients_.contains(hash)) MakeRoomForClient(now);
  MonoTime& until = clients_[hash];
  // No more than is needed to be over: the way back is never longer.
  until = std::min(std::max(until, now) + kInterval, now + kBurst * kInterval);
}

// A quarter at a time, so that it costs little each.
void Trouble::MakeRoomForClient(MonoTime now) {
  std::erase_if(clients_, [now](const auto& one) { return one.second <= now; });
  if (clients_.size() < kMostClients) return;
  std::vector<MonoTime> untils;
  untils.reserve(clients_.size());
  for (const auto& [hash, until] : clients_) untils.push_back(until);
  const auto quarter = untils.begin() + static_cast<std::ptrdiff_t>(untils.size() / 4);
  std::nth_element(untils.begin(), quarter, untils.end());
  std::size_t left = kMostClients / 4;
  std::erase_if(clients_, [&left, most = *quarter](const auto& one) {
    return left > 0 && one.second <= most && left-- > 0;
  });
}

bool Trouble::HasFailed(const dns::Question& question, MonoTime now) const {
  const MutexLock lock(mutex_);
  if (failed_.empty()) return false;
  const auto found = failed_.find(HashOf(question));
  return found != failed_.end() && now - found->second->failed < kFailedLasts;
}

void Trouble::NoteFailed(const dns::Question& question, MonoTime now) {
  const std::uint64_t hash = HashOf(question);
  const MutexLock lock(mutex_);
  if (const auto found = failed_.find(hash); found != failed_.end()) {
    names_.erase(found->second);
    failed_.erase(found);
  }
  while (!names_.empty() &&
         (names_.size() >= kMostNames || now - names_.front().failed >= kFailedLasts)) {
    failed_.erase(names_.front().hash);
    names_.pop_front();
  }
  names_.push_back({hash, now});
  failed_[hash] = std::prev(names_.end());
}

ClientsQuestions::ClientsQuestions(dns::Resolver& resolver, Trouble* trouble, const Clock& clock,
                                   IpAddress client)
    : resolver_(resolver), trouble_(trouble), clock_(clock), client_(client) {}

dns::AnswerPtr ClientsQuestions::GetCached(const dns::Question& question) {
  return resolver_.GetCached(question);
}

void ClientsQuestions::Ask(const dns::Question& question, dns::Freshness freshness,
                           dns::Callback callback) {
  const MonoTime now = clock_.Monotonic();
  const bool failed = trouble_ != nullptr && trouble_->HasFailed(question, now);
  const bool over = trouble_ != nullptr && trouble_->IsOverBudget(client_, now);
  if (stopped_ || failed || over) {
    if (const dns::AnswerPtr known = resolver_.GetCached(question)) {
      return callback(known, /*from_cache=*/true);
    }
    if (stopped_) return callback(NotAsked("given up", /*not_queried=*/true, now), false);
    if (failed) {
      return callback(NotAsked("failed less than a minute ago", /*not_queried=*/false, now), false);
    }
    left_out_ = true;
    return callback(NotAsked("not looked up", /*not_queried=*/true, now), false);
  }
  resolver_.Ask(question, freshness,
                [self = shared_from_this(), question, now, callback = std::move(callback)](
                    const dns::AnswerPtr& answer, bool from_cache) {
                  if (!from_cache) self->NoteAnswer(question, *answer, now);
                  callback(answer, from_cache);
                });
}

void ClientsQuestions::NoteAnswer(const dns::Question& question, const dns::Answer& answer,
                                  MonoTime asked) {
  if (trouble_ == nullptr || answer.not_queried) return;
  const MonoTime now = clock_.Monotonic();
  const bool failed = answer.outcome == dns::Outcome::kFailed;
  if (failed) trouble_->NoteFailed(question, now);
  if (failed || now - asked > Trouble::kSlow) trouble_->Note(client_, now);
}

bool ClientsQuestions::Wait(dns::Progress& progress, std::uint64_t seen, MonoTime until) {
  return resolver_.Wait(progress, seen, until);
}

}  // namespace mxward
