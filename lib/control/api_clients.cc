// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/client_network.h"
#include "clients/client_table.h"
#include "control/items.h"
#include "control/route.h"
#include "control/slice.h"

namespace mxward::control {
namespace {

using store::Table;

constexpr std::size_t kClientBytes = 500;
constexpr std::int64_t kMaxSorted = 1000;
constexpr std::int64_t kMostRecent = 100;

// What a listing can be sorted by, the highest or latest first.
using Rank = std::int64_t (*)(const ClientRecord& record);
constexpr std::int64_t TicksOf(WallTime time) { return time.time_since_epoch().count(); }
struct Order {
  std::string_view name;
  Rank rank;
};
constexpr std::array kOrders = {
    Order{"last-seen", [](const ClientRecord& r) { return TicksOf(r.last_seen); }},
    Order{"first-seen", [](const ClientRecord& r) { return TicksOf(r.first_seen); }},
    Order{"connections", [](const ClientRecord& r) { return std::int64_t{r.connections}; }},
    Order{"passed", [](const ClientRecord& r) { return std::int64_t{r.passed}; }},
    Order{"deferred", [](const ClientRecord& r) { return std::int64_t{r.deferred}; }},
    Order{"rejected", [](const ClientRecord& r) { return std::int64_t{r.rejected}; }},
    Order{"bad", [](const ClientRecord& r) { return std::int64_t{r.bad}; }}};

Result<Rank> ParseOrder(const Params& params) {
  std::array<std::string_view, kOrders.size()> names;
  std::transform(kOrders.begin(), kOrders.end(), names.begin(),
                 [](const Order& order) { return order.name; });
  MXWARD_TRY(const auto word, params.Word("sort", names));
  return word ? kOrders[*word].rank : nullptr;
}

// The best of what is added, at most so many.
class Best {
 public:
  Best(Rank rank, std::size_t most) : rank_(rank), most_(most) {}

  void Add(std::string_view key, ClientRecord record) {
    const std::pair place{rank_(record), record.last_seen};
    if (kept_.size() == most_) {
      if (place <= kept_.front().place) return;
      std::pop_heap(kept_.begin(), kept_.end(), &IsBefore);
      kept_.pop_back();
    }
    kept_.push_back({place, std::string(key), std::move(record)});
    std::push_heap(kept_.begin(), kept_.end(), &IsBefore);
  }

  Json Items(WallTime now) && {
    std::sort(kept_.begin(), kept_.end(), &IsBefore);
    Json items = Json::Array();
    for (const Kept& one : kept_) items.Push(ClientItem(one.key, one.record, now));
    return items;
  }

 private:
  struct Kept {
    std::pair<std::int64_t, WallTime> place;
    std::string key;
    ClientRecord record;
  };
  static bool IsBefore(const Kept& a, const Kept& b) { return a.place > b.place; }

  Rank rank_;
  std::size_t most_;
  std::vector<Kept> kept_;  // a heap, the worst in front
};

// One slice of the clients, in the order of their keys: those in the store, and what is not yet
// written, as one. Returns where to go on, nothing at the end.
Result<std::optional<Cursor>> WalkClients(
    const EngineParts& parts, Cursor from, SliceBudget& budget, WallTime now,
    const std::function<void(std::string_view key, ClientRecord record)>& visitor) {
  const auto unwritten = parts.history.Unwritten();
  const bool privacy = parts.config.Get()->greylist.privacy;
  auto waiting = unwritten.lower_bound(from.key);
  const auto visit_waiting = [&](const std::optional<ClientRecord>& stored) {
    ClientRecord record = Continued(stored, waiting->second, now);
    if (privacy) record.client.reset();
    visitor(waiting->first, std::move(record));
    ++waiting;
  };
  // Where to go on when the budget is spent before a client has had its turn.
  std::optional<std::string> stopped_at;
  const auto visit_waiting_before = [&](std::optional<std::string_view> end) {
    while (waiting != unwritten.end() && (!end || waiting->first < *end)) {
      if (budget.Spent()) {
        stopped_at = waiting->first;
        return;
      }
      visit_waiting(std::nullopt);
    }
    if (end && budget.Spent()) stopped_at = *end;
  };
  auto walked = WalkSlice(parts.environment, {Table::kClients}, std::move(from), budget,
                          [&](std::size_t /*table*/, std::string_view key, std::string_view value) {
                            if (!stopped_at) visit_waiting_before(key);
                            if (stopped_at) return;
                            auto stored = ClientRecord::Decode(value);
                            if (waiting != unwritten.end() && waiting->first == key) {
                              visit_waiting(stored);
                            } else if (stored) {
                              visitor(key, *std::move(stored));
                            }
                          });
  if (!walked) return walked;
  if (!stopped_at && *walked) stopped_at = (*walked)->key;
  if (!stopped_at) {
    visit_waiting_before(std::nullopt);
  } else if (waiting != unwritten.end()) {
    stopped_at = std::min(*stopped_at, waiting->first);
  }
  if (!stopped_at) return std::optional<Cursor>();
  return std::optional(Cursor{0, *std::move(stopped_at)});
}

Answer GetClients(const Call& call) {
  std::optional<Prefix> wanted;
  if (const auto text = call.params.Text("client")) {
    const auto prefix = Prefix::Parse(*text);
    if (!prefix) return Fail("client", prefix.error());
    wanted = ClientPrefix(*prefix, call.config->clients.nat64);
  }
  MXWARD_TRY(const auto rank, ParseOrder(call.params));
  MXWARD_TRY(const auto limit, call.params.Integer("limit", kDefaultItems, 1,
                                                   rank != nullptr ? kMaxSorted : kMaxItems));
  const auto after = call.params.Text("after");
  MXWARD_TRY(auto cursor, after ? Cursor::Parse(*after, 1) : Result<Cursor>(Cursor()));

  Json items = Json::Array();
  std::int64_t unknown = 0;
  std::optional<Cursor> next;
  if (wanted && IsOneClient(*wanted)) {
    MXWARD_TRY(auto item, LiveClientItem(call.parts, wanted->address(), call.now));
    if (!item.is_null()) items.Push(std::move(item));
  } else {
    SliceBudget budget;
    Best best(rank, static_cast<std::size_t>(limit));
    if (rank == nullptr) budget.items = static_cast<std::size_t>(limit);
    auto walked = WalkClients(call.parts, std::move(cursor), budget, call.now,
                              [&](std::string_view key, ClientRecord record) {
                                if (IsExpired(record, call.now, call.config->clients.lifetime))
                                  return;
                                if (wanted && !record.client) ++unknown;
                                if (wanted && !(record.client && wanted->Contains(*record.client)))
                                  return;
                                if (rank != nullptr) {
                                  best.Add(key, std::move(record));
                                } else {
                                  budget.Take(kClientBytes);
                                  items.Push(ClientItem(key, record, call.now));
                                }
                              });
    if (!walked) return Fail(walked.error());
    next = *std::move(walked);
    if (rank != nullptr) items = std::move(best).Items(call.now);
  }
  Json answer;
  answer.Set("items", std::move(items));
  // Records that store no address (greylist.privacy), and may or may not belong to it.
  answer.Set("unknown", unknown).Set("next", CursorJson(next));
  return answer;
}

Answer GetRecentClients(const Call& call) {
  MXWARD_TRY(const auto limit, call.params.Integer("limit", kMostRecent, 1, kMostRecent));
  const auto recent = call.parts.recent_clients.Busiest(static_cast<std::size_t>(limit));
  Json items = Json::Array();
  for (const auto& one : recent.busiest) {
    Json item = BusyClientItem(one);
    const auto record = call.parts.history.Get(one.client);
    const bool known = record && *record;
    item.Set("name_class", known ? Json(WordOf((*record)->name_class)) : Json());
    item.Set("standing", known ? Json(StandingName(**record, call.now)) : Json());
    items.Push(std::move(item));
  }
  Json answer;
  answer.Set("items", std::move(items)).Set("clients", recent.clients);
  answer.Set("span_ms", recent.span.count());
  return answer;
}

}  // namespace

Routes ClientsRoutes() {
  static constexpr std::array<std::string_view, 4> kClientsParams = {"client", "sort", "limit",
                                                                     "after"};
  static constexpr std::array<std::string_view, 1> kRecentParams = {"limit"};
  static constexpr std::array kRoutes = {
      Route{"GET", "/v1/clients", kClientsParams, Access::kReads, &GetClients},
      Route{"GET", "/v1/clients/recent", kRecentParams, Access::kDaemonState, &GetRecentClients},
  };
  return kRoutes;
}

}  // namespace mxward::control
