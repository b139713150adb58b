// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/new_evidence.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "clients/host_name.h"

namespace mxward::cli {
namespace {

constexpr int kNetworkOfV6 = 64;

std::size_t IndexOf(Check finding) {
  using outcomes::kNewFindings;
  return static_cast<std::size_t>(std::find(kNewFindings.begin(), kNewFindings.end(), finding) -
                                  kNewFindings.begin());
}

// A log may hold anything as a name. What is no host name would neither match nor be safe to paste.
std::optional<std::string> NameOf(const SessionFacts& client) {
  if (client.name_class != NameClass::kGood) return std::nullopt;
  return HostName(client.client_name);
}

}  // namespace

void NewEvidence::Note(const SessionFacts& client, bool tls, const Decision& decision, LogFate fate,
                       WallTime when) {
  // Of these nothing new is found.
  if (!client.client || client.client->IsPrivate() || client.client->IsLoopback()) return;
  const std::optional<std::string> host = NameOf(client);
  const std::string name =
      host ? *host
           : (client.client->is_v4() ? client.client->ToString()
                                     : Prefix(*client.client, kNetworkOfV6).ToString());
  const std::uint64_t key = std::hash<std::string>()(name);
  const auto known = clients_.find(key);
  if (known != clients_.end()) {
    if (tls && !known->second) {
      known->second = true;
      ++with_tls_;
    }
  } else if (clients_.size() < kMostClients) {
    clients_.emplace(key, tls);
    if (tls) ++with_tls_;
  } else {
    full_ = true;
  }

  const auto cause = outcomes::CauseOf(decision, score_);
  if (!cause || cause->effect != outcomes::NewCause::Effect::kCounts) return;
  Row& row = rows_.at(IndexOf(cause->finding));
  const bool deferred = decision.verdict == Verdict::kDefer;
  const bool taken = fate == LogFate::kTaken;
  ++row.recipients;
  if (deferred) ++row.deferred;
  if (taken) ++row.taken;
  auto place = row.clients.find(name);
  if (place == row.clients.end()) {
    if (row.clients.size() >= kMostNamed) {
      row.full = true;
      return;
    }
    place = row.clients.emplace(name, Client{name, host.has_value()}).first;
  }
  Client& of = place->second;
  ++of.recipients;
  if (deferred) ++of.deferred;
  if (taken) ++of.taken;
  of.last = std::max(of.last, when);
}

const NewEvidence::Row& NewEvidence::Of(Check finding) const { return rows_.at(IndexOf(finding)); }

std::vector<const NewEvidence::Client*> NewEvidence::Newest(Check finding, std::size_t most) const {
  std::vector<const Client*> newest;
  for (const auto& [name, client] : Of(finding).clients) newest.push_back(&client);
  const std::size_t count = std::min(most, newest.size());
  std::partial_sort(newest.begin(), newest.begin() + static_cast<std::ptrdiff_t>(count),
                    newest.end(), [](const Client* a, const Client* b) {
                      return a->last != b->last ? a->last > b->last : a->name < b->name;
                    });
  newest.resize(count);
  return newest;
}

}  // namespace mxward::cli
