// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/units.h"
#include "control/import_batch.h"
#include "control/route.h"
#include "control/slice.h"
#include "control/transfer.h"

namespace mxward::control {
namespace {

// Records an operation: a commit with deferrals in it takes background operations until they have
// changed 128 records.
constexpr std::size_t kRecordsPerOperation = 16;
// Longer than a batch takes on a disk that is worth its name, shorter than a connection lives.
constexpr Millis kImportDeadline{8000};

Result<void> Nothing(store::WriteTransaction& /*transaction*/) { return {}; }

void Add(MergeCounts& sum, const MergeCounts& part) {
  sum.added += part.added;
  sum.changed += part.changed;
  sum.kept += part.kept;
  sum.new_pending.insert(sum.new_pending.end(), part.new_pending.begin(), part.new_pending.end());
}

// The records in background operations, which deferrals go before, each followed by an empty
// operation that somebody waits for: so one commit comes after the other, without the quarter of a
// second in which background operations gather.
Result<MergeCounts> Write(const EngineParts& parts, std::vector<PlacedRecord> records, WallTime now,
                          const std::shared_ptr<const Config>& config) {
  struct Piece {
    std::shared_ptr<MergeCounts> counts;
    std::unique_ptr<store::Ticket> ticket;
  };
  std::vector<Piece> pieces;
  for (auto from = records.begin(); from != records.end();) {
    const auto size = std::min<std::ptrdiff_t>(kRecordsPerOperation, records.end() - from);
    std::vector<PlacedRecord> some(std::make_move_iterator(from),
                                   std::make_move_iterator(from + size));
    from += size;
    Piece piece{std::make_shared<MergeCounts>(), nullptr};
    piece.ticket = parts.writer.Submit(MergeRecords(std::move(some), now, config, piece.counts),
                                       store::Priority::kLow);
    pieces.push_back(std::move(piece));
  }
  const MonoTime end = parts.clock.Monotonic() + kImportDeadline;
  MergeCounts sum;
  for (const Piece& piece : pieces) {
    auto outcome = piece.ticket->Peek();
    while (!outcome) {
      if (parts.clock.Monotonic() >= end) {
        return Fail(ErrorCode::kTimeout, "the database did not commit in time");
      }
      MXWARD_TRY(
          parts.writer.Submit(&Nothing, store::Priority::kHigh)->Wait(config->store.deadline));
      outcome = piece.ticket->Peek();
    }
    if (!*outcome) return Fail(outcome->error());
    Add(sum, *piece.counts);
  }
  return sum;
}

// What an administrator may not expect.
Json Notices(bool has_earned, const Config& config) {
  Json notices = Json::Array();
  if (has_earned && config.greylist.auto_allow_after == 0) {
    notices.Push(
        "greylist.auto_allow_after is 0: what clients have earned is kept, but does not count");
  }
  return notices;
}

// What would become of them.
Result<MergeCounts> Try(const EngineParts& parts, const std::vector<PlacedRecord>& records,
                        WallTime now, const Config& config) {
  MXWARD_TRY(auto read, parts.environment.Read());
  MergeCounts counts;
  for (const PlacedRecord& record : records) {
    MXWARD_TRY(const auto stored, read.Get(record.table, record.key));
    static_cast<void>(MergeRecord(record, stored, now, config, counts));
  }
  return counts;
}

Answer ExportSlice(const Call& call) {
  MXWARD_TRY(const auto limit, call.params.Integer("limit", kDefaultItems, 1, kMaxItems));
  const auto after = call.params.Text("after");
  const std::vector<store::Table> tables(std::begin(kTransferTables), std::end(kTransferTables));
  MXWARD_TRY(auto cursor, after ? Cursor::Parse(*after, tables.size()) : Result<Cursor>(Cursor()));

  SliceBudget budget;
  budget.items = static_cast<std::size_t>(limit);
  Json items = Json::Array();
  const auto next = WalkSlice(call.parts.environment, tables, std::move(cursor), budget,
                              [&](std::size_t table, std::string_view key, std::string_view value) {
                                auto item = ExportRecord(tables[table], key, value);
                                if (!item) return;
                                budget.Take(200 + 2 * value.size());
                                items.Push(*std::move(item));
                              });
  if (!next) return Fail(next.error());
  TransferHeader header =
      TransferHeader::Of(call.parts.environment.hash_key(), call.config->greylist);
  header.version = call.hooks.version;
  header.created = FormatTime(call.now);
  Json answer;
  answer.Set("header", header.ToJson()).Set("items", std::move(items));
  answer.Set("next", CursorJson(*next));
  return answer;
}

Answer ImportLines(const Call& call) {
  MXWARD_TRY(const auto dry_run, call.params.Flag("dry_run"));
  MXWARD_TRY(auto batch, ReadImportBatch(call.request.body, call.parts.environment.hash_key(),
                                         *call.config, call.now));
  const bool has_earned =
      std::any_of(batch.records.begin(), batch.records.end(),
                  [](const PlacedRecord& record) { return record.table == store::Table::kEarned; });
  if (!dry_run) {
    if (const auto from = call.params.Text("from")) {
      LogChange(call, "an import from " + EscapeForLog(*from, 40) + " begins");
    }
    // Before the commit: an entry that the index does not know would not be found.
    for (const entries::Entry& entry : batch.entries) call.parts.entries.Note(entry);
  }
  MXWARD_TRY(const auto counts,
             dry_run ? Try(call.parts, batch.records, call.now, *call.config)
                     : Write(call.parts, std::move(batch.records), call.now, call.config));
  if (!dry_run) {
    for (const auto& share : counts.new_pending) call.parts.pending_counts.Add(share);
  }
  Json answer;
  answer.Set("lines", batch.lines).Set("added", counts.added).Set("changed", counts.changed);
  answer.Set("kept", counts.kept).Set("expired", batch.expired).Set("future", batch.future);
  answer.Set("hashed", batch.hashed).Set("too_wide", batch.too_wide);
  answer.Set("invalid", batch.invalid);
  Json problems = Json::Array();
  for (const ImportBatch::Problem& problem : batch.problems) {
    Json item;
    item.Set("line", problem.line).Set("message", problem.message);
    problems.Push(std::move(item));
  }
  answer.Set("problems", std::move(problems));
  answer.Set("notices", Notices(has_earned, *call.config));
  return answer;
}

Answer GetHashKey(const Call& call) {
  const HashKey& key = call.parts.environment.hash_key();
  LogChange(call, "the hash key was read");
  Json answer;
  answer.Set("hash_key", HexEncode({reinterpret_cast<const char*>(key.data()), key.size()}));
  answer.Set("hash_key_id", HashKeyId(key));
  return answer;
}

}  // namespace

Routes TransferRoutes() {
  static constexpr std::array<std::string_view, 2> kExportParams = {"limit", "after"};
  static constexpr std::array<std::string_view, 2> kImportParams = {"dry_run", "from"};
  static constexpr std::array kRoutes = {
      Route{"GET", "/v1/export", kExportParams, Access::kReads, &ExportSlice},
      Route{"POST", "/v1/import", kImportParams, Access::kImports, &ImportLines},
      Route{"GET", "/v1/hash-key", {}, Access::kSecret, &GetHashKey},
  };
  return kRoutes;
}

}  // namespace mxward::control
