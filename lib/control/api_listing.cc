// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "base/bytes.h"
#include "control/filters.h"
#include "control/items.h"
#include "control/route.h"
#include "control/slice.h"
#include "control/subject.h"

namespace mxward::control {
namespace {

using greylist::TupleKey;
using greylist::TupleRecord;
using store::Table;

// What an item costs in the answer, roughly, beyond its addresses.
constexpr std::size_t kItemBytes = 400;

std::size_t CostOf(const TupleRecord& record) {
  return kItemBytes + record.sender.size() + record.recipient.size();
}

Result<Cursor> CursorOf(const Params& params, std::size_t tables, Cursor start = Cursor()) {
  const auto after = params.Text("after");
  return after ? Cursor::Parse(*after, tables) : Result<Cursor>(std::move(start));
}

Answer ListTuples(const Call& call, bool only_pending) {
  MXWARD_TRY(const auto filter, TupleFilter::Parse(call.params));
  MXWARD_TRY(const auto limit, call.params.Integer("limit", kDefaultItems, 1, kMaxItems));
  MXWARD_TRY(auto cursor, CursorOf(call.params, 1));

  const GreylistConfig& config = call.config->greylist;
  // Without a wish of its own, `pending` is about those who can still come back.
  const auto wanted = [&](const TupleRecord& record) {
    if (!filter.Matches(record, call.now, config)) return false;
    if (!only_pending || filter.progress) return true;
    const Progress progress = ProgressOf(record, call.now, config);
    return progress == Progress::kWaiting || progress == Progress::kOverdue;
  };
  SliceBudget budget;
  budget.items = static_cast<std::size_t>(limit);
  Json items = Json::Array();
  const auto next =
      WalkSlice(call.parts.environment, {Table::kTuples}, std::move(cursor), budget,
                [&](std::size_t /*table*/, std::string_view key_bytes, std::string_view value) {
                  const auto key = TupleKey::Decode(key_bytes);
                  const auto record = TupleRecord::Decode(value);
                  if (!key || !record || !wanted(*record)) return;
                  budget.Take(CostOf(*record));
                  items.Push(TupleItem(*key, *record, call.now, config));
                });
  if (!next) return Fail(next.error());
  Json answer;
  answer.Set("items", std::move(items)).Set("next", CursorJson(*next));
  return answer;
}

Answer GetTuples(const Call& call) { return ListTuples(call, /*only_pending=*/false); }

Answer GetPending(const Call& call) { return ListTuples(call, /*only_pending=*/true); }

Answer ShowSubject(const Call& call) {
  const auto what = call.params.NeededText("what");
  if (!what) return Fail(what.error());
  MXWARD_TRY(const auto subject,
             Subject::Guess(*what, call.parts.environment.hash_key(), call.config->clients.nat64));

  const std::vector<Table> tables = {Table::kClients, Table::kEntries, Table::kEarned,
                                     Table::kTuples};
  // The history of one client need not be searched for.
  const std::optional<Prefix>& clients = subject.client();
  const bool one = clients && IsOneClient(*clients);
  const Cursor start{clients && !one ? std::size_t{0} : std::size_t{1}, ""};
  Json client_items = Json::Array();
  Json entry_items = Json::Array();
  Json earned_items = Json::Array();
  Json tuple_items = Json::Array();
  std::int64_t unknown = 0;
  SliceBudget budget;

  const GreylistConfig& config = call.config->greylist;
  const auto visit_client = [&](std::string_view key, std::string_view value) {
    const auto record = ClientRecord::Decode(value);
    if (!record || IsExpired(*record, call.now, call.config->clients.lifetime)) return;
    if (!record->client) ++unknown;
    if (!record->client || !clients->Contains(*record->client)) return;
    budget.Take(kItemBytes);
    client_items.Push(ClientItem(key, *record, call.now));
  };
  const auto visit_entry = [&](std::string_view key, std::string_view value) {
    if (key.empty()) return;
    const auto entry = entries::Decode(static_cast<entries::Kind>(key[0]), value);
    if (!entry || !entries::InForce(*entry, call.now) || !subject.Matches(*entry)) return;
    budget.Take(kItemBytes + entry->key.size() + entry->note.size());
    entry_items.Push(EntryItem(*entry));
  };
  const auto visit_earned = [&](std::string_view key, std::string_view value) {
    const std::uint64_t hash = ByteReader(key).U64();
    const auto record = greylist::AutoAllowRecord::Decode(value);
    if (!record || greylist::IsExpired(*record, call.now, config) ||
        subject.Matches(hash, *record) != Subject::Match::kYes) {
      return;
    }
    budget.Take(kItemBytes);
    earned_items.Push(AutoAllowItem(hash, *record, call.now, config));
  };
  const auto visit_tuple = [&](std::string_view key_bytes, std::string_view value) {
    const auto key = TupleKey::Decode(key_bytes);
    const auto record = TupleRecord::Decode(value);
    if (!key || !record) return;
    const Subject::Match match = subject.Matches(*key, *record);
    if (match == Subject::Match::kUnknown) ++unknown;
    if (match != Subject::Match::kYes) return;
    budget.Take(CostOf(*record));
    tuple_items.Push(TupleItem(*key, *record, call.now, config));
  };

  std::optional<Cursor> next;
  if (const auto& key = subject.tuple_key()) {
    MXWARD_TRY(auto read, call.parts.environment.Read());
    MXWARD_TRY(const auto value, read.Get(Table::kTuples, key->Encode()));
    if (value) visit_tuple(key->Encode(), *value);
  } else {
    MXWARD_TRY(auto cursor, CursorOf(call.params, tables.size(), start));
    if (one && !call.params.Text("after")) {
      MXWARD_TRY(auto item, LiveClientItem(call.parts, clients->address(), call.now));
      if (!item.is_null()) client_items.Push(std::move(item));
    }
    auto walked =
        WalkSlice(call.parts.environment, tables, std::move(cursor), budget,
                  [&](std::size_t table, std::string_view key_bytes, std::string_view value) {
                    if (table == 0) visit_client(key_bytes, value);
                    if (table == 1) visit_entry(key_bytes, value);
                    if (table == 2) visit_earned(key_bytes, value);
                    if (table == 3) visit_tuple(key_bytes, value);
                  });
    if (!walked) return Fail(walked.error());
    next = *std::move(walked);
  }
  Json answer;
  answer.Set("what", subject.text()).Set("kind", subject.kind_name());
  answer.Set("clients", std::move(client_items));
  answer.Set("entries", std::move(entry_items)).Set("earned", std::move(earned_items));
  answer.Set("tuples", std::move(tuple_items));
  // Tuples and clients that store no addresses (greylist.privacy) and may or may not belong to it.
  answer.Set("unknown", unknown).Set("next", CursorJson(next));
  return answer;
}

}  // namespace

Routes ListingRoutes() {
  static constexpr std::array<std::string_view, 9> kTupleParams = {TupleFilter::kState,
                                                                   TupleFilter::kProgress,
                                                                   TupleFilter::kClient,
                                                                   TupleFilter::kSender,
                                                                   TupleFilter::kRecipient,
                                                                   TupleFilter::kOlderThan,
                                                                   TupleFilter::kYoungerThan,
                                                                   "limit",
                                                                   "after"};
  static constexpr std::array<std::string_view, 8> kPendingParams = {TupleFilter::kProgress,
                                                                     TupleFilter::kClient,
                                                                     TupleFilter::kSender,
                                                                     TupleFilter::kRecipient,
                                                                     TupleFilter::kOlderThan,
                                                                     TupleFilter::kYoungerThan,
                                                                     "limit",
                                                                     "after"};
  static constexpr std::array<std::string_view, 2> kShowParams = {"what", "after"};
  static constexpr std::array kRoutes = {
      Route{"GET", "/v1/tuples", kTupleParams, Access::kReads, &GetTuples},
      Route{"GET", "/v1/pending", kPendingParams, Access::kReads, &GetPending},
      Route{"GET", "/v1/show", kShowParams, Access::kReads, &ShowSubject},
  };
  return kRoutes;
}

}  // namespace mxward::control
