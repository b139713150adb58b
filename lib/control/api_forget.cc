// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "clients/organisation.h"
#include "control/items.h"
#include "control/route.h"
#include "control/slice.h"
#include "control/subject.h"
#include "greylist/pending_counts.h"
#include "greylist/table.h"
#include "outcomes/missed.h"

namespace mxward::control {
namespace {

using greylist::AutoAllowRecord;
using greylist::TupleKey;
using greylist::TupleRecord;
using store::Table;

// Tombstones a request: they share a commit with deferrals, whose replies wait for it.
constexpr std::size_t kTombstones = 100;

// What is stored about a subject in one slice of the store.
struct Found {
  std::vector<IpAddress> clients;
  std::vector<std::uint64_t> earned;
  std::vector<TupleKey> tuples;
  std::vector<greylist::FoldedKey> folded;
  std::size_t folded_tuples = 0;
  std::vector<greylist::PendingShare> pending;  // of those that count as pending
  std::int64_t unknown = 0;
  std::optional<Cursor> next;
};

bool IsAboutOneClient(const Subject& subject) {
  return subject.client() && IsOneClient(*subject.client());
}

// What of a client is found by its address. One client's history need not be searched for.
std::vector<Table> TablesOf(const Subject& subject) {
  std::vector<Table> tables = {Table::kEarned, Table::kTuples};
  if (subject.client()) tables.push_back(Table::kFolded);
  if (subject.client() && !IsAboutOneClient(subject)) tables.push_back(Table::kClients);
  return tables;
}

// Whether a limit counts for such things.
bool CountsFor(const LimitConfig& limit, entries::Kind kind) {
  switch (kind) {
    case entries::Kind::kClient:
      return limit.per == LimitPer::kClient;
    case entries::Kind::kSender:
      return limit.per == LimitPer::kSender;
    case entries::Kind::kSenderDomain:
      return limit.per == LimitPer::kSenderDomain;
    case entries::Kind::kRecipient:
      return limit.per == LimitPer::kRecipient;
    case entries::Kind::kAccount:
      return limit.per == LimitPer::kAccount;
    case entries::Kind::kSpfOf:
    case entries::Kind::kClientName:
    case entries::Kind::kRecipientDomain:
      return false;
  }
  return false;
}

Result<Found> FindRecords(store::Environment& environment, const Subject& subject, Cursor from) {
  Found found;
  SliceBudget budget;
  budget.items = kTombstones;
  const auto visit_earned = [&](std::string_view key, std::string_view value) {
    const std::uint64_t hash = ByteReader(key).U64();
    const auto record = AutoAllowRecord::Decode(value);
    if (!record) return;
    const Subject::Match match = subject.Matches(hash, *record);
    if (match == Subject::Match::kUnknown) ++found.unknown;
    if (match != Subject::Match::kYes) return;
    budget.Take(0);
    found.earned.push_back(hash);
  };
  const auto visit_tuple = [&](std::string_view key_bytes, std::string_view value) {
    const auto key = TupleKey::Decode(key_bytes);
    const auto record = TupleRecord::Decode(value);
    if (!key || !record) return;
    const Subject::Match match = subject.Matches(*key, *record);
    if (match == Subject::Match::kUnknown) ++found.unknown;
    if (match != Subject::Match::kYes) return;
    budget.Take(0);
    found.tuples.push_back(*key);
    if (record->state == greylist::State::kPending) {
      found.pending.push_back(greylist::PendingCounts::ShareOf(*record, environment.hash_key()));
    }
  };
  const auto visit_folded = [&](std::string_view key_bytes, std::string_view value) {
    const auto key = greylist::FoldedKey::Decode(key_bytes);
    const auto block = greylist::FoldedBlock::Decode(value);
    if (!key || !block) return;
    const Subject::Match match = subject.Matches(*key, *block);
    if (match == Subject::Match::kUnknown) ++found.unknown;
    if (match != Subject::Match::kYes) return;
    budget.Take(0);
    found.folded.push_back(*key);
    found.folded_tuples += block->tuples.size();
    if (!block->tuples.empty()) {
      found.pending.push_back(
          greylist::PendingCounts::ShareOf(*key, *block, value.size(), environment.hash_key()));
    }
  };
  const auto visit_client = [&](std::string_view value) {
    const auto record = ClientRecord::Decode(value);
    if (!record) return;
    if (!record->client) ++found.unknown;
    if (!record->client || !subject.client()->Contains(*record->client)) return;
    budget.Take(0);
    found.clients.push_back(*record->client);
  };
  auto next = WalkSlice(environment, TablesOf(subject), std::move(from), budget,
                        [&](std::size_t table, std::string_view key, std::string_view value) {
                          if (table == 0) visit_earned(key, value);
                          if (table == 1) visit_tuple(key, value);
                          if (table == 2) visit_folded(key, value);
                          if (table == 3) visit_client(value);
                        });
  if (!next) return Fail(next.error());
  found.next = *std::move(next);
  return found;
}

// What the report keeps of organisations and clients; of single addresses it keeps nothing.
Result<void> ForgetOutcomes(const EngineParts& parts, const EntryKey& about,
                            const Subject& subject) {
  const bool domain =
      about.kind == entries::Kind::kSenderDomain || about.kind == entries::Kind::kClientName;
  if (!domain && !subject.client()) return {};
  auto ticket = parts.outcomes.Forget([&](const outcomes::Key& key) {
    return domain ? outcomes::IsAboutDomain(key, about.key)
                  : outcomes::IsAboutClient(key, *subject.client());
  });
  if (!ticket) return Fail(ticket.error());
  return (*ticket)->Wait(parts.config.Get()->store.deadline);
}

Answer ForgetSubject(const Call& call) {
  const auto about = ParseEntryKey(call.params, *call.config);
  if (!about) return Fail(about.error());
  const auto after = call.params.Text("after");
  const Subject subject = Subject::Of(about->kind, about->key, call.parts.environment.hash_key(),
                                      call.config->clients.nat64);
  MXWARD_TRY(auto cursor,
             after ? Cursor::Parse(*after, TablesOf(subject).size()) : Result<Cursor>(Cursor()));

  const auto wait = [&](std::unique_ptr<store::Ticket> ticket) {
    return ticket->Wait(call.config->store.deadline);
  };
  std::optional<entries::Entry> entry;
  std::size_t limits = 0;
  if (!after) {
    MXWARD_TRY(entry, FindEntry(call.parts.environment, *about));
    if (entry) {
      MXWARD_TRY(call.parts.entries.Forget(about->kind, about->key));
    }
    for (const LimitConfig& limit : call.config->limit) {
      if (CountsFor(limit, about->kind)) limits += call.parts.limits.Reset(limit, about->key);
    }
    if (subject.client() && !IsAboutOneClient(subject)) {
      // What has not been written yet is to be found, too.
      call.parts.history.Flush(call.config->greylist.privacy, /*all=*/true);
      auto written = wait(call.parts.writer.Submit(
          [](store::WriteTransaction&) -> Result<void> { return {}; }, store::Priority::kHigh));
      if (!written) return Fail(written.error());
    }
    MXWARD_TRY(ForgetOutcomes(call.parts, *about, subject));
    // Whom it is about does not go into the log: it is to be forgotten.
    LogChange(call, "forget a " + std::string(WordOf(about->kind)));
  }

  MXWARD_TRY(auto found, FindRecords(call.parts.environment, subject, std::move(cursor)));
  if (!after && IsAboutOneClient(subject)) {
    MXWARD_TRY(const auto record, call.parts.history.Get(subject.client()->address()));
    if (record) found.clients.push_back(subject.client()->address());
  }
  const std::size_t earned = found.earned.size();
  const std::size_t tuples = found.tuples.size();
  if (!found.folded.empty()) {
    MXWARD_TRY(wait(call.parts.writer.Submit(greylist::ForgetFolded(std::move(found.folded)),
                                             store::Priority::kHigh)));
  }
  if (earned > 0) {
    MXWARD_TRY(wait(call.parts.writer.Submit(
        greylist::ForgetAutoAllows(std::move(found.earned), call.now), store::Priority::kHigh)));
  }
  if (tuples > 0) {
    MXWARD_TRY(wait(call.parts.writer.Submit(
        greylist::ForgetTuples(std::move(found.tuples), call.now), store::Priority::kHigh)));
    for (const auto& share : found.pending) call.parts.pending_counts.Remove(share);
  }
  // In one commit.
  std::vector<std::unique_ptr<store::Ticket>> histories;
  for (const IpAddress& client : found.clients) {
    histories.push_back(call.parts.history.Forget(client));
  }
  for (auto& ticket : histories) {
    MXWARD_TRY(wait(std::move(ticket)));
  }
  Json answer;
  answer.Set("kind", WordOf(about->kind)).Set("key", about->key);
  answer.Set("entry", entry.has_value());
  answer.Set("earned", earned).Set("tuples", tuples);
  answer.Set("folded", found.folded_tuples);
  answer.Set("clients", found.clients.size()).Set("limits", limits);
  // Records that do not store what would tell whether they belong to it (greylist.privacy).
  answer.Set("unknown", found.unknown);
  Json notices = Json::Array();
  if (about->kind == entries::Kind::kClientName && OrganisationalDomain(about->key) != about->key) {
    notices.Push("the greylist knows clients by their organisational domain; of " + about->key +
                 " alone it knows nothing");
  }
  answer.Set("notices", std::move(notices)).Set("next", CursorJson(found.next));
  return answer;
}

}  // namespace

Routes ForgetRoutes() {
  static constexpr std::array<std::string_view, 3> kForgetParams = {"kind", "key", "after"};
  static constexpr std::array kRoutes = {
      Route{"POST", "/v1/forget", kForgetParams, Access::kWrites, &ForgetSubject},
  };
  return kRoutes;
}

}  // namespace mxward::control
