// SPDX-License-Identifier: Apache-2.0
#include <utility>
#include <vector>

#include "clients/organisation.h"
#include "control/api.h"
#include "control/entry_params.h"
#include "control/slice.h"
#include "control/subject.h"
#include "greylist/table.h"
#include "store/bytes.h"

namespace mxward::control {
namespace {

using greylist::EarnedRecord;
using greylist::TupleKey;
using greylist::TupleRecord;
using store::Table;

// Tombstones a request: they share a commit with deferrals, whose replies wait for it.
constexpr std::size_t kTombstones = 100;

// What is stored about a subject in one slice of the store.
struct Found {
  std::vector<std::uint64_t> earned;
  std::vector<TupleKey> tuples;
  std::vector<std::uint32_t> pending_clients;  // client tags of those that count as pending
  std::int64_t unknown = 0;
  std::optional<Cursor> next;
};

Result<Found> FindRecords(store::Environment& environment, const Subject& subject, Cursor from) {
  Found found;
  SliceBudget budget;
  budget.items = kTombstones;
  const auto visit_earned = [&](std::string_view key, std::string_view value) {
    const std::uint64_t hash = store::ByteReader(key).U64();
    const auto record = EarnedRecord::Decode(value);
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
    if (record->state == greylist::State::kPending && !record->folded) {
      found.pending_clients.push_back(record->client_tag);
    }
  };
  auto next = WalkSlice(environment, {Table::kEarned, Table::kTuples}, std::move(from), budget,
                        [&](std::size_t table, std::string_view key, std::string_view value) {
                          if (table == 0) visit_earned(key, value);
                          if (table == 1) visit_tuple(key, value);
                        });
  if (!next) return Fail(next.error());
  found.next = *std::move(next);
  return found;
}

}  // namespace

Api::Answer Api::Forget(const Call& call) {
  const auto about = ParseEntryKey(call.params);
  if (!about) return Fail(about.error());
  const auto after = call.params.Text("after");
  auto cursor = after ? Cursor::Parse(*after, 2) : Result<Cursor>(Cursor());
  if (!cursor) return Fail(cursor.error());

  std::optional<entries::Entry> entry;
  if (!after) {
    auto stored = FindEntry(engine_.environment(), *about);
    if (!stored) return Fail(stored.error());
    entry = *std::move(stored);
    if (entry) {
      auto gone = engine_.ForgetEntry(about->kind, about->key);
      if (!gone) return Fail(gone.error());
    }
    // Whom it is about does not go into the log: it is to be forgotten.
    LogChange(call, "forget a " + std::string(entries::KindName(about->kind)));
  }

  const Subject subject = Subject::Of(about->kind, about->key, engine_.environment().hash_key());
  auto found = FindRecords(engine_.environment(), subject, *std::move(cursor));
  if (!found) return Fail(found.error());
  const std::size_t earned = found->earned.size();
  const std::size_t tuples = found->tuples.size();
  if (earned > 0) {
    auto done = engine_.writer()
                    .Submit(greylist::ForgetEarned(std::move(found->earned), call.now),
                            store::Urgency::kPrompt)
                    ->Wait(call.config->store.deadline);
    if (!done) return Fail(done.error());
  }
  if (tuples > 0) {
    auto done = engine_.writer()
                    .Submit(greylist::ForgetTuples(std::move(found->tuples), call.now),
                            store::Urgency::kPrompt)
                    ->Wait(call.config->store.deadline);
    if (!done) return Fail(done.error());
    for (const std::uint32_t client : found->pending_clients) {
      engine_.pending_counts().Remove(client);
    }
  }
  Json answer;
  answer.Set("kind", entries::KindName(about->kind)).Set("key", about->key);
  answer.Set("entry", entry.has_value());
  answer.Set("earned", earned).Set("tuples", tuples);
  // Records that do not store what would tell whether they belong to it (greylist.privacy).
  answer.Set("unknown", found->unknown);
  Json notices = Json::Array();
  if (about->kind == entries::Kind::kClientName && OrganisationalDomain(about->key) != about->key) {
    notices.Push("the greylist knows clients by their organisational domain; of " + about->key +
                 " alone it knows nothing");
  }
  answer.Set("notices", std::move(notices)).Set("next", CursorJson(found->next));
  return answer;
}

}  // namespace mxward::control
